"""The broker of the demo starts, keeps its port over a restart, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import pytest

from satellite.demo.broker import Mosquitto
from satellite.demo.children import ChildError


def publish(broker: Mosquitto, topic: str, text: str, *more: str) -> int:
    command = ["mosquitto_pub", "-h", broker.host, "-p", str(broker.port), "-t", topic, "-m", text]
    return subprocess.run(
        [*command, *more], capture_output=True, timeout=10, check=False
    ).returncode


def read(broker: Mosquitto, topic: str) -> str:
    command = ["mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "-t", topic]
    done = subprocess.run(
        [*command, "-C", "1", "-W", "2"], capture_output=True, timeout=10, check=False
    )
    return done.stdout.decode().strip()


def test_it_takes_messages_and_a_restart_keeps_port_and_retained_messages() -> None:
    async def scene() -> int:
        async with Mosquitto() as broker:
            port = broker.port
            assert await asyncio.to_thread(publish, broker, "a/b", "kept", "-r") == 0
            started = time.perf_counter()
            await broker.restart()
            assert time.perf_counter() - started < 3
            assert broker.port == port
            assert await asyncio.to_thread(read, broker, "a/b") == "kept"
            pid = broker.pid
        assert not broker.running
        return pid

    pid = asyncio.run(scene())
    assert not Path(f"/proc/{pid}").exists()


def test_without_persistence_retained_messages_are_gone_after_a_restart() -> None:
    async def scene() -> None:
        async with Mosquitto(persistence=False) as broker:
            await asyncio.to_thread(publish, broker, "a/b", "kept", "-r")
            await broker.restart()
            assert await asyncio.to_thread(read, broker, "a/b") == ""

    asyncio.run(scene())


def test_with_users_a_wrong_password_is_refused() -> None:
    async def scene() -> None:
        async with Mosquitto(users={"home": "right"}) as broker:
            for password, ok in (("right", True), ("wrong", False)):
                status = await asyncio.to_thread(
                    publish, broker, "a", "x", "-u", "home", "-P", password
                )
                assert (status == 0) is ok

    asyncio.run(scene())


def test_a_broken_configuration_is_told_with_its_reason() -> None:
    async def scene() -> None:
        with pytest.raises(ChildError, match="nonsense_setting"):
            async with Mosquitto(extra="nonsense_setting 1"):
                pass

    asyncio.run(scene())
