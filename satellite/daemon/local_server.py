"""The local Realtime server as a child, for ``realtime.url = "offline"``.

A process of its own: recognition takes whole cores for moments, and the microphone must not wait.
"""

from __future__ import annotations

import asyncio
import socket
import sys

from satellite.errors import EXIT_UNAVAILABLE, MissingPartError, SatelliteError

COMMAND = (sys.executable, "-m", "satellite", "offline")
STOP_PATIENCE_S = 3.0
LOOPBACK = "127.0.0.1"


class LocalServer:
    """Started by ``run``. Whoever calls ``url`` before is not refused but waits: the socket that
    the child inherits listens from the beginning."""

    def __init__(self) -> None:
        self._socket = socket.create_server((LOOPBACK, 0))
        self._port: int = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self._port}/v1/realtime"

    async def run(self) -> None:
        """For ever. Raises ``SatelliteError`` when the child ends: there is nobody to talk to."""
        with self._socket as inherited:  # from then on the child's alone: it closes with it
            fd = inherited.fileno()
            process = await asyncio.create_subprocess_exec(
                *COMMAND, "--fd", str(fd), pass_fds=(fd,)
            )
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), STOP_PATIENCE_S)
                except TimeoutError:
                    process.kill()
                    await process.wait()
        kind = MissingPartError if status == EXIT_UNAVAILABLE else SatelliteError
        raise kind(
            f"The local Realtime server ended with status {status}.",
            do="Its own message stands above; `satellite offline` shows it alone.",
        )
