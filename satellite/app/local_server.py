"""The local Realtime server as a child, for ``realtime.url = "offline"``.

A process of its own: recognition takes whole cores for moments, and the microphone must not wait.
"""

from __future__ import annotations

import asyncio
import socket
import sys

from satellite.core.errors import MissingPartError, SatelliteError, SettingsError

COMMAND = (sys.executable, "-m", "satellite", "offline")
STOP_TIMEOUT_S = 3.0
LOOPBACK = "127.0.0.1"
_KINDS = {kind.exit_status: kind for kind in (SatelliteError, SettingsError, MissingPartError)}


class LocalServerProcess:
    """Started by ``run``. Connections to ``url`` wait until then: the socket that the child
    inherits listens from the beginning.

    ``voice`` is that of ``satellite offline --voice``; empty for its own choice.
    """

    def __init__(self, voice: str = "") -> None:
        self._voice = ("--voice", voice) if voice else ()
        self._socket = socket.create_server((LOOPBACK, 0))
        self._port: int = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self._port}/v1/realtime"

    async def run(self) -> None:
        """Runs until the child ends, or until it is cancelled.

        Raises ``SettingsError`` or ``MissingPartError`` where the child's status says so, else
        ``SatelliteError``.
        """
        with self._socket as inherited:  # from then on only the child has it
            fd = inherited.fileno()
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                *("--fd", str(fd)),
                *self._voice,
                pass_fds=(fd,),
                stdin=asyncio.subprocess.PIPE,  # its end is how the child knows of ours
            )
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
                except TimeoutError:
                    process.kill()
                    await process.wait()
        kind = _KINDS.get(status, SatelliteError)
        raise kind(
            f"The local Realtime server ended with status {status}.",
            do="Its own message stands above; `satellite offline` shows it alone.",
        )
