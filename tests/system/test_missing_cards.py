"""A card that is away is waited for, however long: no watchdog, no exit, no flood of lines."""

from __future__ import annotations

import asyncio
import socket
import time
from itertools import pairwise
from pathlib import Path

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer
from tests.system.test_losses import PATIENCE_S, hears_again, state_becomes

WATCHDOG_S = 4.0
AWAY_S = 12.0
"""Three times what the service manager allows for silence."""
BACK_S = 8.0
"""Five seconds are promised; this machine may be busy."""


class Manager:
    """systemd's side: keeps what it was told, with its time."""

    def __init__(self, folder: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        self.told: list[tuple[float, str]] = []
        self.settings = {
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6)),
            "STATE_DIRECTORY": str(folder),
        }

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = await loop.sock_recv(self._socket, 4096)
            self.told.append((time.monotonic(), message.decode()))

    def longest_silence_s(self, since_s: float) -> float:
        fed = [at for at, what in self.told if what == "WATCHDOG=1" and at > since_s]
        times = [since_s, *fed, time.monotonic()]
        return max(later - sooner for sooner, later in pairwise(times))

    async def hears(self, what: str, since_s: float) -> bool:
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            if any(at > since_s and what in text for at, text in self.told):
                return True
            await asyncio.sleep(0.05)
        return False


def test_a_microphone_that_has_worked_is_waited_for_also_by_the_next_process(
    tmp_path: Path,
) -> None:
    asyncio.run(_away(Manager(tmp_path)))


async def _away(manager: Manager) -> None:
    """The watchdog ended the process after half a minute; after that each start failed with 69,
    every ten seconds."""
    listening = asyncio.create_task(manager.listen())
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, home=False, settings=manager.settings) as stage,
    ):
        await stage.listening()
        await hears_again(server)
        await stage.room.unplug("usbmic")
        pulled_s = time.monotonic()
        assert await state_becomes(stage, "error", pulled_s)
        await asyncio.sleep(AWAY_S)
        assert manager.longest_silence_s(pulled_s) < WATCHDOG_S
        await comes_back(stage, server)

        await stage.room.unplug("usbmic")
        pulled_s = time.monotonic()
        assert await state_becomes(stage, "error", pulled_s)
        assert stage.daemon is not None
        stage.daemon.process.kill()
        await stage.stop_daemon()
        await stage.start_daemon()
        assert await manager.hears("READY=1", stage.daemon_started_s)
        assert await manager.hears("usbmic", stage.daemon_started_s), "systemctl status tells why"
        assert manager.longest_silence_s(stage.daemon_started_s + WATCHDOG_S) < WATCHDOG_S
        assert stage.daemon is not None
        assert stage.daemon.running
        assert len(stage.daemon.tail) < 20, "each look for it leaves a line"
        await comes_back(stage, server)
    listening.cancel()


async def comes_back(stage: Stage, server: FakeRealtimeServer) -> None:
    await stage.room.replug("usbmic")
    back_s = time.monotonic()
    await hears_again(server)
    assert time.monotonic() - back_s < BACK_S
    assert await state_becomes(stage, "listening", back_s)


def test_a_card_that_has_never_worked_ends_the_start_with_69(tmp_path: Path) -> None:
    asyncio.run(_never(tmp_path))


async def _never(folder: Path) -> None:
    settings = {"SATELLITE_AUDIO__INPUT": "none-such", "STATE_DIRECTORY": str(folder)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, home=False, settings=settings) as stage,
    ):
        assert stage.daemon is not None
        assert await asyncio.wait_for(stage.daemon.process.wait(), 40.0) == 69
        assert "none-such" in stage.daemon.reason(50)
