"""The thread that keeps the card filled: asks what it holds, writes what the feed has, waits."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from satellite.audio.backend import OutputStream
from satellite.audio.playback.feed import Feed


class Writer:
    """One run of the card.

    ``on_end`` is called in the writer's thread when the card was told to stop, or failed; it must
    only pass that on. ``error`` tells why it failed (OSError: the card is gone).
    """

    def __init__(self, feed: Feed, card: OutputStream, on_end: Callable[[], None]) -> None:
        self.error: Exception | None = None
        self._feed = feed
        self._card = card
        self._on_end = on_end
        self._due_s = math.inf
        """When the next step should begin; it is late when the machine is busy."""
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Returns when the thread does not use the card any more."""
        if self._thread.ident is not None:
            self._thread.join()

    def step(self) -> float | None:
        """Writes what the card needs now. Returns the seconds to wait before the next step, unless
        the feed has news; None when the card was silenced and has stopped."""
        feed, card = self._feed, self._card
        due_s = min(self._due_s, feed.now())
        held = card.held()
        due = feed.next_write(held, card.offset_s())
        if due is None:
            card.drop()
            return None
        if due.frames:
            pcm, frames = due.pcm, due.frames
            if held and not card.held():
                silence = feed.underrun(frames)
                pcm, frames = silence.pcm + pcm, silence.frames + frames
            card.write(pcm, frames)
            feed.target.took((feed.now() - due_s) * 1000)
        self._due_s = feed.now() + due.wait_s
        return due.wait_s

    def _run(self) -> None:
        try:
            while (wait_s := self.step()) is not None:
                if wait_s:
                    self._feed.wait(wait_s)
        except Exception as error:  # noqa: BLE001 - raised by who watches this run
            self.error = error
        self._feed.stop()
        self._on_end()
