"""The service manager's side of the socket, as a real datagram socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from satellite.core.sd_notify import Notifier


class Manager:
    """Listens where systemd would."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def messages(self) -> list[str]:
        found: list[str] = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    path = tmp_path / "notify"
    manager = Manager(path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield manager
    manager.close()


def test_tells_systemd_each_step_of_a_life(manager: Manager) -> None:
    notifier = Notifier()
    notifier.ready()
    notifier.status("listening\nin the kitchen")
    notifier.stopping()
    assert manager.messages() == [
        "READY=1",
        "STATUS=listening in the kitchen",
        "STOPPING=1",
    ]


def test_says_the_same_status_once(manager: Manager) -> None:
    notifier = Notifier()
    for text in ("listening", "listening", "speaking", "listening"):
        notifier.status(text)
    assert manager.messages() == ["STATUS=listening", "STATUS=speaking", "STATUS=listening"]


def test_is_silent_without_a_service_manager(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET")
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    notifier = Notifier()
    notifier.ready()
    notifier.status("listening")
    asyncio.run(asyncio.wait_for(notifier.watchdog(lambda: True), 1))
    assert manager.messages() == []
    assert notifier.watchdog_s == 0


def test_survives_a_manager_that_is_gone(
    manager: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    Notifier().ready()
    assert manager.messages() == []


def test_feeds_the_watchdog_at_half_its_time_while_alive(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))

    async def for_a_while() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Notifier().watchdog(lambda: True), 0.55)

    asyncio.run(for_a_while())
    pings = manager.messages()
    assert set(pings) == {"WATCHDOG=1"}
    # At 0, 100, … 500 ms; a busy machine may lose some, but never makes more of them.
    assert 3 <= len(pings) <= 6


def test_starves_the_watchdog_while_not_alive_and_feeds_it_again_later(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    caplog.set_level("INFO")
    answers = iter([True, False, False, False, True])

    async def until_the_answers_end() -> None:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await Notifier().watchdog(lambda: next(answers))

    asyncio.run(until_the_answers_end())
    assert manager.messages() == ["WATCHDOG=1", "WATCHDOG=1"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize(
    ("period", "pid"), [("", ""), ("0", ""), ("soon", ""), ("1000000", "1"), ("1000000", "x")]
)
def test_is_not_watched_when_systemd_does_not_watch_this_process(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, period: str, pid: str
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", period)
    monkeypatch.setenv("WATCHDOG_PID", pid)
    assert Notifier().watchdog_s == 0
