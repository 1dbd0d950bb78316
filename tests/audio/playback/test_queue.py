"""The play queue: nothing lost, nothing repeated, and the position is what was given when."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.playback.queue import PlaybackQueue
from satellite.audio.playback.shaper import FADE_FRAMES, RAMP_FRAMES, Shaper
from satellite.audio.playback.stall import RESUME_FRAMES
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import (
    Flushed,
    HeardItem,
    PlaybackFinished,
    PlaybackStarted,
)


def exact(resume_frames: int = 0) -> PlaybackQueue:
    """A queue that changes no sample, so that each can be recognised."""
    return PlaybackQueue(Shaper(fade_frames=0, ramp_frames=0), resume_frames=resume_frames)


def numbered(first: int, count: int) -> bytes:
    """Samples that tell which they are; never 0, which is silence."""
    return array("h", [1 + (first + n) % 30_000 for n in range(count)]).tobytes()


def ms(frames: int) -> float:
    return frames * 1000 / SAMPLE_RATE_HZ


# --- properties ---------------------------------------------------------------------------------


@dataclass
class Card:
    """Pulls blocks and hears them ``latency`` frames later, as a real card does."""

    playback: PlaybackQueue
    latency: int
    sound: list[int] = field(default_factory=list)
    reports: list[object] = field(default_factory=list)
    place: int = 0

    def pull(self, frames: int) -> None:
        pcm = self.playback.pull(frames)
        assert len(pcm) == 2 * frames
        self.sound += array("h", pcm)
        place = max(self.place, self.playback.given - self.latency)
        assert place >= self.place
        self.place = place
        self.reports += self.playback.advance(place)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 3), st.integers(0, 700)),
        st.tuples(st.just("end"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("pull"), st.just(0), st.integers(1, 300)),
        st.tuples(st.just("rewind"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(steps, st.integers(0, 400), st.sampled_from([0, 960]))
def test_no_sample_is_lost_or_repeated(
    script: list[tuple[str, int, int]], latency: int, resume: int
) -> None:
    playback = exact(resume_frames=resume)
    card = Card(playback, latency)
    received: dict[int, int] = {}
    ended: set[int] = set()
    lost_from_card: list[int] = []
    for what, item, amount in script:
        if what == "add" and item not in ended:
            start = received.get(item, 0)
            playback.add(str(item), numbered(start, amount))
            received[item] = start + amount
        elif what == "end" and item in received:
            playback.end(str(item))
            ended.add(item)
        elif what == "pull":
            card.pull(amount)
        elif what == "rewind":
            # The card goes away with what it holds: that is what was given and not yet heard.
            lost_from_card.append(len(card.sound) - card.place)
            card.sound = card.sound[: card.place]
            playback.rewind()
            card.sound += [0] * (playback.given - card.place)
            card.place = playback.given
    for item in received:
        playback.end(str(item))
    card.pull(sum(received.values()) + latency + 4 * resume + 1)
    card.pull(latency + 1)
    heard = [sample for sample in card.sound if sample]
    order = list(received)
    wanted = [s for i in order for s in array("h", numbered(0, received[i]))]
    assert heard == wanted
    assert not playback.busy
    started = [r.item_id for r in card.reports if isinstance(r, PlaybackStarted)]
    finished = [r for r in card.reports if isinstance(r, PlaybackFinished)]
    assert started == [str(i) for i in order if received[i]]
    assert all(r.heard_ms == ms(received[int(r.item_id)]) for r in finished)


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=12),
    st.lists(st.integers(1, 400), min_size=1, max_size=40),
    st.integers(0, 600),
)
def test_position_heard_is_monotone_and_never_beyond_what_was_received(
    deltas: list[int], blocks: list[int], latency: int
) -> None:
    playback = exact()
    waiting, received, last = list(deltas), 0, 0.0
    for block in blocks:
        if waiting and playback.queued < block:
            amount = waiting.pop()
            playback.add("a", numbered(received, amount))
            received += amount
        given = playback.given
        sound = array("h", playback.pull(block))
        playback.advance(max(0, given - latency))
        position = playback._items[0].heard_ms if playback.busy else 0.0
        assert last <= position <= ms(received)
        last = position
        assert len(sound) == block
    playback.cut()
    answer = playback.flushed()
    assert answer is not None
    assert all(item.heard_ms <= ms(received) for item in answer.items)


@given(st.integers(1, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_flush_tells_what_was_heard_and_leaves_nothing(
    received: int, pulled: int, heard: int
) -> None:
    playback = exact()
    playback.add("a", numbered(0, received))
    playback.add("b", numbered(0, 10))
    if pulled:
        playback.pull(pulled)
    playback.cut()
    assert playback.queued == 0
    playback.advance(min(heard, pulled))
    heard_ms = ms(min(heard, pulled, received))
    assert playback.flushed() == Flushed((HeardItem("a", heard_ms), HeardItem("b", 0.0)))
    assert playback.flushed() is None
    assert not playback.busy
    assert not any(playback.pull(500))
    assert playback.advance(playback.given) == []
    playback.cut()
    assert playback.flushed() == Flushed()


@given(st.binary(min_size=0, max_size=400), st.lists(st.integers(1, 37), max_size=30))
def test_pieces_may_be_cut_anywhere_even_within_a_sample(sound: bytes, cuts: list[int]) -> None:
    playback = exact()
    at = 0
    for cut in cuts:
        playback.add("a", sound[at : at + cut])
        at += cut
    playback.add("a", sound[at:])
    playback.end("a")
    whole = len(sound) // 2 * 2
    assert playback.pull(len(sound) // 2 or 1)[:whole] == sound[:whole]


# --- single rules -------------------------------------------------------------------------------


def test_started_and_finished_are_told_when_they_are_heard_not_when_given() -> None:
    playback = exact()
    playback.add("a", numbered(0, 100))
    playback.end("a")
    playback.pull(200)
    assert playback.advance(0) == []
    assert playback.advance(1) == [PlaybackStarted("a")]
    assert playback.advance(99) == []
    assert playback.advance(100) == [PlaybackFinished("a", ms(100))]


def test_an_item_that_is_ended_after_it_was_heard_finishes_at_once() -> None:
    playback = exact()
    playback.add("a", numbered(0, 100))
    playback.pull(100)
    playback.advance(100)
    assert playback.end("a") == [PlaybackFinished("a", ms(100))]


def test_what_comes_after_a_cut_is_not_cut_even_under_the_same_name() -> None:
    playback = exact()
    playback.add("a", numbered(0, 100))
    playback.pull(60)
    playback.cut()
    playback.add("a", numbered(500, 10))
    playback.add("b", numbered(600, 10))
    playback.cut()
    playback.add("c", numbered(700, 10))
    playback.advance(40)
    cutting = [playback.cutting]
    assert playback.flushed() == Flushed((HeardItem("a", ms(40)),))
    assert playback.flushed() == Flushed((HeardItem("a", 0.0), HeardItem("b", 0.0)))
    cutting.append(playback.cutting)
    assert cutting == [True, False]
    playback.rewind()
    assert playback.pull(10) == numbered(700, 10)


def test_end_of_a_flushed_item_means_nothing() -> None:
    playback = exact()
    playback.add("a", numbered(0, 100))
    playback.cut()
    assert playback.end("a") == []
    playback.flushed()
    assert playback.end("a") == []


def test_an_unfinished_item_holds_back_the_next() -> None:
    playback = exact()
    playback.add("a", numbered(0, 10))
    playback.add("b", numbered(100, 10))
    assert array("h", playback.pull(20))[10:] == array("h", [0] * 10)
    playback.end("a")
    assert playback.pull(10) == numbered(100, 10)


def test_a_stall_is_counted_once_and_fades_without_a_click() -> None:
    playback = PlaybackQueue()
    loud = array("h", [20_000] * 2400).tobytes()
    playback.add("a", loud)
    sound = array("h", playback.pull(1000))
    sound.extend(array("h", playback.pull(2000)))
    playback.add("a", loud)
    sound.extend(array("h", playback.pull(2400)))
    steps = [abs(b - a) for a, b in zip([0, *sound], sound, strict=False)]
    assert max(steps) <= 20_000 / 72 + 1
    assert playback.stall.times == 1
    assert playback.stall.frames == 600
    assert sound[500] == 20_000


def test_the_end_of_a_reply_is_no_stall() -> None:
    playback = PlaybackQueue()
    playback.add("a", numbered(0, 100))
    playback.end("a")
    playback.pull(500)
    assert playback.stall.times == 0


def test_after_a_stall_a_little_is_gathered_but_not_for_long() -> None:
    playback = PlaybackQueue(Shaper(fade_frames=0))
    playback.add("a", numbered(0, 10))
    playback.pull(240)
    playback.add("a", numbered(10, 100))
    assert not any(playback.pull(240))
    pulled = b"".join(playback.pull(240) for _ in range(5))
    assert numbered(10, 100) in pulled


def test_a_server_slower_than_speech_is_heard_with_few_pauses_and_whole() -> None:
    """40 ms of sound every 45 ms: a pause of 5 ms before each of them was a stutter all along."""
    playback = exact(resume_frames=RESUME_FRAMES)
    heard = b""
    for block in range(1200):
        if block % 9 == 0 and block < 900:
            playback.add("a", numbered(block // 9 * 960, 960))
        if block == 900:
            playback.end("a")
        heard += playback.pull(120)
        playback.advance(playback.given)
    assert [n for n in array("h", heard) if n] == [1 + n % 30_000 for n in range(96_000)]
    assert playback.stall.times <= 6


def test_the_next_reply_is_as_quick_as_the_first() -> None:
    playback = exact(resume_frames=RESUME_FRAMES)
    for reply in "ab":
        for _ in range(5):
            playback.add(reply, numbered(0, RESUME_FRAMES))
            while playback.queued:
                playback.pull(120)
            playback.pull(120)
        playback.end(reply)
        playback.advance(playback.given)
        playback.pull(120)
    assert playback.stall.times >= 2
    playback.add("c", numbered(0, 120))
    playback.pull(240)
    playback.add("c", numbered(120, RESUME_FRAMES))
    assert playback.pull(120) == numbered(120, 120)


def test_volume_moves_without_a_click_and_reaches_its_aim() -> None:
    playback = PlaybackQueue()
    playback.add("a", array("h", [20_000] * 24_000).tobytes())
    playback.pull(2400)
    playback.shaper.set_gain(0.1)
    sound = array("h", playback.pull(2400))
    steps = [abs(b - a) for a, b in pairwise(sound)]
    assert max(steps) <= 20_000 / 720 + 1
    assert sound[-1] == 2000
    playback.shaper.set_gain(1.0)
    assert array("h", playback.pull(2400))[-1] == 20_000


def test_volume_may_be_set_before_the_first_sound() -> None:
    playback = PlaybackQueue(Shaper(fade_frames=0))
    playback.shaper.set_gain(0.0)
    playback.add("a", numbered(0, 240))
    assert not any(playback.pull(240))


def test_without_a_card_time_passes_and_nothing_is_heard() -> None:
    playback = exact()
    playback.add("a", numbered(0, 1000))
    playback.end("a")
    playback.pull(100)
    playback.advance(100)
    assert playback.skip(500) == []
    assert playback.skip(500) == [PlaybackFinished("a", ms(100))]
    assert not playback.busy


# --- each item in its own volume ----------------------------------------------------------------


def levels(playback: PlaybackQueue, frames: int, block: int = 240) -> list[int]:
    """The loudest sample of each block of 10 ms."""
    return [max(array("h", playback.pull(block))) for _ in range(frames // block)]


LEVEL = array("h", [10_000] * 2400).tobytes()
"""100 ms at one level."""


def test_a_volume_of_its_own_belongs_to_its_item_and_to_nothing_before_or_after() -> None:
    playback = PlaybackQueue()
    for item_id, volume in (("reply", None), ("quiet", 0.04), ("half", 0.25), ("later", None)):
        playback.add(item_id, LEVEL, volume)
        playback.end(item_id)
    heard = levels(playback, 4 * 2400)
    assert [heard[at + 5] for at in (0, 10, 20, 30)] == [10_000, 400, 2500, 10_000]
    assert heard[9] == 10_000  # nothing of the next volume is heard before its item


def test_the_loudspeakers_volume_does_not_change_an_item_that_has_its_own() -> None:
    playback = PlaybackQueue()
    playback.add("loud", LEVEL, 1.0)
    playback.add("loud", LEVEL)
    playback.end("loud")
    playback.add("reply", LEVEL)
    playback.end("reply")
    playback.pull(1200)
    playback.shaper.set_gain(0.25)
    heard = levels(playback, 6000)
    assert heard[:14] == [10_000] * 14
    assert heard[20] == 2500


def test_who_speaks_over_an_announcement_lowers_it_too() -> None:
    playback = PlaybackQueue()
    playback.add("loud", LEVEL * 3, 0.5)
    playback.pull(1200)
    playback.ducking = 0.2
    assert levels(playback, 2400)[-1] == pytest.approx(1000, abs=2)
    playback.ducking = 1.0
    assert levels(playback, 2400)[-1] == pytest.approx(5000, abs=2)


@given(
    st.lists(st.tuples(st.integers(1, 900), st.none() | st.floats(0, 1)), min_size=1, max_size=8),
    st.lists(st.integers(1, 400), min_size=1, max_size=10),
)
def test_nothing_jumps_from_volume_to_volume(
    items: list[tuple[int, float | None]], blocks: list[int]
) -> None:
    playback = PlaybackQueue(resume_frames=0)
    for number, (frames, volume) in enumerate(items):
        playback.add(str(number), array("h", [20_000] * frames).tobytes(), volume)
        playback.end(str(number))
    left = sum(frames for frames, _ in items)
    sound = array("h")
    while left > 0:
        for block in blocks:
            sound.frombytes(playback.pull(block))
            left -= block
    most = 20_000 / FADE_FRAMES + 20_000 / RAMP_FRAMES + 2
    assert all(abs(after - before) <= most for before, after in pairwise([0, *sound, 0]))


def test_more_of_an_item_that_was_ended_and_still_sounds_is_heard_too() -> None:
    playback = exact()
    for _ in range(2):
        playback.add("a", numbered(0, 100))
        assert playback.end("a") == []
    playback.pull(300)
    assert playback.advance(200)[-1] == PlaybackFinished("a", ms(200))
    assert not playback.busy
