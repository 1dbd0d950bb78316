"""Opens one ready connection to a server that may say nothing at all.

A server that accepts and stays silent, or a network that drops packets, shows only by time. A long
time-out would delay the return of a server that works again; a short one would never let in one
that is slow. So a second connection is tried beside the first, which keeps its whole time-out, and
whichever is ready first is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from satellite.core.backoff import LONGEST_ASKED_S
from satellite.realtime.connection import ServerConnection
from satellite.realtime.errors import LinkFailure, Severity
from satellite.realtime.opening import LinkError

SECOND_TRY_S = 3.5
"""A cloud over a bad wireless network is ready within two seconds; a server that is silent for
longer may be gone. With the next handshake, one that has returned is connected within five."""
SECOND_TRY_PART = 0.1
"""Or this part of the time that the server has for its greeting, if that is longer: one that loads
its models for minutes is not to be tried again every few seconds."""
NO_ANSWER_YET = LinkFailure(Severity.TRANSIENT, "no answer yet")


async def first_ready(
    new: Callable[[], ServerConnection],
    *,
    second_try_s: float,
    on_silence: Callable[[LinkFailure], None],
    dispose: Callable[[Coroutine[Any, Any, None]], None],
) -> ServerConnection:
    """Opens connections until one is ready, never more than two at a time, and returns it.

    ``new`` makes a connection; a second one is tried after ``second_try_s``. ``on_silence`` is told
    each time that nothing is ready yet, and why if that is known. ``dispose`` runs coroutines that
    end the other connections in the background. Raises ``LinkError`` when none is left that could
    become ready, or when only a person can help.
    """
    clock = asyncio.get_running_loop().time
    trying: dict[asyncio.Task[None], ServerConnection] = {}

    def begin() -> float:
        connection = new()
        trying[asyncio.create_task(connection.open(), name="realtime-open")] = connection
        return clock() + second_try_s

    last = NO_ANSWER_YET
    try:
        next_s = begin()
        while True:
            left_s = max(0.0, next_s - clock())
            done, _ = await asyncio.wait(
                trying, timeout=left_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                connection = trying.pop(task)
                try:
                    task.result()
                except LinkError as error:
                    last = error.failure
                    if not trying or last.severity is Severity.FATAL:
                        raise
                    next_s = max(next_s, clock() + min(last.retry_after_s, LONGEST_ASKED_S))
                else:
                    return connection
            if clock() < next_s:
                continue
            on_silence(last)
            if any(connection.progressing for connection in trying.values()):
                next_s = clock() + second_try_s
                continue
            for younger in list(trying)[1:]:
                dispose(_end(younger, trying.pop(younger)))
            next_s = begin()
    finally:
        for task, connection in trying.items():
            dispose(_end(task, connection))


async def _end(task: asyncio.Task[None], connection: ServerConnection) -> None:
    """Gives up a connection at whatever point it is."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # retrieved, so that asyncio does not log it
    await connection.close()
