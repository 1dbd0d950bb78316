"""Topics and payloads become components, or are refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satellite.homeassistant.config_schema import ConfigRefused
from satellite.homeassistant.discovery.announcement import DiscoveryTopic
from satellite.homeassistant.discovery.parse import parse, parse_topic

SWITCH = DiscoveryTopic("switch", "x")
DEVICE = DiscoveryTopic("device", "d")


def components(place: DiscoveryTopic, payload: object) -> tuple[Any, ...]:
    return parse(place, json.dumps(payload).encode()).components


@pytest.mark.parametrize(
    ("topic", "place"),
    [
        ("homeassistant/light/lamp/config", DiscoveryTopic("light", "lamp")),
        ("homeassistant/light/node/lamp/config", DiscoveryTopic("light", "node lamp")),
        ("homeassistant/device/d-1/config", DiscoveryTopic("device", "d-1")),
    ],
)
def test_places(topic: str, place: DiscoveryTopic) -> None:
    assert parse_topic(topic, "homeassistant") == place


@pytest.mark.parametrize(
    "topic",
    ["homeassistant/status", "other/light/lamp/config", "homeassistant/light/lamp/state", "x"],
)
def test_other_topics_are_no_discovery(topic: str) -> None:
    assert parse_topic(topic, "homeassistant") is None


@pytest.mark.parametrize(
    "topic",
    [
        "homeassistant/light/lämp/config",
        "homeassistant/light/a b/config",
        "homeassistant/light/a.b/config",
        "homeassistant/media_player/x/config",
        "homeassistant/light/a/b/c/config",
        "homeassistant/config",
    ],
)
def test_places_that_do_not_exist(topic: str) -> None:
    with pytest.raises(ConfigRefused):
        parse_topic(topic, "homeassistant")


def test_any_prefix() -> None:
    assert parse_topic("my/own/light/lamp/config", "my/own") == DiscoveryTopic("light", "lamp")


def test_abbreviations_reach_availability_device_and_origin() -> None:
    (component,) = components(
        SWITCH,
        {
            "cmd_t": "~/set",
            "~": "base",
            "avty": {"t": "~/lwt", "pl_avail": "yes"},
            "stat_t": "x/~",
            "json_attr_t": "a/~/b",
            "dev": {"ids": "one", "mf": "Maker", "sa": "Attic", "cns": [["mac", "AA"]]},
            "o": {"name": "pub", "sw": "1"},
        },
    )
    assert component.config == {
        "command_topic": "base/set",
        "availability": [{"topic": "base/lwt", "payload_available": "yes"}],
        "state_topic": "x/base",
        "json_attributes_topic": "a/~/b",
    }
    assert component.device == {
        "identifiers": ["one"],
        "connections": [("mac", "AA")],
        "suggested_area": "Attic",
    }
    assert component.origin == "pub"


def test_base_touches_topics_only() -> None:
    (component,) = components(
        SWITCH, {"~": "b", "command_topic": "~", "payload_on": "~on", "value_template": "~{{ 1 }}"}
    )
    assert component.config == {
        "command_topic": "b",
        "payload_on": "~on",
        "value_template": "~{{ 1 }}",
    }


def test_device_blocks_lose_what_is_unknown_instead_of_refusing_all() -> None:
    (component,) = components(
        SWITCH, {"device": {"identifiers": [7], "name": 12, "model": ["no"], "colour": "red"}}
    )
    assert component.device == {"identifiers": ["7"], "connections": [], "name": "12"}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'"x"', "no JSON object"),
        (b"\xff\xfe", "no JSON"),
        (b'{"a":' + b'"' + b"x" * 70_000 + b'"}', "65536"),
        (b'{"device": []}', "device"),
        (b'{"device": {"name": "anonymous"}}', "identifiers"),
        (b'{"device": {"identifiers": []}}', "identifiers"),
        (b'{"origin": {"sw": "1"}}', "origin has no name"),
        (b'{"origin": 1}', "origin"),
        (b'{"~": {}, "command_topic": "~"}', "~"),
        (b'{"migrate_discovery": false}', "migrate"),
        (b'{"migrate_discovery": true, "name": "x"}', "migrate"),
        (b"[" * 60_000, "no JSON"),
    ],
)
def test_refusals(payload: bytes, reason: str) -> None:
    with pytest.raises(ConfigRefused, match=reason):
        parse(SWITCH, payload)


@pytest.mark.parametrize("payload", [b"", b"{}"])
def test_nothing_means_removal(payload: bytes) -> None:
    announcement = parse(SWITCH, payload)
    assert announcement.components == ()
    assert not announcement.migrating


def test_migration() -> None:
    assert parse(SWITCH, b'{"migr_discvry": true}').migrating


def test_components_inherit_what_they_do_not_say() -> None:
    first, second, third = components(
        DEVICE,
        {
            "dev": {"ids": ["d"]},
            "o": {"name": "pub"},
            "stat_t": "shared/state",
            "qos": 1,
            "avty_t": "shared/lwt",
            "cmps": {
                "a": {"p": "sensor", "uniq_id": "a"},
                "b": {"p": "sensor", "uniq_id": "b", "stat_t": "~/own", "~": "base", "qos": 0},
                "c": {"p": "sensor"},
            },
        },
    )
    assert first.config == {
        "unique_id": "a",
        "state_topic": "shared/state",
        "qos": 1,
        "availability_topic": "shared/lwt",
    }
    assert second.config["state_topic"] == "base/own"
    assert second.config["qos"] == 0
    assert third.config is None
    assert [one.discovery_id for one in (first, second, third)] == ["d a", "d b", "d c"]


GOOD = {
    "dev": {"ids": ["d"]},
    "o": {"name": "pub"},
    "cmps": {"a": {"p": "switch", "uniq_id": "a", "cmd_t": "a/set"}},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"extra": 1}, "extra"),
        ({"~": "base"}, "~"),
        ({"dev": None}, "device"),
        ({"o": None}, "origin is missing"),
        ({"o": {"sw": 1}}, "origin has no name"),
        ({"cmps": []}, "components"),
        ({"cmps": {"a": 5}}, "no object"),
        ({"cmps": {"a": {"p": "media_player", "uniq_id": "a"}}}, "no known platform"),
        ({"cmps": {"a": {"p": {}, "uniq_id": "a"}}}, "no known platform"),
        ({"cmps": {"a": {"uniq_id": "a"}}}, "no known platform"),
        ({"cmps": {"a": {"p": "switch", "cmd_t": "x"}}}, "no unique_id"),
        ({"cmps": {str(n): {"p": "switch"} for n in range(201)}}, "200"),
        ({"cdevs": {}}, "child_devices"),
        ({"cdevs": [{"ids": "c", "cmps": {"t": {"p": "tag", "t": "x"}}}]}, "not possible"),
        ({"cdevs": [{"ids": "c", "cmps": {"a": {"p": "switch"}}}]}, "same key"),
    ],
)
def test_one_bad_component_refuses_the_whole_device(change: dict[str, Any], reason: str) -> None:
    assert components(DEVICE, GOOD)
    with pytest.raises(ConfigRefused, match=reason):
        components(DEVICE, {**GOOD, **change})


def test_components_are_needed() -> None:
    with pytest.raises(ConfigRefused, match="components is missing"):
        components(DEVICE, {"dev": {"ids": ["d"]}, "o": {"name": "pub"}})


def test_children_sit_on_their_parent() -> None:
    payload = {
        "dev": {"ids": ["strip"], "name": "Strip"},
        "o": {"name": "pub"},
        "cdevs": [{"ids": "one", "name": "Socket", "cmps": {"s": {"p": "switch", "uniq_id": "s"}}}],
    }
    (component,) = components(DEVICE, payload)
    assert component.device["name"] == "Socket"
    assert component.via_device["name"] == "Strip"
