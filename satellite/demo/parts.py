"""The local server and the satellite as child processes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from satellite.demo.block import Block
from satellite.demo.broker import LOOPBACK, free_port
from satellite.demo.children import Child, ChildError, start_child

SERVER_START_S = 30.0
POLL_S = 0.02
STOP_S = 8.0

T = TypeVar("T")

_FOREIGN = ("SATELLITE_", "OPENAI_API_KEY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_")
"""Prefixes of environment variables that must not reach these processes."""


def clean_environment() -> dict[str, str]:
    """Our environment without the machine's settings, secrets and service manager."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


class DemoLocalServer(Block):
    """``satellite offline`` on a free port of loopback; ``url`` is what clients connect to.

    ``voice`` is its flag ``--voice``. ``begin`` starts it without waiting, so that others can be
    started meanwhile. Raises ChildError when it does not start.
    """

    def __init__(self, voice: str = "auto") -> None:
        self.port = free_port()
        self._voice = voice
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self.port}/v1/realtime"

    async def begin(self) -> None:
        if self.child is None:
            self.child = await start_child(
                "satellite offline",
                [
                    *(sys.executable, "-m", "satellite", "offline"),
                    *("--port", str(self.port), "--voice", self._voice),
                ],
                clean_environment(),
            )

    async def _open(self) -> None:
        await self.begin()
        assert self.child is not None
        await self._wait(self.child)

    async def _close(self) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self.child is not None:
            child, self.child = self.child, None
            await child.stop()

    async def _wait(self, child: Child) -> None:
        end_s = time.monotonic() + SERVER_START_S
        while time.monotonic() < end_s:
            if not child.running:
                raise await child.failed()
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, self.port)
            except OSError:
                await asyncio.sleep(POLL_S)
                continue
            writer.close()
            return
        raise ChildError(f"The local server takes no connection. {child.reason()}")


class Daemon:
    """``satellite run`` as a process.

    ``python`` is put before ``-m satellite`` (for a profiler), ``flags`` after ``run``.
    """

    def __init__(
        self, python: Sequence[str] = (sys.executable,), flags: Sequence[str] = ()
    ) -> None:
        self.child: Child | None = None
        self.started_s = 0.0
        """Monotonic time at which the process was started."""
        self._python = python
        self._flags = flags

    async def start(self, environment: Mapping[str, str]) -> Child:
        self.started_s = time.monotonic()
        argv = [*self._python, "-m", "satellite", "run", *self._flags]
        self.child = await start_child("satellite run", argv, environment)
        return self.child

    async def stop(self) -> int | None:
        """Ends it as systemd would; returns its exit status, None if it was not running."""
        if self.child is None:
            return None
        child, self.child = self.child, None
        return await child.stop(patience_s=STOP_S)


async def supervised(work: Coroutine[Any, Any, T], *children: Child | None) -> T:
    """The result of ``work``. Raises ChildError as soon as one of the children ends unasked."""
    present = [child for child in children if child is not None]
    task = asyncio.create_task(work)
    watchers = [asyncio.create_task(child.process.wait()) for child in present]
    try:
        await asyncio.wait((task, *watchers), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            for child in present:
                if not child.running and not child.stopping:
                    raise await child.failed()
        return await task
    finally:
        for one in (task, *watchers):
            one.cancel()
        await asyncio.gather(task, *watchers, return_exceptions=True)
