"""What a card is given, turn by turn, by a made-up card on a clock of its own."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.card_rate import RenderConverter
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.feed import CUT_WAIT_S, LINGER_S, PRE_ROLL_MS, STALL_LINGER_S, Feed
from satellite.audio.playback.queue import Report
from satellite.audio.playback.shaper import FADE_FRAMES, Shaper
from satellite.audio.playback.writer import Writer
from satellite.conversation.events.local import PlaybackFinished, PlaybackStarted

RATE = 24_000
PRE_ROLL = RATE * PRE_ROLL_MS // 1000
SERVER = RATE * 5 // 1000
TURN_S = 0.0002
TOLERANCE_MS = 0.3
"""A turn, and the sample that a fade ends with."""


@dataclass
class Card:
    """Plays what it was written at 24 kHz, ``block`` frames at a time (a sound server) or one by
    one (``hw:``). Each time that it is asked what it holds ``TURN_S`` have passed, and ``late_s``
    more."""

    block: int = 1
    late_s: Callable[[], float] = field(default=lambda: 0.0)
    capacity: int = RATE * 3 // 10
    now_s: float = 0.0
    buffer: array[int] = field(default_factory=lambda: array("h"))
    heard: array[int] = field(default_factory=lambda: array("h"))
    """Every sample, and a zero for each frame in which there was none."""
    reports: list[Report] = field(default_factory=list)
    dropped: bool = False
    underruns: int = 0

    def __post_init__(self) -> None:
        self.reference = Reference()
        self.feed = Feed(
            now=lambda: self.now_s, report=self.reports.extend, reference=self.reference
        )
        self.writer = Writer(self.feed, self, lambda: None)
        self._played = 0.0
        self.begin()

    def begin(self) -> None:
        self.dropped = False
        del self.buffer[:]
        self.feed.begin(RenderConverter(RATE, 1), self.capacity)

    def pass_time(self, seconds: float) -> None:
        self.now_s += seconds
        self._played += seconds * RATE
        frames = int(self._played / self.block) * self.block
        self._played -= frames
        taken, self.buffer = self.buffer[:frames], self.buffer[frames:]
        self.underruns += bool(taken) and not self.buffer
        self.heard += taken
        self.heard.frombytes(bytes(2 * (frames - len(taken))))

    def start(self) -> None:
        """``begin`` does that."""

    close = start

    def held(self) -> int:
        self.pass_time(TURN_S + self.late_s())
        return len(self.buffer)

    def offset_s(self) -> float:
        return 100.0

    def write(self, pcm: bytes, frames: int) -> None:
        assert len(pcm) == 2 * frames
        assert len(self.buffer) + frames <= self.capacity, "a real one would wait"
        self.buffer += array("h", pcm)

    def drop(self) -> None:
        self.dropped = True
        del self.buffer[:]

    def step(self) -> float:
        """One turn; after how long the next is due."""
        return self.writer.step() or 0.0

    def run(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s and not self.dropped:
            wait_s = self.step()
            self.pass_time(min(wait_s, max(until_s - self.now_s, 0.0)))

    def run_out(self) -> None:
        while not self.dropped:
            self.pass_time(self.step())

    @property
    def sound(self) -> list[int]:
        """What was heard, without silence."""
        return [sample for sample in self.heard if sample]

    def cut(self) -> float:
        """What is said to have been heard of the one item, in milliseconds."""
        self.feed.cut()
        self.run_out()
        answer = self.feed.answer()
        assert answer is not None
        (item,) = answer.items
        return item.heard_ms


def counting(ms: int, first: int = 0) -> bytes:
    """Each millisecond is louder than the one before; never 0."""
    return array("h", [1000 + (first + n // 24) for n in range(24 * ms)]).tobytes()


def heard_ms(card: Card) -> float:
    return len(card.sound) / 24


@pytest.mark.parametrize("block", [1, SERVER])
def test_a_cut_answers_with_what_the_card_has_let_out(block: int) -> None:
    card = Card(block)
    card.feed.add("a", counting(1500))
    card.run(1.0137)
    assert card.cut() == pytest.approx(heard_ms(card), abs=TOLERANCE_MS)
    assert card.reports == [PlaybackStarted("a")]
    assert 900 < heard_ms(card) < 1010


def test_a_cut_waits_for_a_server_to_take_something_and_not_for_long() -> None:
    card = Card(SERVER)
    card.feed.add("a", counting(1500))
    card.run(1.0)
    begun_s = card.now_s
    card.cut()
    assert card.now_s - begun_s < 0.006
    stuck = Card(RATE)  # takes a second at a time
    stuck.feed.add("a", counting(1500))
    stuck.run(0.5)
    begun_s = stuck.now_s
    stuck.cut()
    assert CUT_WAIT_S < stuck.now_s - begun_s < CUT_WAIT_S + 0.002


def test_a_cut_that_was_answered_for_it_silences_the_card_all_the_same() -> None:
    card = Card(RATE)
    card.feed.add("a", counting(1500))
    card.run(0.5)
    card.feed.cut()
    card.step()
    assert card.feed.answer() is not None
    card.run(0.02)
    assert card.dropped


def test_what_comes_after_a_cut_is_kept_for_the_next_run() -> None:
    card = Card()
    card.feed.add("a", counting(500))
    card.run(0.1)
    card.feed.cut()
    card.feed.add("b", counting(300))
    card.run_out()
    assert card.feed.answer() is not None
    card.feed.finish()
    before = len(card.sound)
    card.begin()
    card.feed.end("b")
    card.run_out()
    assert len(card.sound) - before == pytest.approx(300 * 24, abs=2)
    assert card.reports[-1] == PlaybackFinished("b", 300.0)


def test_silence_comes_before_the_first_sound() -> None:
    card = Card()
    card.feed.add("a", counting(100))
    card.run(0.1)
    assert next(n for n, sample in enumerate(card.heard) if sample) >= PRE_ROLL


def test_the_first_sound_of_a_card_that_runs_waits_behind_little() -> None:
    card = Card()
    for _ in range(500):
        card.feed.target.took(0.2)
    card.run(0.5)
    began = len(card.heard)
    card.feed.add("a", counting(400))
    card.run(0.1)
    first = next(n for n, sample in enumerate(card.heard) if sample)
    assert (first - began) / 24 < 22


def test_a_delay_of_this_machine_is_not_heard() -> None:
    """Now and then the thread comes 40 ms late."""
    delays = iter([0.0] * 40 + ([0.04] + [0.0] * 10) * 100)
    card = Card(SERVER, lambda: next(delays, 0.0))
    card.run(0.1)
    card.feed.add("a", counting(2000))
    card.feed.end("a")
    card.run_out()
    assert card.feed.underruns == 0
    assert heard_ms(card) == pytest.approx(2000, abs=0.1)
    first = next(n for n, sample in enumerate(card.heard) if sample)
    assert all(card.heard[first : first + 2000 * 24 - 2])


def test_a_card_with_a_small_buffer_is_not_given_more_than_it_takes() -> None:
    """What waits in a call of the driver cannot be cut."""
    card = Card(capacity=RATE * 60 // 1000)
    card.feed.add("a", counting(1000))
    card.feed.end("a")
    card.run_out()
    assert heard_ms(card) == pytest.approx(1000, abs=0.1)


def test_a_change_of_volume_is_heard_soon() -> None:
    card = Card()
    for _ in range(500):
        card.feed.target.took(0.2)
    card.feed.add("a", array("h", [10_000] * RATE * 2).tobytes())
    card.run(1.0)
    began = len(card.heard)
    card.feed.set_gain(1.0, 0.2)
    card.run(0.2)
    lower = next(n for n, s in enumerate(card.heard[began:]) if s < 9000)
    assert lower / 24 < 60


def test_the_card_rests_soon_after_a_reply_and_later_within_one() -> None:
    for ended, linger_s in ((True, LINGER_S), (False, STALL_LINGER_S)):
        card = Card()
        card.feed.add("a", counting(50))
        if ended:
            card.feed.end("a")
        card.run_out()
        assert abs(card.now_s - 0.07 - linger_s) < 0.05
        assert (PlaybackFinished("a", 50.0) in card.reports) is ended


def test_an_announced_reply_is_waited_for() -> None:
    card = Card()
    card.feed.warm_until_s = 6.0
    card.run_out()
    assert 5.9 < card.now_s < 6.1


def test_an_underrun_in_silence_loses_nothing() -> None:
    """It would be given more ahead, and every change of volume would be heard later for it."""
    card = Card(late_s=lambda: 0.05)
    card.run(1.0)
    assert card.underruns
    assert card.feed.underruns == 0


@pytest.mark.parametrize("block", [1, SERVER])
def test_after_an_underrun_the_card_gets_silence_first_and_nothing_is_lost(block: int) -> None:
    """What begins a new run of a sound server is swallowed."""
    delays = iter([0.0] * 30 + [0.4] + [0.0] * 10 + [0.4])
    card = Card(block, lambda: next(delays, 0.0))
    card.feed.add("a", counting(2000))
    card.feed.end("a")
    card.run_out()
    assert card.feed.underruns == 2
    middle = slice(FADE_FRAMES, 2000 * 24 - FADE_FRAMES)
    assert card.sound[middle] == list(array("h", counting(2000)))[middle]
    assert card.reports[-1] == PlaybackFinished("a", 2000.0)


def test_a_cut_soon_after_an_underrun_counts_all_that_the_card_had() -> None:
    for later_ms in range(0, 60, 7):
        delays = iter([0.0] * 30 + [0.4])
        card = Card(SERVER, lambda delays=delays: next(delays, 0.0))  # type: ignore[misc]
        card.feed.add("a", counting(3000))
        while not card.feed.underruns:
            card.pass_time(card.step())
        card.run(later_ms / 1000)
        assert card.cut() == pytest.approx(heard_ms(card), abs=TOLERANCE_MS)


def test_what_a_lost_card_took_with_it_is_played_by_the_next() -> None:
    card = Card()
    card.feed.add("a", counting(500))
    card.feed.end("a")
    card.run(0.2)
    heard = len(card.sound)
    card.step()
    card.feed.finish()
    assert card.feed.stopped
    card.begin()
    card.run_out()
    assert len(card.sound) == pytest.approx(500 * 24, abs=2 * FADE_FRAMES + 10)
    assert heard < 500 * 24
    assert card.reports == [PlaybackStarted("a"), PlaybackFinished("a", 500.0)]


def test_without_a_card_time_goes_on() -> None:
    card = Card()
    card.feed.add("a", counting(100))
    card.feed.end("a")
    assert card.feed.skip(2400) == [PlaybackFinished("a", 0.0)]


def test_an_echo_canceller_learns_when_each_place_is_heard() -> None:
    card = Card()
    card.feed.add("a", counting(1000))
    card.run(0.5)
    place = card.reference.place_at(100.0 + card.now_s)
    played = array("h", card.reference.read(place - 240, 240))
    assert list(played) == pytest.approx(list(card.heard[-240:]), abs=2)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 80)), min_size=1, max_size=20),
    st.sampled_from([1, SERVER, 480]),
    st.lists(st.floats(0, 0.03), min_size=1, max_size=7),
    st.booleans(),
)
def test_nothing_is_lost_nor_repeated_whenever_it_comes(
    deltas: list[tuple[int, int]], block: int, delays: list[float], cut: bool
) -> None:
    """In pieces of any length, at any time, on a machine that is late as it likes."""
    turns = [0]

    def late_s() -> float:
        turns[0] += 1
        return delays[turns[0] % len(delays)]

    card, sent = Card(block, late_s), array("h")
    card.feed.queue.shaper = Shaper(fade_frames=0, ramp_frames=0)
    for length_ms, pause_ms in deltas:
        piece = array("h", range(1 + len(sent), 1 + len(sent) + length_ms * 24))
        sent += piece
        card.feed.add("a", piece.tobytes())
        card.run(pause_ms / 1000)
    if cut:
        heard = round(card.cut() * 24)
        assert abs(len(card.sound) - heard) <= 1
    else:
        card.reports += card.feed.end("a")
        card.run_out()
        heard = len(sent)
        assert card.reports[-1] == PlaybackFinished("a", len(sent) / 24)
    assert card.sound == list(sent[: len(card.sound)])
    assert len(card.sound) >= heard - 1
