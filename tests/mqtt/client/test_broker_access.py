"""Passwords, certificates and access lists, with what a person is told about them."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from satellite.core.backoff import Pace
from satellite.demo.broker import Mosquitto
from satellite.mqtt.client import broker as brokers
from tests.mqtt.around import Recorder, broker_of, running, until


def test_a_wrong_password_is_said_clearly_and_tried_again_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(brokers, "SLOW", Pace(0.2, 0.2))

    async def scene() -> None:
        async with Mosquitto(users={"home": "right"}) as mosquitto:
            broker = broker_of(mosquitto, Recorder(), username="home", password="wr0ng")
            async with running(broker):
                await until(lambda: broker.problems)
                await asyncio.sleep(0.5)
                assert not broker.connected
            (problem,) = broker.problems  # said once, though tried several times
            assert f"{mosquitto.host}:{mosquitto.port}" in problem
            assert "mqtt.username and mqtt.password" in problem
            assert "wr0ng" not in problem
            assert "wr0ng" not in repr(broker.config)
            assert sum("not authorised" in line for line in mosquitto.log) >= 2

    asyncio.run(scene())


def test_the_right_password_lets_in() -> None:
    async def scene() -> None:
        async with Mosquitto(users={"home": "right"}) as mosquitto:
            broker = broker_of(mosquitto, Recorder(), username="home", password="right")
            async with running(broker):
                await until(lambda: broker.connected)
            assert not broker.problems

    asyncio.run(scene())


def test_what_the_access_list_forbids_is_told(tmp_path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic read #\n", encoding="utf-8")

    async def scene() -> None:
        async with Mosquitto(extra=f"acl_file {rules}") as mosquitto:
            broker = broker_of(mosquitto, Recorder())
            async with running(broker):
                await until(lambda: broker.connected)
                broker.publish("satellite/kitchen/availability", b"online", qos=1, retain=True)
                await until(lambda: broker.problems)
            assert "does not let this satellite publish" in broker.problems[0]

    asyncio.run(scene())


def test_tls_with_its_own_authority(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *more], check=True, capture_output=True)

    async def scene() -> None:
        lines = f"certfile {certificate}\nkeyfile {key}"
        async with Mosquitto(extra=lines) as mosquitto:
            subscriber = Recorder()
            good = broker_of(mosquitto, subscriber, tls=True, ca_file=certificate)
            topics = [f"t/{n}" for n in range(500)]
            good.subscribe(topics)
            async with running(good):
                await until(lambda: good.settled)
                for topic in topics:  # much data at once: nothing may be left in the TLS layer
                    good.publish(topic, b"x" * 3_000)
                await until(lambda: len(subscriber.messages) == 500)
            for more, hint in (
                ({"tls": True}, "mqtt.ca_file"),
                ({"tls": True, "ca_file": tmp_path / "none.pem"}, "cannot be read"),
                ({}, "If it wants TLS, set mqtt.tls"),
            ):
                bad = broker_of(mosquitto, Recorder(), **more)
                async with running(bad):
                    await bad.until_problem(8)
                assert hint in bad.problems[0]

    asyncio.run(scene())
