"""Workers of one process: whatever ends unasked ends the process, and systemd starts it again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
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


async def once_set(
    event: asyncio.Event, longest_s: float, worker: Coroutine[Any, Any, None]
) -> None:
    """Begins with the worker when the event is set, or after ``longest_s`` seconds."""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await event.wait()
    except asyncio.CancelledError:
        worker.close()
        raise
    await worker


async def run_until(
    stop: asyncio.Event,
    workers: Iterable[Coroutine[Any, Any, None]],
    on_stop: Callable[[], None],
) -> None:
    """Runs all workers at once until ``stop`` is set; then calls ``on_stop`` and cancels them.

    Raises what ended a worker, in a group. A ``SatelliteError`` after the stop was asked for (a
    card that hangs) is only logged.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(worker) for worker in workers]
            await stop.wait()
            on_stop()
            for task in tasks:
                task.cancel()
    except* SatelliteError as failed:
        if not stop.is_set():
            raise
        log.warning("At the stop: %s", worst(failed))
