"""Messages come out as they went in, in order, however the socket cuts them."""

from __future__ import annotations

import asyncio
import socket

import msgspec
import pytest

from satellite.home import messages as ms
from satellite.home.channel import MAX_BYTES, Channel, ChannelClosed
from satellite.mqtt.client.config import BrokerConfig, Will
from satellite.mqtt.own_entities import requests
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.table import COMMANDS
from satellite.tools.execution.turn_context import SpeechHeard, TurnContext
from satellite.tools.policy.rules import OwnFunctionRule, Rules

SPEECH = SpeechHeard(1, "Shall I?", 700, 900, True, ("c0",), ())
CONFIG = ms.Configure(
    satellite_id="kitchen",
    topic_prefix="satellite",
    discovery_prefix="homeassistant",
    identity=Identity("Küche", "1.0", "Kitchen"),
    language="de",
    rules=Rules(
        include=("light:*",),
        aliases={"Lamp": ["light"]},
        pin="4711",
        codes={"Front door": "0000"},
        own_functions=(OwnFunctionRule("ring", "Rings", "bell", {"type": "object"}),),
    ),
    broker=BrokerConfig("::1", 1883, "me", password="p", will=Will("a", b"offline")),
    log_level="info",
    secrets=("4711", "p"),
)
TO_HOME: list[ms.ToHome] = [
    CONFIG,
    ms.Run("c1", "switch", '{"a": "ä"}', 2, TurnContext(2, True, None, (SPEECH,))),
    ms.Show("state", "hearing"),
    ms.Show("mute", False),
    ms.Show("volume", 40),
    ms.Show("diagnostics", {"queues": {"wire_ms": 1.5}, "server": None}),
    ms.Show("heard", {"text": "x" * 300_000, "item_id": "i"}),
    ms.TellSpeaking(False, "so"),
    ms.Ping(),
]
FROM_HOME: list[ms.FromHome] = [
    ms.ToolsOffered(()),
    ms.Result("c1", "{}"),
    *(
        ms.Asked(request)
        for request in (
            requests.Mute(True),
            requests.Volume(3),
            requests.Say("Smoke", 20, None, True, "doubt"),
            requests.Ask("?"),
            requests.Stop(),
            requests.Listen(),
        )
    ),
    ms.PeerSpeaking("hall", True, "hello"),
    ms.PartProblem("codes", "full"),
    ms.Pong(3, 20.5),
]


async def channels() -> tuple[Channel[ms.FromHome], Channel[ms.ToHome], socket.socket]:
    ours, theirs = socket.socketpair()
    return (
        await Channel.over(ours, ms.FromHome),
        await Channel.over(theirs, ms.ToHome),
        ours,
    )


def test_every_message_comes_as_it_was_sent_and_in_order() -> None:
    async def scene() -> None:
        voice, home, _ = await channels()
        for message in TO_HOME:
            voice.send(message)
        assert [await home.receive() for _ in TO_HOME] == TO_HOME
        for answer in FROM_HOME:
            home.send(answer)
        assert [await voice.receive() for _ in FROM_HOME] == FROM_HOME
        voice.close()
        with pytest.raises(ChannelClosed):
            await home.receive()
        voice.send(ms.Ping())  # lost, and no error
        home.close()

    asyncio.run(scene())


def test_half_a_character_ends_neither_process() -> None:
    async def scene() -> None:
        voice, home, _ = await channels()
        voice.send(ms.Show("heard", {"text": "a\ud800b"}))
        assert await home.receive() == ms.Show("heard", {"text": "a?b"})
        voice.send(CONFIG)  # bytes stay bytes
        assert await home.receive() == CONFIG
        tool = ms.OfferedTool("set", "of \udcff", {"properties": {"\ud800": ["\ud801"]}})
        home.send(ms.ToolsOffered((tool,)))
        told = await voice.receive()
        assert told == ms.ToolsOffered(
            (ms.OfferedTool("set", "of ?", {"properties": {"?": ["?"]}}),)
        )
        voice.close()
        home.close()

    asyncio.run(scene())


def test_every_kind_of_message_is_among_them() -> None:
    assert {type(message) for message in TO_HOME} == set(ms.ToHome.__args__)
    assert {type(message) for message in FROM_HOME} == set(ms.FromHome.__args__)


def test_every_command_of_the_own_entities_can_be_passed_on() -> None:
    passed = {type(message.request) for message in FROM_HOME if isinstance(message, ms.Asked)}
    assert passed == {command.request for command in COMMANDS.values()}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\0\0\0\5abc", ChannelClosed),  # and then the end
        ((MAX_BYTES + 1).to_bytes(4, "big"), ChannelClosed),
        (b"\0\0\0\3abc", msgspec.DecodeError),
    ],
)
def test_what_is_no_message_is_none(data: bytes, error: type[Exception]) -> None:
    async def scene() -> None:
        _, home, ours = await channels()
        ours.send(data)
        ours.shutdown(socket.SHUT_WR)
        with pytest.raises(error):
            await home.receive()

    asyncio.run(scene())
