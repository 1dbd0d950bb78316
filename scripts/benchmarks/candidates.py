"""The two that are measured: the satellite and the bare client, in the same room."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from satellite.demo.children import Child, start_child
from satellite.demo.metronome import Metronome
from satellite.demo.room import MICROPHONE, SPEAKER
from satellite.demo.stage import Stage

BARE_CLIENT = Path(__file__).with_name("bare_client.py")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Candidate:
    """A running client and what the machine says about it."""

    def __init__(self, name: str, child: Child, started_s: float) -> None:
        self.name = name
        self.child = child
        self.started_s = started_s

    def cpu_s(self) -> float:
        """CPU seconds of the process since its start, user and system, all threads."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def pss_mb(self) -> float:
        """Proportional set size: shared pages divided among those who share them."""
        for line in Path(f"/proc/{self.child.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the kernel does not tell the proportional set size")


@asynccontextmanager
async def candidate(name: str, stage: Stage, server: Metronome) -> AsyncIterator[Candidate]:
    """Starts ``satellite`` or ``bare`` and waits for its first sound on the wire."""
    if name == "satellite":
        child = await stage.start_daemon()
        started_s = stage.daemon_started_s
    else:
        started_s = time.monotonic()
        command = [sys.executable, str(BARE_CLIENT), server.url, MICROPHONE, SPEAKER]
        child = await start_child(name, command, stage.environment)
    try:
        await server.until(
            lambda: server.connected_s > started_s and bool(server.microphone.pieces)
        )
        yield Candidate(name, child, started_s)
    finally:
        if name == "satellite":
            await stage.stop_daemon()
        else:
            await child.stop()
        await asyncio.sleep(0.3)
