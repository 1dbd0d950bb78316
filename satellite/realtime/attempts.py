"""Getting one ready connection out of a server that may say nothing at all.

A server that accepts and stays silent, or a network that swallows packets, shows itself by nothing
but time. Waiting for a time-out would add that time to the return of a server that is well again;
a short time-out would never let in one that is slow. So a second connection is tried beside the
first, and whichever is ready first is taken. The first one keeps all of its patience.
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
"""A cloud over a bad wireless network is ready within two seconds; who is still silent after this
may be gone. With the handshake of the next one, a server that is back is met within five."""
SECOND_TRY_PART = 0.1
"""Or that part of the patience that a server is given: one that loads its models for minutes is
not to be asked again every few seconds."""
NO_ANSWER_YET = LinkFailure(Severity.TRANSIENT, "no answer yet")


async def first_ready(
    new: Callable[[], ServerConnection],
    *,
    second_try_s: float,
    on_silence: Callable[[LinkFailure], None],
    dispose: Callable[[Coroutine[Any, Any, None]], None],
) -> ServerConnection:
    """Opens connections until one is ready, never more than two at a time.

    ``on_silence`` hears each time that nothing came of the waiting so far, and why as far as that
    is known. ``dispose`` runs in the background what ends the connections that were not taken.
    Raises ``LinkError`` when none is left that could become ready, or when a person is needed.
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
            for young in list(trying)[1:]:
                dispose(_end(young, trying.pop(young)))
            next_s = begin()
    finally:
        for task, connection in trying.items():
            dispose(_end(task, connection))


async def _end(task: asyncio.Task[None], connection: ServerConnection) -> None:
    """Leaves a connection at whatever point it is."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # seen; nobody waits for it any more
    await connection.close()
