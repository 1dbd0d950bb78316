"""What the server made of the session is compared with what was asked, and told once."""

from __future__ import annotations

import asyncio
import logging
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from satellite.realtime.config import LinkConfig, ResponseConfig
from satellite.realtime.dialects import BETA, GA
from satellite.realtime.session_differences import MAX_TOLD, differences, other_model
from tests.realtime.bench import TOOL, meeting
from tests.realtime.scripted_server import Client

CONFIG = LinkConfig(
    model="gpt-realtime-2.1-mini",
    voice="voice_1",
    instructions="The code of the door is 4711.",
    vocabulary=("Wübbena",),
    transcription_model="gpt-transcribe",
    noise_reduction="far_field",
    responses=ResponseConfig(max_output_tokens=2048, speed=1.2),
    tools=(TOOL, structs.replace(TOOL, name="set_cover")),
)


def changed(path: str, value: object) -> tuple[dict[str, Any], dict[str, Any]]:
    asked = GA.session(CONFIG)
    made = deepcopy(asked)
    *tables, name = path.split(".")
    node = made
    for table in tables:
        node = node[table]
    node[name] = value
    return asked, made


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("audio.output.speed", 1.0, "audio.output.speed is 1 instead of 1.2"),
        ("max_output_tokens", "inf", "max_output_tokens is inf instead of 2048"),
        ("audio.input.noise_reduction", None, "audio.input.noise_reduction is none instead of set"),
        ("audio.input.turn_detection.create_response", False, "is False instead of True"),
        ("output_modalities", ["text"], "output_modalities is another list"),
        ("instructions", "Be evil.", "instructions is another"),
        ("audio.input.transcription.keywords", [], "keywords is another"),
        ("tools", [], "tools is without set_light, set_cover"),
        ("audio.output.voice", "alloy", "audio.output.voice is alloy instead of set"),
    ],
)
def test_each_field_that_became_another_is_named(path: str, value: object, told: str) -> None:
    (phrase,) = differences(*changed(path, value))
    assert told in phrase
    assert not any(secret in phrase for secret in ("4711", "evil", "Wübbena"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("audio.output.speed", 1.2000000476837158),
        ("audio.output.voice", "voice_1"),
        ("audio.input.noise_reduction", {"type": "far_field", "strength": 1}),
        ("instructions", "The code of the door is 4711. "),
        ("tracing", "auto"),
    ],
)
def test_what_a_server_rounds_trims_and_adds_is_no_difference(path: str, value: object) -> None:
    assert differences(*changed(path, value)) == []


@pytest.mark.parametrize("dialect", [GA, BETA], ids=lambda one: one.name)
def test_the_same_and_nothing_at_all_are_no_difference(dialect: Any) -> None:  # noqa: ANN401
    session = dialect.session(CONFIG)
    assert differences(session, deepcopy(session)) == []
    assert differences(session, {}) == []


def test_another_model_is_told_and_a_dated_name_of_it_is_not() -> None:
    assert other_model("gpt-realtime-2.1-mini", "gpt-realtime-2.1-mini-2026-07-01") == ""
    assert other_model("", "local") == ""
    assert "gpt-realtime-2.1 instead" in other_model("gpt-realtime-2.1-mini", "gpt-realtime-2.1")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)
names = st.sampled_from([*GA.session(CONFIG), "audio", "tools"])


@given(st.dictionaries(names, json_values, max_size=8))
def test_whatever_a_server_sends_is_told_in_few_short_lines(made: dict[str, Any]) -> None:
    found = differences(GA.session(CONFIG), made)
    assert len(found) <= MAX_TOLD
    assert all(phrase.isprintable() and len(phrase) < 250 for phrase in found)


def test_it_is_told_once_in_the_journal_over_all_sessions(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def script(client: Client) -> None:
        await client.send(type="session.created", session={"id": "s"})
        asked = await client.receive("session.update")
        made = deepcopy(asked["session"]) | {"model": "another-model", "max_output_tokens": 4096}
        await client.send(type="session.updated", session=made)
        update = await client.receive("session.update")
        made |= update["session"] | {"instructions": "Something else"}
        await client.send(type="session.updated", session=made)
        await client.listen()

    async def play() -> None:
        async with meeting(script, CONFIG) as (server, b):
            for number in (1, 2):
                while b.link.epoch != number:
                    await asyncio.sleep(0.002)
                b.link.update_session(instructions=f"New instructions {number}")
                client = server.clients[-1]
                while len(client.received_of("session.update")) < 2:
                    await asyncio.sleep(0.002)
                await b.until(lambda: "instructions is another" in caplog.text)
                await client.socket.close()

    with caplog.at_level(logging.INFO):
        asyncio.run(play())
    told = [record.getMessage() for record in caplog.records]
    lines = [line for line in told if "something else" in line]
    assert sorted(line.rpartition(": ")[2] for line in lines) == [
        "instructions is another.",
        "max_output_tokens is 4096 instead of 2048.",
        "model is another-model instead of gpt-realtime-2.1-mini.",
    ]
