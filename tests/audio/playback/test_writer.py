"""The writing thread: it ends when the card does, and says why."""

from __future__ import annotations

import threading
import time

import pytest

from satellite.audio.card_rate import RenderConverter
from satellite.audio.playback.feed import Feed
from satellite.audio.playback.writer import Writer


class Card:
    """Plays at once all that it gets, until it ``fails``."""

    def __init__(self) -> None:
        self.capacity = 7200
        self.fails: Exception | None = None
        self.written = 0
        self.dropped = 0

    def start(self) -> None:
        """Nothing to do."""

    close = start

    def held(self) -> int:
        if self.fails is not None:
            raise self.fails
        return 0

    def offset_s(self) -> float:
        return 0.0

    def write(self, pcm: bytes, frames: int) -> None:
        self.written += frames
        time.sleep(0.001)

    def drop(self) -> None:
        self.dropped += 1


def started(card: Card) -> tuple[Writer, Feed, threading.Event]:
    over = threading.Event()
    feed = Feed(now=time.monotonic, report=lambda _: None)
    writer = Writer(feed, card, over.set)
    feed.begin(RenderConverter(24_000, 1), 7200)
    writer.start()
    return writer, feed, over


def test_it_is_told_to_rest() -> None:
    card = Card()
    writer, feed, over = started(card)
    feed.stop()
    writer.join()
    assert over.is_set()
    assert card.dropped == 1
    assert writer.error is None


@pytest.mark.parametrize("failure", [OSError("The card is gone."), RuntimeError("a mistake")])
def test_a_failure_ends_it_and_is_kept(failure: Exception) -> None:
    card = Card()
    writer, feed, over = started(card)
    card.fails = failure
    writer.join()
    assert writer.error is failure
    assert feed.stopped
    assert over.is_set()


def test_one_that_was_never_started_is_not_waited_for() -> None:
    Writer(Feed(now=time.monotonic, report=lambda _: None), Card(), lambda: None).join()
