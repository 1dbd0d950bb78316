"""The candidates of a measurement: the satellite and the bare client, in the same room."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from satellite.demo.children import Child, start_child
from satellite.demo.parts import Daemon
from satellite.demo.room import MICROPHONE, SPEAKER
from satellite.demo.stage import Stage
from scripts.benchmarks.processes import Process, family
from tests.fakes.realtime_server import FakeRealtimeServer

BARE_CLIENT = Path(__file__).with_name("bare_client.py")
BARE = "bare"
SATELLITE = "satellite"
BESIDE = "beside"


class Candidate:
    """A running client and what the machine says about it, its own child processes included."""

    def __init__(self, name: str, child: Child, started_s: float) -> None:
        self.name = name
        self.child = child
        self.started_s = started_s

    @property
    def processes(self) -> list[Process]:
        return family(self.child.pid)

    def cpu_s(self) -> float:
        """CPU seconds since its start, user and system, all threads and processes."""
        return sum(process.cpu_s for process in self.processes)

    def pss_mb(self) -> float:
        """Proportional set size: shared pages divided among those who share them."""
        return sum(process.pss_mb for process in self.processes)


@asynccontextmanager
async def candidate(
    name: str,
    stage: Stage,
    server: FakeRealtimeServer,
    *,
    prefix: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> AsyncIterator[Candidate]:
    """Starts a client and waits for its first sound on the wire.

    ``bare`` is the bare client, any other name a satellite. ``prefix`` is put before its command,
    ``settings`` are more variables for it, ``python`` is that of the checkout it comes from.
    """
    environment = {**stage.environment, **(settings or {})}
    if python != sys.executable:
        environment["PYTHONSAFEPATH"] = "1"  # or it would be the satellite of this folder
    started_s = time.monotonic()
    daemon = Daemon((*prefix, python), ("--config", os.devnull))
    if name == BARE:
        command = [*prefix, sys.executable, str(BARE_CLIENT), server.url, MICROPHONE, SPEAKER]
        child = await start_child(name, command, environment)
    else:
        child = await daemon.start(environment)
    try:
        await server.until(
            lambda: server.connected_s > started_s and bool(server.microphone.pieces), 60.0
        )
        yield Candidate(name, child, started_s)
    finally:
        await (child if name == BARE else daemon).stop()
        await asyncio.sleep(0.3)
