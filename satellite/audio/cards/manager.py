"""The one owner of the sound system: opens and closes streams, and reads the list of cards anew.

- What may block (opening, closing, asking a driver) runs in one thread, one call after the other,
  never in the event loop.
- A backend lists the devices once. ``look_again`` starts it anew, which needs every stream closed:
  holders of a stream are told to close it, and open it again by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from satellite.audio.backend import (
    AudioBackend,
    BlockCallback,
    CardError,
    Direction,
    Format,
    InputStream,
    OutputStream,
    StuckError,
)
from satellite.audio.cards.worker import WorkerThread

T = TypeVar("T")
P = ParamSpec("P")

ANSWER_WITHIN_S = 10.0
HURRIED_S = 3.0
"""The same at a stop: the service manager waits ten seconds for all of it."""
LOOK_EVERY_S = 60.0
"""How often a missing card may interrupt those that are there."""


class CardManager:
    """The devices and streams of one sound system, for the event loop."""

    def __init__(self, backend: AudioBackend) -> None:
        self.backend = backend
        """For functions that run in ``call``; its methods block."""
        self.generation = 0
        """Grows when the list of devices is read anew: devices of an earlier list are void."""
        self._stuck = False
        self._patience_s = ANSWER_WITHIN_S
        self._streams = 0
        """How many are open or being opened."""
        self._holders: list[Callable[[], None]] = []
        self._worker = WorkerThread("cards")
        self._usable = asyncio.Event()
        self._usable.set()
        self._unused = asyncio.Event()
        self._unused.set()
        self._looked_s = time.monotonic()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a function that blocks, in the thread of the sound system.

        Raises ``StuckError`` when the card does not answer: the thread is then stuck in a driver,
        and only a new process can help. Nobody waits for it a second time.
        """
        if self._stuck:
            raise self._stuck_error()
        future = asyncio.wrap_future(self._worker.submit(partial(function, *args, **kwargs)))
        try:
            async with asyncio.timeout(self._patience_s):
                return await future
        except TimeoutError:
            self._stuck = True
            raise self._stuck_error() from None

    def _stuck_error(self) -> StuckError:
        return StuckError(
            f"The sound card has not answered for {self._patience_s:g} s.",
            do="The satellite starts again; if that does not help, unplug the card.",
        )

    def warm_up(self) -> None:
        """Begins to start the backend; a later call finds it started, or waits."""
        self._worker.submit(self.backend.start)

    def hurry(self) -> None:
        """The process is to end: from now on a card that hangs is waited for less."""
        self._patience_s = HURRIED_S

    async def end(self) -> None:
        """Ends the backend after what still runs in its thread, whose callers may be gone."""
        with contextlib.suppress(StuckError):  # the process ends anyway
            await self.call(self.backend.close)

    # --- streams --------------------------------------------------------------------------------

    async def open_input(self, fmt: Format, on_block: BlockCallback) -> InputStream:
        """Opens a microphone without starting it. Raises ``CardError``."""
        return await self._counted(self.backend.open_input, fmt, on_block)

    async def open_output(self, fmt: Format, capacity_s: float) -> OutputStream:
        """Opens a loudspeaker without starting it. Raises ``CardError``."""
        return await self._counted(self.backend.open_output, fmt, capacity_s)

    async def _counted(self, opening: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._streams += 1
        self._unused.clear()
        try:
            return await self.call(opening, *args, **kwargs)
        except BaseException:
            self._released()
            raise

    async def start_stream(self, stream: InputStream | OutputStream) -> None:
        """Raises ``CardError``."""
        try:
            await self.call(stream.start)
        except OSError as error:
            raise CardError(f"The sound card cannot be started: {error}.") from error

    async def close_stream(self, stream: InputStream | OutputStream) -> None:
        """Closes a stream, whatever its state."""
        await self.call(stream.close)
        self._released()

    def _released(self) -> None:
        self._streams -= 1
        if not self._streams:
            self._unused.set()

    # --- cards that come and go -----------------------------------------------------------------

    async def present(self, fmt: Format, direction: Direction) -> bool:
        """Whether the device is still there."""
        return await self.call(self.backend.present, fmt, direction)

    def on_release(self, holder: Callable[[], None]) -> None:
        """``holder`` is called when its stream must be closed; it then awaits ``usable``."""
        self._holders.append(holder)

    @property
    def wanted_back(self) -> bool:
        """Streams must be closed, also one that was being opened when its holder was called."""
        return not self._usable.is_set()

    async def usable(self) -> None:
        """Returns when streams may be opened."""
        await self._usable.wait()

    async def look_again(self) -> None:
        """Reads the list of devices anew, because one is missing.

        That interrupts every stream, so it is done only when it can help: when no stream is open,
        when the devices have changed, or once in ``LOOK_EVERY_S``.
        """
        if not self._usable.is_set():
            await self._usable.wait()
            return
        recent = time.monotonic() - self._looked_s < LOOK_EVERY_S
        if self._streams and recent and not self.backend.devices_changed():
            return
        self._usable.clear()
        try:
            for holder in self._holders:
                holder()
            await self._unused.wait()
            await self.call(self._restart)
        finally:
            self._usable.set()

    def _restart(self) -> None:
        self.backend.close()
        self.generation += 1
        self._looked_s = time.monotonic()
        self.backend.start()
