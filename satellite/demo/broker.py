"""Debian's mosquitto as a child process: the broker of the demo, the tests and the bench.

It listens on loopback on a free port, which stays the same over a restart, and writes to a
temporary folder only. Its defaults are those of Debian's package: retained messages survive a
restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

from satellite.demo.block import Block
from satellite.demo.children import Child, ChildError, require_program, start_child

LOOPBACK = "127.0.0.1"
READY_POLL_S = 0.01
READY_PATIENCE_S = 10.0


def free_port() -> int:
    """A TCP port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Mosquitto(Block):
    """A running broker: ``async with Mosquitto() as broker: connect(broker.host, broker.port)``.

    ``users`` (name to password) turns anonymous access off and writes a password file.
    ``persistence`` keeps retained messages over ``stop`` and ``start``, as Debian's package does.
    ``extra`` are further lines of its configuration; lines of a listener apply to the only one.

    Raises MissingPartError when mosquitto is not installed, ChildError when it does not start.
    """

    host = LOOPBACK

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        persistence: bool = True,
        port: int = 0,
        extra: str = "",
    ) -> None:
        self.port = port
        self._users = dict(users or {})
        self._persistence = persistence
        self._extra = extra
        self._folder: Path | None = None
        self._child: Child | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def pid(self) -> int:
        """Process id of the broker. Raises ChildError when it is not running."""
        if self._child is None:
            raise ChildError("The broker is not running.")
        return self._child.pid

    @property
    def log(self) -> list[str]:
        """The last lines that the broker wrote."""
        return [] if self._child is None else list(self._child.tail)

    async def _open(self) -> None:
        await self.start()

    async def _close(self) -> None:
        try:
            await self.stop()
        finally:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    async def start(self) -> None:
        """Starts the broker and returns when it takes connections."""
        if self.running:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="satellite-mosquitto-"))
            await self._write_passwords(self._folder)
        if not self.port:
            self.port = free_port()
        configuration = self._folder / "mosquitto.conf"
        configuration.write_text(self._configuration(self._folder), encoding="utf-8")
        program = require_program("mosquitto", "mosquitto")
        self._child = await start_child("mosquitto", [program, "-c", str(configuration)])
        await self._wait_until_ready(self._child)

    async def stop(self) -> None:
        """Ends the broker cleanly: it saves its retained messages."""
        if self._child is not None:
            await self._child.stop()

    async def kill(self) -> None:
        """Ends the broker as a power cut would."""
        if self._child is not None:
            await self._child.stop(how=signal.SIGKILL)

    async def restart(self, pause_s: float = 0.0) -> None:
        """Stops it and starts it again on the same port, ``pause_s`` later."""
        await self.stop()
        await asyncio.sleep(pause_s)
        await self.start()

    def _configuration(self, folder: Path) -> str:
        lines = [
            # Started as root it would become the user mosquitto, who may not read our folder;
            # started by anybody else it ignores the line.
            "user root",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
            f"persistence {'true' if self._persistence else 'false'}",
            f"persistence_location {folder}/",
            f"listener {self.port} {self.host}",
        ]
        if self._users:
            lines += ["allow_anonymous false", f"password_file {folder / 'passwords'}"]
        else:
            lines.append("allow_anonymous true")
        return "\n".join([*lines, self._extra, ""])

    async def _write_passwords(self, folder: Path) -> None:
        if not self._users:
            return
        passwords = folder / "passwords"
        text = "".join(f"{name}:{password}\n" for name, password in self._users.items())
        passwords.write_text(text, encoding="utf-8")
        passwords.chmod(0o600)
        # -U replaces the plain passwords of the file by their hashes.
        program = require_program("mosquitto_passwd", "mosquitto")
        hashing = await start_child("mosquitto_passwd", [program, "-U", str(passwords)])
        if await hashing.process.wait() != 0:
            raise await hashing.failed()

    async def _wait_until_ready(self, child: Child) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_PATIENCE_S):
                while child.running:
                    try:
                        _, writer = await asyncio.open_connection(self.host, self.port)
                    except ConnectionRefusedError:
                        await asyncio.sleep(READY_POLL_S)
                        continue
                    writer.close()
                    return
        if child.running:
            await child.stop()
            raise ChildError(f"mosquitto took no connection within {READY_PATIENCE_S:.0f} s.")
        raise await child.failed()
