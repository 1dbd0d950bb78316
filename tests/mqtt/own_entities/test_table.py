"""One table for the satellite's own entities: its messages, its documentation, and a new row."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from pathlib import Path

from satellite.conversation.effects import State
from satellite.conversation.silent_turns import NOT_FOR_ME
from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.mqtt.own_entities.requests import Request, RequestError
from satellite.mqtt.own_entities.table import (
    AVAILABILITY,
    CALL_STATUSES,
    EVENT_TYPES,
    OWN_ENTITIES,
    STATES,
    Command,
    OwnEntity,
    Shown,
)
from satellite.mqtt.own_entities.topics import Topics
from tests.mqtt.around import running, until, witness

TOPICS = Topics("kitchen-pi")
IDENTITY = Identity("Küche", "1.2.3", "Kitchen")
DOCUMENT = (Path(__file__).parents[3] / "docs" / "topics.md").read_text("utf-8")
RECORDED = Path(__file__).with_name("recorded.txt").read_text("utf-8").splitlines()
"""What the satellite published before there was a table. Automations rely on it: only a migration
note allows a change."""


class Paper:
    """A broker that writes down what it is told: topic, QoS, whether retained, payload."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        qos: int = 0,
        retain: bool = False,
        *,
        expiry_s: int = 0,
    ) -> bool:
        assert isinstance(payload, bytes)
        assert expiry_s == 0
        self.lines.append(f"{topic} {qos} {retain:d} {payload.decode()}")
        return True

    def subscribe(self, topics: tuple[str, ...]) -> None:
        self.lines.append(f"subscribe {' '.join(topics)}")

    def unsubscribe(self, topics: tuple[str, ...]) -> None:
        raise AssertionError(topics)


def test_every_message_is_byte_for_byte_what_it_was() -> None:
    paper = Paper()
    entities = OwnEntities(
        paper,
        TOPICS,
        IDENTITY,
        lambda _: None,
        hide=lambda text: text.replace("4711", "***"),
        now_s=lambda: 100.0,
        wall_s=lambda: 1_700_000_000.25,
    )
    entities.show("mute", True)
    entities.show("volume", 40)
    entities.show("diagnostics", {"version": "1.2.3", "reconnects": {"server": 0}})
    entities.show("problem", "The microphone is gone.")
    entities.on_connected()
    entities.show("state", State.SPEAKING)
    entities.show("streaming", True)
    entities.show("mute", False)
    entities.show("problem", "")
    entities.show("heard", {"text": "It is 4711 Grüße", "item_id": "i1"})
    said = {"text": "Done 4711", "item_id": "i2", "heard_ms": 430, "interrupted": True}
    entities.show("said", said)
    reply = {"question": "id", "text": "It is 4711", "status": "answering", "reason": ""}
    entities.show("reply", reply)
    arguments = {"devices": ["Door"], "pin": "4711"}
    call = {"name": "set_lock", "arguments": arguments, "result": {"status": "done"}, "ms": 12.3}
    entities.show("call", call)
    entities.show("call", {**call, "name": "find", "arguments": {"a": "x" * 20_000}, "ms": 1.0})
    assert paper.lines == RECORDED


# The documentation --------------------------------------------------------------------------------


def table_below(header: str) -> list[str]:
    """The rows of the table of the document that has this header."""
    return DOCUMENT[DOCUMENT.index(header) :].split("\n\n")[0].splitlines()[2:]


def shown_row(shown: Shown) -> str:
    retained = "yes, and last will" if shown is AVAILABILITY else "yes" if shown.retained else "no"
    return f"| `{shown.name}` | {retained} | {shown.payload} |"


def entity_row(entity: OwnEntity) -> str:
    topics = []
    if entity.shows:
        topics.append(f"`{entity.shows.name}`")
    if entity.command:
        topics.append(f"`{entity.command.name}/set`")
    notes = []
    if entity.config.get("enabled_by_default") is False:
        notes.append("disabled at first")
    if entity.while_away:
        notes.append("also while the satellite is away")
    kind = entity.component.replace("_", " ")
    return f"| {kind} {entity.name} | {', '.join(topics)} | {', '.join(notes)} |"


def test_the_document_has_every_topic_command_and_entity_of_the_table() -> None:
    shown = {shown_row(entity.shows) for entity in OWN_ENTITIES if entity.shows}
    assert set(table_below("| Topic | Retained | Payload |")) == shown
    commands = {
        f"### {entity.command.name}/set: {entity.command.payload}"
        for entity in OWN_ENTITIES
        if entity.command
    }
    assert set(re.findall(r"^### \w+/set:.*", DOCUMENT, re.MULTILINE)) == commands
    assert table_below("| Entity | Topics | |") == [entity_row(entity) for entity in OWN_ENTITIES]


def test_the_document_has_every_type_of_the_event() -> None:
    types = [line.split("`")[1] for line in table_below("| `type` | Means |")]
    assert types == list(EVENT_TYPES)
    assert NOT_FOR_ME in types


def test_the_document_has_every_state_and_status() -> None:
    states = [line.split("`")[1] for line in table_below("| `state` | Means |")]
    assert states == [state.value for state in State] == list(STATES)
    assert all(f"`{one}`" in DOCUMENT for one in CALL_STATUSES if one != "other")


# A new row ----------------------------------------------------------------------------------------


class Dim(Request, frozen=True):
    """Of the made-up entity."""

    level: int

    @classmethod
    def read(cls, text: str) -> Request:
        if not text.isdecimal():
            raise RequestError("expected a level")
        return cls(int(text))


NIGHT_LIGHT = OwnEntity(
    "sensor",
    "night_light",
    "Night light",
    Shown("night_light", "0 to 9", initial=0),
    Command("night_light", "0 to 9", Dim),
    {"icon": "mdi:weather-night"},
)


def test_a_new_row_is_announced_shown_obeyed_and_withdrawn() -> None:
    """End to end, through a real broker, as the document tells people to do it."""

    async def scene() -> None:
        asked: list[Request] = []
        problems: list[str] = []
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            broker = Broker(BrokerConfig(mosquitto.host, mosquitto.port, "kitchen-pi"))
            entities = OwnEntities(
                broker,
                TOPICS,
                IDENTITY,
                asked.append,
                (*OWN_ENTITIES, NIGHT_LIGHT),
                on_problem=problems.append,
            )
            broker.attach(entities)
            discovery = "homeassistant/sensor/satellite_kitchen-pi/night_light/config"
            async with running(broker):
                await until(lambda: discovery in seen.last and broker.settled)
                config = json.loads(seen.last[discovery])
                await until(lambda: seen.last.get(config["state_topic"]) == b"0")
                entities.show("night_light", 3)
                await until(lambda: seen.last[config["state_topic"]] == b"3")
                await seen.client.publish(config["command_topic"], "7")
                await until(lambda: asked == [Dim(7)])
                await seen.client.publish(config["command_topic"], "bright")
                await until(lambda: "expected a level" in str(problems))
            assert config["unique_id"] == "satellite_kitchen-pi_night_light"
            assert config["availability_topic"] == TOPICS.availability
            assert config["icon"] == "mdi:weather-night"

            command = re.search(r"^mosquitto_sub .*--remove-retained.*$", DOCUMENT, re.MULTILINE)
            assert command is not None
            program, *arguments = shlex.split(command[0])
            place = ("-h", mosquitto.host, "-p", str(mosquitto.port))
            removing = await asyncio.create_subprocess_exec(program, *place, *arguments)
            await removing.wait()
            await until(lambda: seen.last[discovery] == seen.last[config["state_topic"]] == b"")

    asyncio.run(scene())
