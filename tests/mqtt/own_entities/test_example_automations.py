"""Who copies an automation of config/home-assistant.yaml has one that does what it says.

Home Assistant itself is not here; its examples are judged by what they send and what they wait for.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from satellite.mqtt.own_entities.discovery import Identity, announcements
from satellite.mqtt.own_entities.requests import Mute, Say, Stop, read_request
from satellite.mqtt.own_entities.table import COMMANDS
from satellite.mqtt.own_entities.topics import Topics

TEXT = (Path(__file__).parents[3] / "config" / "home-assistant.yaml").read_text("utf-8")
TOPICS = Topics("kitchen-pi")
EVERYWHERE = {"mqtt.publish", "logbook.log", "persistent_notification.create"}
"""Actions of the core, of the MQTT integration (without which no satellite would be seen), and of
``default_config``."""
BLOCKS = re.split(r"(?m)^  - alias: ", TEXT.partition("automation:")[2])[1:]
AUTOMATIONS = dict(block.split("\n", 1) for block in BLOCKS)


def published(automation: str) -> list[tuple[str, str]]:
    """Topic and payload, with templates rendered, of each message."""
    found = re.findall(r"topic: (\S+)\n +payload: (>-\n +)?(.*)", automation)
    return [
        (topic, Environment(autoescape=False).from_string(text.strip('"')).render())
        for topic, _, text in found
    ]


def requests(automation: str) -> list[Any]:
    return [
        read_request(COMMANDS[TOPICS.command_of(topic)].request, payload.encode())
        for topic, payload in published(automation)
    ]


def triggers(automation: str) -> list[str]:
    above = re.split(r"(?m)^    (?:actions|conditions):", automation)[0]
    return re.split(r"(?m)^ +- trigger: ", above)[1:]


@pytest.mark.parametrize("name", AUTOMATIONS)
def test_it_calls_only_what_every_installation_has(name: str) -> None:
    called = set(re.findall(r"- action: (\S+)", AUTOMATIONS[name]))
    assert called
    assert called <= EVERYWHERE


@pytest.mark.parametrize("name", AUTOMATIONS)
def test_the_satellite_takes_all_that_it_sends(name: str) -> None:
    for topic, payload in published(AUTOMATIONS[name]):
        assert read_request(COMMANDS[TOPICS.command_of(topic)].request, payload.encode())


@pytest.mark.parametrize("name", AUTOMATIONS)
def test_it_does_not_act_on_every_change(name: str) -> None:
    """Presence changes with each person that comes or goes; devices come back as unavailable."""
    for trigger in triggers(AUTOMATIONS[name]):
        if trigger.startswith("state"):
            assert re.search(r"(?m)^ +(to|not_to):", trigger), trigger


def test_the_entities_that_it_names_are_those_of_a_satellite_called_kitchen() -> None:
    ours = {
        f"{topic.split('/')[1]}.kitchen_{json.loads(payload)['name'].lower()}"
        for topic, payload in (
            (one.topic, one.payload) for one in announcements(TOPICS, Identity("Kitchen", "1"))
        )
    }
    named = set(re.findall(r"entity_id: (\S+\.kitchen_\S+)", TEXT)) - {"event.kitchen_button"}
    assert named
    assert named <= ours


def test_what_it_says_and_stops_is_understood_as_such() -> None:
    assert requests(AUTOMATIONS["The kitchen says who is at the door"]) == [
        Say("Somebody is at the door.", volume=80, chime=True)
    ]
    assert requests(AUTOMATIONS["Quiet in the kitchen"]) == [Stop()]


def test_who_comes_home_ends_only_what_the_automation_itself_had_muted() -> None:
    """It opened the microphone at each change of presence, also of a satellite muted by hand."""
    automation = AUTOMATIONS["The kitchen is muted while we are away"]
    assert requests(automation) == [Mute(True), Mute(False)]
    before, between, _ = re.split(r'payload: "O(?:N|FF)"', automation)
    assert re.search(r'to: "0"', before)
    assert re.search(r'entity_id: switch.kitchen_mute\n +state: "off"', before)
    waits, condition = between.split("condition: template")
    assert re.search(r'wait_for_trigger:\n(?s:.*)zone\.home\n +from: "0"', waits)
    assert re.search(r'switch\.kitchen_mute\n +to: "off"', waits)
    assert "wait.trigger.entity_id == 'zone.home'" in condition
