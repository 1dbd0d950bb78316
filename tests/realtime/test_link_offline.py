"""The link against the local Realtime server: two strict halves of one protocol."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from satellite.conversation import commands
from satellite.conversation.events import server as server_events
from satellite.core.errors import SettingsError
from satellite.local_server.server import Options, serve
from satellite.realtime.config import LinkConfig, ResponseConfig, VadConfig
from satellite.realtime.link import Link
from tests.local_server.stubs import Says
from tests.realtime.bench import running

LAMP = {
    "type": "object",
    "properties": {
        "devices": {"type": "array", "items": {"type": "string", "enum": ["Kitchen light"]}},
        "area": {"type": "string", "enum": ["Kitchen", "everywhere"]},
        "state": {"type": "string", "enum": ["on", "off", "toggle"]},
    },
    "required": ["state"],
}
TOOL = commands.Tool("set_power", "Switches devices on or off.", LAMP)


def options(**changed: Any) -> Options:  # noqa: ANN401 - the fields of Options
    """These tests write; recognition has its own."""
    return Options(**{"recogniser": Says(), "pace": 0.0, **changed})


@pytest.mark.parametrize("dialect", ["auto", "beta"])
def test_a_whole_exchange(dialect: str, caplog: pytest.LogCaptureFixture) -> None:
    """Every kind of command goes through, and the strict server complains about none, nor does it
    make anything else of the session than it is asked for."""

    async def play() -> None:
        async with serve("127.0.0.1", 0, options()) as server:
            config = LinkConfig(
                url=server.url,
                model="local",
                dialect=dialect,
                tools=(TOOL,),
                instructions="You are a house.",
                transcription_model="gpt-transcribe",
                vocabulary=("Kitchen light",),
                language="en",
                noise_reduction="far_field",
                responses=ResponseConfig(max_output_tokens=2048, speed=1.1),
                vad=VadConfig("server_vad", 0.5, 300, 500),
            )
            async with running(config) as b:
                await b.until(lambda: b.link.ready)
                for _ in range(10):
                    assert b.link.append(bytes(960))
                b.link.send(1, commands.ClearInput())
                b.link.send(1, commands.SendUserText("switch on the kitchen light"))
                b.link.send(1, commands.CreateResponse())
                await b.until(lambda: b.of(server_events.ResponseDone))
                (done,) = b.of(server_events.ResponseDone)
                (call,) = [item for item in done.items if item.kind == "function_call"]
                assert call.name == "set_power"
                assert json.loads(call.arguments)["state"] == "on"

                result = {"status": "done", "devices": [{"device": "Kitchen light"}]}
                b.link.send(1, commands.SendCallOutput(call.call_id, json.dumps(result)))
                b.link.send(1, commands.CreateResponse(metadata={"satellite": "answer"}))
                await b.until(lambda: len(b.of(server_events.ResponseDone)) == 2)
                sound = b"".join(delta.audio for delta in b.of(server_events.AudioDelta))
                assert len(sound) > 24_000, "half a second of speech"
                assert len(sound) % 2 == 0
                reply = b.of(server_events.AudioDelta)[0].item_id
                assert b.of(server_events.ResponseCreated)[1].metadata == {"satellite": "answer"}

                b.link.send(1, commands.TruncateItem(reply, 200))
                await b.until(lambda: b.of(server_events.ItemTruncated))
                b.link.send(1, commands.DeleteItem(reply))
                await b.until(lambda: b.of(server_events.ItemDeleted))
                b.link.update_session(tools=())
                await b.until(lambda: b.of(server_events.SessionUpdated))
                b.link.send(
                    1,
                    commands.CreateResponse(
                        instructions="Say exactly this.",
                        out_of_band=True,
                        input_text="Dinner is ready",
                    ),
                )
                await b.until(lambda: len(b.of(server_events.ResponseDone)) == 3)
                assert b.of(server_events.ServerError) == []
                b.link.send(1, commands.CancelResponse())
                await b.until(lambda: b.of(server_events.ServerError))
                (refusal,) = b.of(server_events.ServerError)
                assert refusal.code == "response_cancel_not_active"
                assert refusal.cause.startswith("link-1-")
                assert b.link.figures.unknown_events == 0
                assert b.link.ready

    asyncio.run(play())
    assert [line for line in caplog.messages if "session:" in line] == []


@pytest.mark.parametrize(
    ("changed", "key", "model", "advice"),
    [
        ({"key": "right", "need_key": True}, "wrong", "local", "OPENAI_API_KEY"),
        ({"models": ["local"]}, "", "other", "realtime.model"),
    ],
)
def test_refusals_are_understood(
    changed: dict[str, Any], key: str, model: str, advice: str
) -> None:
    async def play() -> None:
        async with serve("127.0.0.1", 0, options(**changed)) as server:
            config = LinkConfig(url=server.url, model=model, api_key=key)
            with pytest.raises(SettingsError, match=advice):
                await asyncio.wait_for(Link(config, lambda _: None).run(), 10)

    asyncio.run(play())


def test_an_expired_session_is_followed_by_the_next() -> None:
    async def play() -> None:
        async with (
            serve("127.0.0.1", 0, options(lifetime_s=0.3)) as server,
            running(LinkConfig(url=server.url, model="local")) as b,
        ):
            await b.until(lambda: b.link.epoch == 2)
            assert b.of(server_events.ServerError)[0].code == "session_expired"
            assert b.waits == []

    asyncio.run(play())


@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_what_was_said_before_is_taken_and_not_acted_upon(dialect: str) -> None:
    async def play() -> None:
        past: list[commands.Command] = [
            commands.SendSystemText("It is Tuesday."),
            commands.AddPastMessage("past_1", "user", "Switch on the kitchen light"),
            commands.AddPastCall("past_2", "past_call_2", "set_power", '{"state": "on"}'),
            commands.AddPastOutput("past_2_out", "past_call_2", '{"status": "done"}'),
            commands.AddPastMessage("past_3", "assistant", "It is on."),
        ]
        async with serve("127.0.0.1", 0, options()) as server:
            config = LinkConfig(url=server.url, model="local", dialect=dialect, tools=(TOOL,))
            async with running(config) as b:
                await b.until(lambda: b.link.ready)
                for command in past:
                    b.link.send(1, command)

                def added() -> set[str]:
                    return {one.item.id for one in b.of(server_events.ItemAdded)}

                await b.until(lambda: added() >= {"past_1", "past_3"})
                b.link.send(1, commands.SendUserText("What is the time?"))
                b.link.send(1, commands.CreateResponse())
                await b.until(lambda: b.of(server_events.ResponseDone))
                (done,) = b.of(server_events.ResponseDone)
                assert all(item.kind == "message" for item in done.items)
                assert b.of(server_events.ServerError) == []

    asyncio.run(play())
