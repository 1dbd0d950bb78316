"""The satellite's own discovery messages are such as Home Assistant takes."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from satellite.homeassistant.discovery.parse import parse, parse_topic
from satellite.homeassistant.platforms import check_config
from satellite.mqtt.own_entities.discovery import (
    DiscoveryMessage,
    Identity,
    announcements,
)
from satellite.mqtt.own_entities.table import CALL_STATUSES, DIAGNOSTICS, OWN_ENTITIES
from satellite.mqtt.own_entities.topics import Topics

TOPICS = Topics("kitchen.one", "voice", "ha")
IDENTITY = Identity("Kitchen satellite", "1.2.3", area="Kitchen")


def configs() -> dict[str, dict[str, Any]]:
    """Component and object id to config."""
    found = {}
    for one in announcements(TOPICS, IDENTITY):
        _, component, _, object_id, _ = one.topic.split("/")
        found[f"{component}.{object_id}"] = json.loads(one.payload)
    return found


def test_what_is_there() -> None:
    names = set(configs())
    assert names >= {
        *("sensor.state", "sensor.heard", "sensor.said", "event.call", "switch.mute"),
        *("number.volume", "button.stop", "button.listen", "notify.say", "text.ask"),
        *("binary_sensor.streaming", "sensor.problem"),
        *("binary_sensor.connected", "sensor.uptime", "sensor.spent_today"),
    }


@pytest.mark.parametrize(
    "one", list(announcements(TOPICS, IDENTITY)), ids=lambda one: str(one.topic)
)
def test_each_message_is_read_by_our_own_discovery(one: DiscoveryMessage) -> None:
    place = parse_topic(one.topic, "ha")
    assert place is not None
    (component,) = parse(place, one.payload).components
    assert component.config is not None
    if find_spec(f"satellite.homeassistant.platforms.{component.platform}") is not None:
        check_config(component.platform, component.config)  # raises Refused


def test_unique_ids_are_unique_and_all_belong_to_one_device() -> None:
    found = configs()
    ids = [config["unique_id"] for config in found.values()]
    assert len(set(ids)) == len(ids)
    assert {json.dumps(config["device"]) for config in found.values()} == {
        json.dumps(
            {
                "identifiers": [TOPICS.node_id],
                "name": "Kitchen satellite",
                "manufacturer": "satellite",
                "model": "Voice satellite",
                "sw_version": "1.2.3",
                "suggested_area": "Kitchen",
            }
        )
    }


def test_all_go_with_the_availability_except_what_tells_of_absence() -> None:
    always = {"binary_sensor.connected", "sensor.problem"}
    for name, config in configs().items():
        expected = None if name in always else TOPICS.availability
        assert config.get("availability_topic") == expected


def test_settings_and_figures_are_no_toys_for_another_assistant() -> None:
    found = configs()
    assert found["switch.mute"]["entity_category"] == "config"
    assert found["number.volume"]["entity_category"] == "config"
    for entity in OWN_ENTITIES:
        if entity.shows is DIAGNOSTICS:
            assert found[f"sensor.{entity.object_id}"]["entity_category"] == "diagnostic"


def test_acting_as_the_user_and_keeping_transcripts_have_to_be_wanted() -> None:
    found = configs()
    for name in ("text.ask", "sensor.heard", "sensor.said"):
        assert found[name]["enabled_by_default"] is False


def render(name: str, data: object) -> str:
    template = ImmutableSandboxedEnvironment().from_string(configs()[name]["value_template"])
    return template.render(value_json=data, value=json.dumps(data))


def test_templates_read_what_presence_publishes() -> None:
    assert render("sensor.heard", {"text": "x" * 300}) == "x" * 255
    assert len(render("sensor.problem", "x" * 300)) == 255
    figures = {"uptime_s": 7, "reconnects": {"server": 2}, "spending": {"today_usd": 0.5}}
    assert render("sensor.uptime", figures) == "7"
    assert render("sensor.server_reconnects", figures) == "2"
    assert render("sensor.spent_today", figures) == "0.5"
    assert render("sensor.broker_reconnects", figures) == "None"  # unknown in Home Assistant
    assert render("sensor.reply_delay", figures) == "None"


@pytest.mark.parametrize("status", ["done", "refused", "never heard of"])
def test_a_call_becomes_an_event_of_its_status(status: str) -> None:
    told = {"name": "set_light", "arguments": {}, "result": {"status": status}, "ms": 3.5}
    event = json.loads(render("event.call", told))
    assert event.pop("event_type") == (status if status in CALL_STATUSES else "other")
    assert event == told
    assert configs()["event.call"]["event_types"] == list(CALL_STATUSES)
