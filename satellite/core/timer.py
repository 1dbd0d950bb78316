"""A timer of the event loop that can be set again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timer:
    """Calls ``callback`` once, at the time that was set last. For one event loop's thread.

    Times are those of ``loop.time()`` in seconds. ``loop`` is the running one if not given, looked
    up when the timer is set.
    """

    __slots__ = ("_callback", "_handle", "_loop")

    def __init__(
        self, callback: Callable[[], object], loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        self._callback = callback
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def due_s(self) -> float | None:
        """When it will call; None while it is stopped, and from within ``callback`` on."""
        return None if self._handle is None else self._handle.when()

    def set_at(self, due_s: float | None) -> None:
        """Replaces the time. None stops the timer; the time that is set already costs nothing."""
        if due_s == self.due_s:
            return
        self.stop()
        if due_s is not None:
            loop = self._loop or asyncio.get_running_loop()
            self._handle = loop.call_at(due_s, self._call)

    def set_in(self, delay_s: float) -> None:
        """Replaces the time by one that is ``delay_s`` from now."""
        loop = self._loop or asyncio.get_running_loop()
        self.set_at(loop.time() + delay_s)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _call(self) -> None:
        self._handle = None
        self._callback()
