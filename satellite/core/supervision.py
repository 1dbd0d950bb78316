"""No limb dies in silence: whatever ends unasked ends the process, and systemd starts it again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from satellite.core.errors import SatelliteError, worst

log = logging.getLogger(__name__)


async def never_ending(worker: Coroutine[Any, Any, None]) -> None:
    """A worker that just returns ends the process like one that fails."""
    name = getattr(worker, "__qualname__", "a worker")
    await worker
    raise RuntimeError(f"{name} ended by itself")


async def fail_with_callbacks() -> None:
    """An error in a callback ends the process too; asyncio alone would only log it."""
    loop = asyncio.get_running_loop()
    broken: asyncio.Future[None] = loop.create_future()

    def on_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception) and "handle" in context and not broken.done():
            broken.set_exception(error)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(on_error)
    try:
        await broken
    finally:
        loop.set_exception_handler(None)


@contextlib.contextmanager
def stop_is_no_failure(stopping: Callable[[], bool]) -> Iterator[None]:
    """What cannot end well once a stop was asked for (a card that hangs) is told, not raised."""
    try:
        yield
    except* SatelliteError as group:
        if not stopping():
            raise
        log.warning("At the stop: %s", worst(group))
