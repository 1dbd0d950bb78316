"""Both directions against the event types of the ``openai`` package."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter

from satellite.conversation import commands
from satellite.conversation.events import server
from satellite.realtime.config import (
    AudioCoding,
    LinkConfig,
    ResponseConfig,
    TruncationConfig,
    VadConfig,
)
from satellite.realtime.decode import decode
from satellite.realtime.dialect import Dialect
from satellite.realtime.dialects import AZURE, GA
from satellite.realtime.encode import append_frame
from satellite.realtime.mcp import McpServer

CLIENT: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
TOOL = commands.Tool(
    "set_power",
    "Switch devices",
    {
        "type": "object",
        "properties": {"devices": {"type": "array", "items": {"enum": ["Lamp"]}}},
        "required": ["devices"],
    },
)

COMMANDS: list[commands.Command] = [
    commands.CreateResponse("e2"),
    commands.CreateResponse("e2", metadata={"satellite": "answer"}),
    commands.CreateResponse(
        "e2",
        instructions="Say this word for word.",
        out_of_band=True,
        input_text="Dinner is ready",
        metadata={"satellite": "say"},
    ),
    commands.CreateResponse("e2", out_of_band=True),
    commands.CreateResponse("e2", tool_choice="auto"),
    commands.CancelResponse(event_id="e3"),
    commands.CancelResponse("resp_1", "e3"),
    commands.TruncateItem("item_1", 1234, "e4"),
    commands.DeleteItem("item_1", "e5"),
    commands.SendUserText("Lights on", event_id="e6"),
    commands.SendUserText("What is this?", "data:image/png;base64,AAAA", "e17"),
    commands.AddPicture("picture_1", "data:image/jpeg;base64,AAAA", "The front door", "e18"),
    commands.SendCallOutput("call_1", '{"status":"done"}', "e7"),
    commands.ClearInput("e8"),
    commands.CommitInput("e9"),
    commands.AddPastMessage("past_1", "user", "Is it cold?", "e13"),
    commands.AddPastMessage("past_2", "assistant", "Yes.", "e14"),
    commands.AddPastCall("past_3", "past_call_3", "get_state", "{}", "e15"),
    commands.AddPastOutput("past_3_out", "past_call_3", "{}", "e16"),
    commands.SendSystemText("It is Tuesday.", "e10"),
    commands.SendApproval("mcpr_1", approve=True, event_id="e11"),
    commands.SendApproval("mcpr_1", approve=False, reason="Nobody answered.", event_id="e12"),
]

CONFIGS: list[LinkConfig] = [
    LinkConfig(),
    LinkConfig(output="text", instructions="Be brief.", tools=(TOOL,)),
    LinkConfig(
        voice="marin",
        input_format="g711_ulaw",
        output_format="g711_alaw",
        transcription_model="gpt-transcribe",
        language="en-GB",
        noise_reduction="far_field",
        vad=VadConfig("server_vad", 0.6, 250, 700, "low", 8000),
        interrupt="server",
    ),
    LinkConfig(voice="voice_1234", vad=VadConfig("semantic_vad", 0.6, eagerness="high")),
    LinkConfig(vad=VadConfig("none")),
    LinkConfig(
        mcp=(
            McpServer("weather", url="https://mcp.example.org", authorization="token"),
            McpServer("mail", connector="connector_gmail", allowed_tools=("read",), asks=False),
            McpServer("docs", url="https://docs.example.org", without_approval=("search",)),
        )
    ),
    LinkConfig(
        model="gpt-realtime-2.1-mini",
        responses=ResponseConfig(
            max_output_tokens=2048,
            reasoning_effort="high",
            speed=1.25,
            truncation=TruncationConfig("retention_ratio", 0.7, 8000),
            tool_choice="set_power",
            parallel_tool_calls=False,
        ),
    ),
    LinkConfig(responses=ResponseConfig(truncation=TruncationConfig("disabled"))),
    LinkConfig(responses=ResponseConfig(tool_choice="required")),
]


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    return {(field.alias or name): field for name, field in model.model_fields.items()}


def unknown_fields(value: object, where: str = "") -> Iterator[str]:
    """Names in a parsed event that the package's types do not have."""
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"{where}.{name}"
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, list):
        for member in value:
            yield from unknown_fields(member, where)


def check(message: str) -> Mapping[str, Any]:
    event: dict[str, Any] = json.loads(message)
    parsed = CLIENT.validate_python(event, strict=True)
    assert parsed.type == event["type"]
    assert list(unknown_fields(parsed)) == []
    assert parsed.to_dict() == event, "nothing may get lost on the way through the types"
    return event


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("dialect", [GA, AZURE], ids=lambda d: d.name)
def test_each_command_is_a_valid_client_event(command: commands.Command, dialect: Dialect) -> None:
    message = dialect.encode(command)
    assert message is not None
    event = check(message)
    assert event["event_id"] == command.event_id


def test_no_command_is_forgotten() -> None:
    assert {type(command) for command in COMMANDS} == set(typing.get_args(commands.Command))


@pytest.mark.parametrize("config", CONFIGS)
def test_each_session_is_valid(config: LinkConfig) -> None:
    event = check(GA.encode_update(GA.session(config), "s1"))
    assert event["session"]["type"] == "realtime"
    assert event["session"]["output_modalities"] == [config.output]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda session: session.update(temperature=0.8),
        lambda session: session["audio"]["input"].update(vad=True),
        lambda session: session["audio"]["input"]["turn_detection"].update(hurry=1),
        lambda session: session["tools"][0].update(strict=True),
        lambda session: session.update(type="beta"),
    ],
)
def test_the_check_itself_finds_what_is_wrong(spoil: Callable[[dict[str, Any]], None]) -> None:
    session = GA.session(LinkConfig(tools=(TOOL,)))
    check(GA.encode_update(session))
    spoil(session)
    with pytest.raises((AssertionError, ValueError)):
        check(GA.encode_update(session))


@pytest.mark.parametrize("tools", [(TOOL,), ()], ids=["a tool", "no tool"])
@pytest.mark.parametrize("changed", ["tools", "instructions"])
def test_each_later_update_is_valid_and_small(
    changed: str, tools: tuple[commands.Tool, ...]
) -> None:
    config = LinkConfig(tools=tools, instructions="Be brief.", voice="marin")
    event = check(GA.encode_update(GA.later_update(config, changed), "s2"))
    assert set(event["session"]) == {"type", changed}


def test_the_microphone_frame_is_valid() -> None:
    assert check(append_frame(b"\x00\x01" * 480))["type"] == "input_audio_buffer.append"
    assert check(append_frame(b""))["audio"] == ""


def test_audio_codings_are_the_protocols() -> None:
    assert set(typing.get_args(AudioCoding)) == {"pcm16", "g711_ulaw", "g711_alaw"}


# --- every server event of the package ----------------------------------------------------------

MAX_DEPTH = 12


def example(annotation: Any, *, full: bool, depth: int = 0) -> Any:  # noqa: ANN401
    """A value of a type of the package; ``full`` also fills what is optional."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return example(arguments[0], full=full, depth=depth)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in arguments if option is not type(None)]
        return example(options[0], full=full, depth=depth)
    if origin is typing.Literal:
        return arguments[0]
    if origin is list:
        return [] if depth > MAX_DEPTH else [example(arguments[0], full=full, depth=depth + 1)]
    if origin is dict:
        return {"key": example(arguments[1], full=full, depth=depth + 1)}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        made = {}
        for name, field in fields_of(annotation).items():
            if field.is_required() or (full and depth < MAX_DEPTH):
                made[name] = example(field.annotation, full=full, depth=depth + 1)
        return made
    plain = {str: "QUJD", int: 7, float: 1.5, bool: True, object: {}, typing.Any: {}}
    return plain[annotation]


SERVER_EVENTS: tuple[type[BaseModel], ...] = typing.get_args(
    typing.get_args(RealtimeServerEvent)[0]
)

MEANING: dict[str, type] = {
    "error": server.ServerError,
    "session.created": server.SessionCreated,
    "session.updated": server.SessionUpdated,
    "conversation.created": server.SessionCreated,
    "conversation.item.created": server.ItemAdded,
    "conversation.item.added": server.ItemAdded,
    "conversation.item.done": server.ItemDone,
    "conversation.item.truncated": server.ItemTruncated,
    "conversation.item.deleted": server.ItemDeleted,
    "conversation.item.input_audio_transcription.completed": server.InputTranscript,
    "conversation.item.input_audio_transcription.failed": server.TranscriptFailed,
    "input_audio_buffer.speech_started": server.SpeechStarted,
    "input_audio_buffer.speech_stopped": server.SpeechStopped,
    "input_audio_buffer.committed": server.InputCommitted,
    "input_audio_buffer.cleared": server.InputCleared,
    "response.created": server.ResponseCreated,
    "response.done": server.ResponseDone,
    "response.output_item.added": server.OutputItemAdded,
    "response.output_item.done": server.OutputItemDone,
    "response.output_audio.delta": server.AudioDelta,
    "response.output_audio.done": server.AudioDone,
    "response.output_audio_transcript.delta": server.TextDelta,
    "response.output_audio_transcript.done": server.TextDone,
    "response.output_text.delta": server.TextDelta,
    "response.output_text.done": server.TextDone,
    "mcp_list_tools.completed": server.McpToolsListed,
    "mcp_list_tools.failed": server.McpToolsListed,
    "response.mcp_call.completed": server.McpCallEnded,
    "response.mcp_call.failed": server.McpCallEnded,
    "response.function_call_arguments.done": server.CallArgumentsDone,
    "rate_limits.updated": server.RateLimitsUpdated,
}


@pytest.mark.parametrize("model", SERVER_EVENTS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("full", [False, True], ids=["required", "full"])
def test_every_server_event_of_the_package_is_accepted(model: type[BaseModel], full: bool) -> None:
    made = example(model, full=full)
    TypeAdapter(model).validate_python(made)  # the example itself has to be right
    event = decode(json.dumps(made))
    meaning = MEANING.get(made["type"])
    if meaning is None:
        assert event is None, "known to the package, so not unknown to us"
    else:
        assert type(event) is meaning


def test_the_package_has_every_name_that_we_expect() -> None:
    names = {example(model, full=False)["type"] for model in SERVER_EVENTS}
    assert set(MEANING) <= names
    assert len(names) == len(SERVER_EVENTS) >= 46
