"""The local Realtime server as a child, for ``realtime.url = "offline"``.

A process of its own: recognition takes whole cores for moments, and the microphone must not wait.
"""

from __future__ import annotations

import asyncio
import socket
import sys

from satellite.errors import MissingPartError, SatelliteError, SettingsError

STOP_PATIENCE_S = 3.0
LOOPBACK = "127.0.0.1"
_KINDS = {kind.exit_status: kind for kind in (SatelliteError, SettingsError, MissingPartError)}


class LocalServer:
    """Started by ``run``; its ``url`` is known from the beginning, and the link waits for it.

    ``voice`` is whom it lets speak (``satellite offline --voice``); empty for its own choice.
    """

    def __init__(self, voice: str = "") -> None:
        self._voice = ("--voice", voice) if voice else ()
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            self._port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self._port}/v1/realtime"

    async def run(self) -> None:
        """For ever. When the child ends there is nobody to talk to.

        Raises ``SettingsError`` or ``MissingPartError`` where the child's status says so, else
        ``SatelliteError``.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "satellite", "offline"),
            *("--port", str(self._port), *self._voice),
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
        kind = _KINDS.get(status, SatelliteError)
        raise kind(
            f"The local Realtime server ended with status {status}.",
            do="Its own message stands above; `satellite offline` shows it alone.",
        )
