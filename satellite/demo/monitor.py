"""Reads a PulseAudio monitor and passes its samples to the recordings."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping

from satellite.demo.children import Child, require_program, start_child
from satellite.demo.recording import FRAME_BYTES, RATE_HZ, SinkClock, Track

PACKAGES = "pulseaudio-utils"
READ_BYTES = 1 << 16


class Monitor:
    """One monitor; it can be opened again after its device came back."""

    def __init__(self, device: str, block_ms: int) -> None:
        self.device = device
        self.clock = SinkClock()
        self._block_ms = block_ms
        self._child: Child | None = None
        self._reader: asyncio.Task[None] | None = None
        self._tracks: list[Track] = []

    async def open(self, environment: Mapping[str, str]) -> None:
        """Returns once samples arrive."""
        self.clock = SinkClock()
        self._child = await start_child(
            f"parec {self.device}",
            [
                require_program("parec", PACKAGES),
                "--raw",
                f"--device={self.device}",
                "--format=s16le",
                "--channels=1",
                f"--rate={RATE_HZ}",
                f"--latency-msec={self._block_ms}",
                f"--process-time-msec={self._block_ms}",
                "--client-name=monitor",
            ],
            environment,
            stdout=asyncio.subprocess.PIPE,
        )
        flowing = asyncio.Event()
        self._reader = asyncio.create_task(self._read(self._child, flowing), name=self.device)
        waiter = asyncio.create_task(flowing.wait())
        await asyncio.wait((waiter, self._reader), return_when=asyncio.FIRST_COMPLETED)
        if not flowing.is_set():
            waiter.cancel()
            raise await self._child.failed()

    async def close(self) -> None:
        if self._child is not None:
            await self._child.stop(patience_s=1)
            self._child = None
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
        for track in self._tracks:
            track.pause()

    async def _read(self, child: Child, flowing: asyncio.Event) -> None:
        stdout = child.process.stdout
        assert stdout is not None
        odd = b""
        while data := await stdout.read(READ_BYTES):
            arrived_s = time.monotonic()
            data = odd + data
            whole = len(data) // FRAME_BYTES * FRAME_BYTES
            data, odd = data[:whole], data[whole:]
            first = self.clock.frames
            self.clock.block(whole // FRAME_BYTES, arrived_s)
            for track in self._tracks:
                track.add(data, self.clock, first)
            flowing.set()

    def start(self, track: Track) -> None:
        self._tracks.append(track)

    def stop(self, track: Track) -> None:
        with contextlib.suppress(ValueError):
            self._tracks.remove(track)
        track.pause()
