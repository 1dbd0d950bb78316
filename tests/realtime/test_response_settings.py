"""How long a reply may be, how fast it is, what it may call: sent only where it is known."""

from __future__ import annotations

import asyncio
import json
import logging
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.app.wiring import link_config
from satellite.conversation import commands
from satellite.conversation.events.server import ServerError
from satellite.realtime.config import LinkConfig, ResponseConfig, TruncationConfig
from satellite.realtime.dialects import AZURE_PREVIEW, BETA, DIALECTS, GA, QWEN, XAI
from satellite.realtime.link import Link
from satellite.realtime.refused_fields import remove_refused
from satellite.realtime.response_settings import reasons
from satellite.settings import Settings
from satellite.settings.sections import RealtimeSection
from tests.realtime.bench import TOOL, meeting

ALL = ResponseConfig(
    max_output_tokens=1000,
    reasoning_effort="low",
    speed=1.2,
    truncation=TruncationConfig("disabled"),
    tool_choice="none",
    parallel_tool_calls=False,
)
FIELDS = {
    "max_output_tokens",
    "max_response_output_tokens",
    "reasoning",
    "speed",
    "truncation",
    "tool_choice",
    "parallel_tool_calls",
}


def names_in(value: object) -> set[str]:
    """Every one of the fields, wherever it stands outside the tools."""
    if not isinstance(value, dict):
        return set()
    below = (names_in(member) for name, member in value.items() if name != "tools")
    return (set(value) & FIELDS).union(*below)


def test_by_default_only_the_limit_of_a_reply_is_sent_and_a_minute_fits_in() -> None:
    session = GA.session(link_config(Settings()))
    assert names_in(session) == {"max_output_tokens"}
    a_minute_of_speech_and_its_text = 1200 + 250
    assert session["max_output_tokens"] > 1.2 * a_minute_of_speech_and_its_text


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("wss://house.openai.azure.com", True),
        ("ws://127.0.0.1:8765", True),
        ("ws://box.lan:8000", False),
        ("wss://voice.example.org", False),
    ],
)
def test_an_unknown_server_is_not_asked_for_what_nobody_has_set(url: str, sent: bool) -> None:
    """One that refuses a session without saying why has worked so far."""
    settings = Settings(realtime=RealtimeSection(url=url))
    session = GA.session(link_config(settings))
    assert ("max_output_tokens" in session) is sent
    settings = Settings(realtime=RealtimeSection(url=url, max_output_tokens=700))
    assert GA.session(link_config(settings))["max_output_tokens"] == 700


def test_each_field_stands_where_the_shape_has_it() -> None:
    config = LinkConfig(model="gpt-realtime-2.1-mini", responses=ALL)
    session = GA.session(config)
    assert session["audio"]["output"]["speed"] == 1.2
    assert session["reasoning"] == {"effort": "low"}
    assert session["truncation"] == "disabled"
    assert (session["tool_choice"], session["parallel_tool_calls"]) == ("none", False)
    assert names_in(session) == FIELDS - {"max_response_output_tokens"}
    flat = BETA.session(config)
    assert (flat["max_response_output_tokens"], flat["speed"]) == (1000, 1.2)
    assert names_in(flat) == {"max_response_output_tokens", "speed", "tool_choice"}
    assert XAI.session(config)["audio"]["output"]["speed"] == 1.2
    assert names_in(XAI.session(config)) == {"speed"}
    assert names_in(QWEN.session(config)) == set()
    assert "speed" not in names_in(AZURE_PREVIEW.session(config))
    assert names_in(GA.other.session(config)) == names_in(flat), "also when the shape is changed"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-realtime-2.1", True),
        ("gpt-realtime-2.1-mini", True),
        ("gpt-realtime-2", True),
        ("gpt-realtime-2-2026-05-07", True),
        ("gpt-realtime-3", True),
        ("kitchen-deployment", True),
        ("gpt-realtime", False),
        ("gpt-realtime-2025-08-28", False),
        ("gpt-realtime-1.5", False),
        ("gpt-realtime-mini", False),
        ("gpt-realtime-mini-2025-12-15", False),
        ("gpt-4o-realtime-preview", False),
    ],
)
def test_reasoning_goes_to_models_that_reason(model: str, expected: bool) -> None:
    assert reasons(model) is expected
    session = GA.session(LinkConfig(model=model, responses=ALL))
    assert ({"reasoning", "parallel_tool_calls"} <= names_in(session)) is expected


@given(
    st.sampled_from(sorted(DIALECTS)),
    st.booleans(),
    st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=7, unique=True),
)
def test_a_server_that_refuses_any_of_them_gets_the_rest(
    name: str, other_shape: bool, refused: list[str]
) -> None:
    dialect = DIALECTS[name].other if other_shape else DIALECTS[name]
    session: dict[str, Any] = dialect.session(LinkConfig(responses=ALL))
    before = deepcopy(session)
    there = [field for field in refused if field in names_in(session)]
    for field in there:
        error = ServerError("unknown_parameter", f"Unknown parameter: '{field}'.", param=field)
        assert remove_refused(session, error) == f"going without {field}"
    assert names_in(session) == names_in(before) - set(there)


@pytest.mark.parametrize("setting", ["reasoning_effort", "speed", "truncation.type"])
def test_a_setting_that_is_not_used_is_said_at_the_start(
    setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = LinkConfig(
        url="wss://dashscope.aliyuncs.com", api_key="k", model="qwen", responses=ALL
    )
    with caplog.at_level(logging.WARNING):
        Link(config, lambda _event: None)
    assert f"realtime.{setting}" in caplog.text
    assert "max_output_tokens" not in caplog.text, "nobody has asked for that"


def test_an_announcement_is_as_long_as_its_text() -> None:
    say = commands.CreateResponse(out_of_band=True, input_text="A very long text")
    assert json.loads(GA.encode(say) or "")["response"]["max_output_tokens"] == "inf"
    assert json.loads(BETA.encode(say) or "")["response"]["max_response_output_tokens"] == "inf"
    assert "max_output_tokens" not in json.loads(QWEN.encode(say) or "")["response"]
    assert "response" not in json.loads(GA.encode(commands.CreateResponse()) or "")


@pytest.mark.parametrize("choice", ["required", "set_light", "none", "auto"])
def test_a_reply_about_results_is_not_made_to_call_again(choice: str) -> None:
    config = LinkConfig(tools=(TOOL,), responses=ResponseConfig(tool_choice=choice))

    async def play() -> list[Any]:
        async with meeting(config=config) as (server, b):
            await b.until(lambda: b.link.ready)
            for command in (
                commands.SendUserText("Lights on"),
                commands.CreateResponse(),
                commands.SendCallOutput("c1", "done"),
                commands.CreateResponse(out_of_band=True),
                commands.CreateResponse(),
                commands.SendUserText("And off"),
                commands.CreateResponse(),
            ):
                b.link.send(1, command)
            client = server.clients[0]
            await b.until(lambda: len(client.received_of("response.create")) == 4)
            return [
                event.get("response", {}).get("tool_choice")
                for event in client.received_of("response.create")
            ]

    forced = choice in ("required", "set_light")
    assert asyncio.run(play()) == [None, "none", "auto" if forced else None, None]
