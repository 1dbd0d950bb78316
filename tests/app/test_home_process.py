"""The home process, for real: a broker, a small home, and what happens when it dies or hangs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from satellite.app import home_process
from satellite.app.home_process import HomeProcess, turn_context
from satellite.app.wiring import home_process_config
from satellite.conversation.call_context import CallContext, HeardSpeech
from satellite.conversation.commands import Tool
from satellite.conversation.effects import RunCall, State
from satellite.core.backoff import Backoff, Pace
from satellite.demo.broker import Mosquitto
from satellite.demo.devices import SmallHome
from satellite.mqtt.own_entities.requests import Mute, Request, Say
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import load_settings
from satellite.tools.execution.turn_context import SpeechHeard, TurnContext
from tests.mqtt.around import until, witness

TOPICS = Topics("kitchen")
PATIENCE_S = 30.0


class Voice:
    """The other side: what it is told, and what it asks."""

    def __init__(self, mosquitto: Mosquitto) -> None:
        mqtt = {"host": mosquitto.host, "port": mosquitto.port}
        settings = load_settings(
            overrides={"mqtt": mqtt, "satellite": {"id": "kitchen"}}, key_needed=False
        )
        self.tools: list[tuple[Tool, ...]] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.lost = 0
        self.requests: list[Request] = []
        self.problems: list[tuple[str, str]] = []
        self.home = HomeProcess(
            home_process_config(settings),
            on_tools=lambda tools, _names: self.tools.append(tools),
            on_result=lambda call_id, output, _picture: self.results.update(
                {call_id: json.loads(output)}
            ),
            on_lost=self._lost,
            on_peer=lambda _: None,
            on_problem=lambda part, text: self.problems.append((part, text)),
        )
        self.home.on_request = self.requests.append

    def _lost(self) -> None:
        self.lost += 1

    def knows_all(self) -> bool:
        named = str(self.tools[-1]) if self.tools else ""
        return "Kitchen light" in named and "Coffee machine" in named

    async def reaches_all(self) -> None:
        """Waits until every device can be commanded: they come one after the other, then the word
        that their bridge is there, and on a busy machine all of it slowly."""
        await until(self.knows_all, PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            for number in itertools.count():
                call_id = f"reaches{self.lost}.{number}"
                if self.ask(call_id, "get_state", devices=["Kitchen light", "Coffee machine"]):
                    await until(partial(self.results.__contains__, call_id), PATIENCE_S)
                result = self.results.get(call_id, {})
                if result.get("status") == "done" and "unavailable" not in str(result):
                    return
                await asyncio.sleep(0.05)

    def ask(self, call_id: str, name: str, **arguments: object) -> bool:
        return self.home.call(RunCall(call_id, name, json.dumps(arguments), 1, 1))

    async def call(self, call_id: str, name: str, **arguments: object) -> str:
        assert self.ask(call_id, name, **arguments)
        await until(lambda: call_id in self.results, PATIENCE_S)
        return str(self.results[call_id]["status"])


@contextlib.asynccontextmanager
async def joined(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[tuple[Voice, SmallHome, Mosquitto]]:
    """A voice and a home process that has met the devices of a small home."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    async with Mosquitto() as mosquitto, SmallHome(mosquitto.host, mosquitto.port) as devices:
        voice = Voice(mosquitto)
        running = asyncio.create_task(voice.home.run())
        try:
            await voice.reaches_all()
            yield voice, devices, mosquitto
        finally:
            running.cancel()
            await asyncio.wait({running})
            assert running.cancelled()


def test_devices_become_tools_and_calls_have_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_settings: None
) -> None:
    async def scene() -> None:
        async with joined(monkeypatch, tmp_path) as (voice, devices, mosquitto):
            assert "set_light" in {tool.name for tool in voice.tools[-1]}
            status = await voice.call(
                "c1", "set_light", devices=["Kitchen light"], brightness_pct=40
            )
            assert status == "done"
            assert devices["Kitchen light"].state == {"state": "ON", "brightness": 102}
            voice.home.show("state", State.SPEAKING)
            async with witness(mosquitto.host, mosquitto.port) as seen:
                await until(lambda: seen.last.get(TOPICS.of("state")) == b"speaking")
                await seen.client.publish(TOPICS.command("say"), "Dinner is ready")
                await seen.client.publish(TOPICS.command("mute"), "ON")
                await until(lambda: len(voice.requests) == 2)
            assert voice.requests == [Say("Dinner is ready"), Mute(True)]
            pid = voice.home.pid
            assert ("home", "") in voice.problems
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    asyncio.run(scene())


def test_a_stop_says_goodbye_to_the_broker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_settings: None
) -> None:
    async def scene() -> None:
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            running = asyncio.create_task(Voice(mosquitto).home.run())
            await until(lambda: seen.last.get(TOPICS.availability) == b"online", PATIENCE_S)
            running.cancel()
            await asyncio.wait({running})
            await until(lambda: seen.last.get(TOPICS.availability) == b"offline")

    asyncio.run(scene())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_dies_or_hangs_is_replaced_and_nothing_is_done_twice(
    how: signal.Signals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_settings: None
) -> None:
    monkeypatch.setattr(home_process, "PING_S", 0.1)
    monkeypatch.setattr(home_process, "STOP_TIMEOUT_S", 0.5)
    monkeypatch.setattr(home_process, "RESTART", Pace(2.0, 2.0))

    async def scene() -> None:
        async with joined(monkeypatch, tmp_path) as (voice, devices, mosquitto):
            tools, lists = voice.tools[-1], len(voice.tools)
            voice.home.show("state", State.THINKING)
            voice.home.show("volume", 35)
            devices["Coffee machine"].silent = True  # so that its call waits for a word
            assert voice.ask("waits", "set_power", devices=["Coffee machine"], state="on")
            await until(lambda: devices.commands("Coffee machine"))
            os.kill(voice.home.pid, how)
            with monkeypatch.context() as impatient:  # not with the next one, which has to start
                impatient.setattr(home_process, "SILENT_S", 2.0)
                await until(lambda: voice.lost, PATIENCE_S)
            assert not voice.ask("between", "set_power", devices=["Kitchen light"], state="on")
            assert "waits" not in voice.results
            (problem,) = [text for part, text in voice.problems if part == "home" and text]
            assert "nothing can be switched" in problem
            await until(lambda: tools in voice.tools[lists:], PATIENCE_S)
            await voice.reaches_all()
            status = await voice.call("c2", "set_power", devices=["Kitchen light"], state="on")
            assert status == "done"
            await until(lambda: voice.problems[-1] == ("home", ""), PATIENCE_S)
            async with witness(mosquitto.host, mosquitto.port) as seen:
                await until(lambda: seen.last.get(TOPICS.of("state")) == b"thinking")
                await until(lambda: seen.last.get(TOPICS.of("volume")) == b"35")
            assert len(devices.commands("Coffee machine")) == 1
            assert len(devices.commands("Kitchen light")) == 1
            assert voice.home.restarts == 1

    asyncio.run(scene())


def test_one_that_cannot_be_started_is_tried_again_ever_more_seldom(
    monkeypatch: pytest.MonkeyPatch, no_settings: None
) -> None:
    monkeypatch.setattr(home_process, "COMMAND", ("/bin/false",))
    monkeypatch.setattr(home_process, "RESTART", Pace(0.02, 0.1))
    monkeypatch.setattr(home_process, "Backoff", lambda: Backoff(lambda: 1.0))
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds <= 0.1:
            pauses.append(seconds)
        await sleep(seconds)

    async def scene() -> None:
        voice = Voice(Mosquitto())
        monkeypatch.setattr(asyncio, "sleep", noted)
        running = asyncio.create_task(voice.home.run())
        await until(lambda: voice.home.restarts >= 4, PATIENCE_S)
        running.cancel()
        await asyncio.wait({running})
        assert next(text for part, text in voice.problems if part == "home").endswith(
            "ended with status 1. It is started again; until then nothing can be switched."
        )

    asyncio.run(scene())
    assert [one for one in pauses if one != 0.002][:4] == [0.02, 0.04, 0.08, 0.1]


def test_what_the_person_heard_and_said_is_the_same_in_the_words_of_the_tools() -> None:
    heard = HeardSpeech(4, "Shall I?", 700, 900, False, ("c0",), ("c1",))
    speech = SpeechHeard(4, "Shall I?", 700, 900, False, ("c0",), ("c1",))
    assert turn_context(CallContext(2, True, "yes", (heard,))) == TurnContext(
        2, True, "yes", (speech,)
    )
    for known, taken in ((CallContext, TurnContext), (HeardSpeech, SpeechHeard)):
        fields = {field.name for field in msgspec.structs.fields(known)}
        assert fields == set(taken.__dataclass_fields__)
