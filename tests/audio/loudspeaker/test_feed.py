"""The side of the loudspeaker that PortAudio's thread sees, driven block by block."""

from __future__ import annotations

from array import array

from satellite.audio.card.stream import ABORT, CONTINUE
from satellite.audio.loudspeaker.cardclock import CardClock
from satellite.audio.loudspeaker.feed import (
    LINGER_S,
    PATIENCE,
    PRE_ROLL_S,
    STALL_LINGER_S,
    STORM,
    Feed,
)
from satellite.audio.loudspeaker.playback import Report
from satellite.audio.resample import RenderConverter
from satellite.conversation.events import (
    Flushed,
    HeardItem,
    PlaybackFinished,
    PlaybackStarted,
)

BLOCK = 120
PERIOD_S = 0.005
UNDERFLOW = 4


class Card:
    """A card of its own (``hw:``) at 24 kHz, in blocks of 5 ms of which it holds ``held``."""

    def __init__(self, held: int = 3, mixed_s: float = 0.0, *, warm: bool = True) -> None:
        self.now_s = 0.0
        self.held_s = held * PERIOD_S
        self.mixed_s = mixed_s
        self.reports: list[Report] = []
        self.rested = 0
        self.sound: list[int] = []
        self.feed = Feed(now=lambda: self.now_s, report=self.reports.extend, rested=self._on_rested)
        self.begin()
        if warm:
            self.run(int(PRE_ROLL_S / PERIOD_S))
            self.sound.clear()

    def _on_rested(self) -> None:
        self.rested += 1

    def begin(self) -> None:
        self.feed.begin(RenderConverter(24_000, 1), CardClock(24_000, self.held_s, PERIOD_S))

    def ask(self, *, delay_s: float | None = None, flags: int = 0) -> int:
        self.now_s += PERIOD_S
        delay = self.held_s + self.mixed_s if delay_s is None else delay_s
        times = {"current_time": self.now_s, "output_buffer_dac_time": self.now_s + delay}
        pcm, verdict = self.feed.callback(None, BLOCK, times, flags)
        assert pcm is not None
        assert len(pcm) == 2 * BLOCK
        self.sound += array("h", pcm)
        return verdict

    def run(self, blocks: int) -> int:
        return [self.ask() for _ in range(blocks)][-1]


def tone(ms: int) -> bytes:
    return array("h", [9000] * 24 * ms).tobytes()


def test_a_cut_answers_with_what_the_card_has_let_out() -> None:
    card = Card()
    card.feed.add("a", tone(500))
    assert card.run(20) == CONTINUE
    card.feed.cut()
    assert card.ask() == ABORT
    assert card.rested == 1
    assert card.feed.answer() == Flushed((HeardItem("a", (20 - 3) * 5.0),))
    assert card.reports == [PlaybackStarted("a")]
    assert not any(card.sound[-BLOCK:])


def test_a_server_has_let_out_what_it_has_mixed() -> None:
    card = Card(mixed_s=0.0049)
    card.feed.add("a", tone(500))
    card.run(20)
    card.feed.cut()
    card.ask(delay_s=0.0185)
    assert card.feed.answer() == Flushed((HeardItem("a", (20 - 3) * 5.0),))


def test_a_doubtful_account_is_waited_for_but_not_for_long() -> None:
    card = Card(mixed_s=0.0049)
    card.feed.add("a", tone(500))
    card.run(20)
    card.feed.cut()
    assert card.ask(delay_s=0.0153) == CONTINUE
    assert not any(card.sound[-BLOCK:])
    assert card.ask(delay_s=0.0199) == ABORT
    assert card.feed.answer() == Flushed((HeardItem("a", (20 + 1 - 3) * 5.0),))

    card = Card(mixed_s=0.0049)
    card.feed.add("a", tone(500))
    card.run(20)
    card.feed.cut()
    verdicts = [card.ask(delay_s=0.0153) for _ in range(PATIENCE + 1)]
    assert verdicts == [CONTINUE] * PATIENCE + [ABORT]


def test_a_server_is_given_silence_before_the_first_sound_and_a_card_is_not() -> None:
    server = Card(warm=False)
    server.feed.add("a", tone(100))
    for block in range(8):
        server.ask(delay_s=min(block, 3) * PERIOD_S)
    silent = next(n for n, sample in enumerate(server.sound) if sample)
    assert silent // BLOCK == PRE_ROLL_S / PERIOD_S
    own = Card(held=4, warm=False)
    own.feed.add("a", tone(100))
    own.ask(delay_s=0.02)
    assert any(own.sound)


def test_the_silence_before_is_not_counted_as_heard() -> None:
    card = Card(warm=False)
    card.feed.add("a", tone(500))
    for block in range(24):
        card.ask(delay_s=min(block, 3) * PERIOD_S)
    card.feed.cut()
    card.ask()
    assert card.feed.answer() == Flushed((HeardItem("a", (24 - 4 - 3) * 5.0),))


def test_the_card_rests_soon_after_a_reply_and_later_within_one() -> None:
    for ended, linger_s in ((True, LINGER_S), (False, STALL_LINGER_S)):
        card = Card()
        card.feed.add("a", tone(50))
        if ended:
            card.feed.end("a")
        began_s = card.now_s
        while card.ask() == CONTINUE:
            pass
        assert abs(card.now_s - began_s - 0.05 - linger_s) < 0.05
        assert PlaybackFinished("a", 50.0) in card.reports or not ended


def test_an_announced_reply_is_waited_for() -> None:
    card = Card()
    card.feed.warm_until_s = 6.0
    while card.ask() == CONTINUE:
        pass
    assert 5.9 < card.now_s < 6.1


def test_a_card_that_runs_dry_in_silence_has_lost_nothing() -> None:
    """It would be given longer blocks, and every later reply would begin later for it."""
    card = Card()
    for block in range(20):
        card.ask(flags=UNDERFLOW if block % 4 == 0 else 0)
    assert card.feed.dry == 0


def test_a_card_that_runs_dry_gets_a_block_of_silence_and_loses_nothing() -> None:
    card = Card()
    card.feed.add("a", tone(200))
    card.feed.end("a")
    for block in range(100):
        dry = block in (10, 20, 21)
        card.ask(delay_s=0.0 if dry else None, flags=UNDERFLOW if dry else 0)
        assert not (dry and any(card.sound[-BLOCK:]))
    assert card.feed.dry == 3
    assert sum(sample != 0 for sample in card.sound) > 24 * 200 - 10
    assert card.reports[-1] == PlaybackFinished("a", 200.0)


def test_a_cut_soon_after_the_card_ran_dry_counts_all_that_it_had() -> None:
    """PortAudio starts a card anew with a buffer full of silence, which nobody was given."""
    for later in range(6):
        card = Card()
        card.feed.add("a", tone(500))
        card.run(20)
        card.ask(flags=UNDERFLOW)
        for _ in range(later):
            card.ask()
        card.feed.cut()
        card.ask()
        heard = 20 + max(later - 3, 0)
        assert card.feed.answer() == Flushed((HeardItem("a", heard * 5.0),)), later


def test_a_storm_ends_the_stream_and_eats_nothing() -> None:
    card = Card()
    card.feed.add("a", tone(200))
    card.sound.clear()
    verdicts = [card.ask(delay_s=0.0, flags=UNDERFLOW) for _ in range(STORM)]
    assert verdicts == [CONTINUE] * (STORM - 1) + [ABORT]
    assert not any(card.sound)
    card.feed.finish()
    assert card.feed.playback.queued == 24 * 200


def test_what_a_lost_card_took_with_it_is_played_by_the_next() -> None:
    card = Card()
    card.feed.add("a", tone(100))
    card.feed.end("a")
    card.run(10)
    heard = 9 - 3  # of the nine blocks that the card had when it was last asked
    card.feed.finish()
    assert card.feed.resting
    card.begin()
    card.sound.clear()
    while card.ask() == CONTINUE:
        pass
    loud = sum(sample != 0 for sample in card.sound)
    assert abs(loud - (20 - heard) * BLOCK) < 10
    assert card.reports == [PlaybackStarted("a"), PlaybackFinished("a", 100.0)]


def test_without_a_card_time_goes_on() -> None:
    card = Card()
    card.feed.add("a", tone(100))
    card.feed.end("a")
    assert card.feed.skip(2400) == [PlaybackFinished("a", 0.0)]
