"""The thread that keeps the card filled: asks what it holds, gives what the feed has, waits."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from satellite.audio.backend import OutputStream
from satellite.audio.playback.feed import Feed


class Writer:
    """One run of the card. ``over`` is called in its thread when the card was told to stop, or
    failed, and must only pass the word on; ``error`` says why it failed (OSError: it is gone)."""

    def __init__(self, feed: Feed, card: OutputStream, over: Callable[[], None]) -> None:
        self.error: Exception | None = None
        self._feed = feed
        self._card = card
        self._over = over
        self._due_s = math.inf
        """When the next step should begin; it is late when the machine is busy."""
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Returns when the card will not be touched any more."""
        if self._thread.ident is not None:
            self._thread.join()

    def step(self) -> float | None:
        """Gives the card what it needs now; after how many seconds to come again, unless there is
        news. None: it was silenced and has stopped."""
        feed, card = self._feed, self._card
        due_s = min(self._due_s, feed.now())
        held = card.held()
        turn = feed.turn(held, card.offset_s())
        if turn is None:
            card.drop()
            return None
        if turn.frames:
            pcm, frames = turn.pcm, turn.frames
            if held and not card.held():
                silence = feed.came_late(frames)
                pcm, frames = silence.pcm + pcm, silence.frames + frames
            card.write(pcm, frames)
            feed.ahead.took((feed.now() - due_s) * 1000)
        self._due_s = feed.now() + turn.wait_s
        return turn.wait_s

    def _run(self) -> None:
        try:
            while (wait_s := self.step()) is not None:
                if wait_s:
                    self._feed.wait(wait_s)
        except Exception as error:  # noqa: BLE001 - raised by who watches this run
            self.error = error
        self._feed.rest()
        self._over()
