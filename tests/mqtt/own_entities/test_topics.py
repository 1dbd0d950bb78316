"""Names on the broker, and what may be asked of one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.mqtt.own_entities.topics import Topics

KITCHEN = Topics("kitchen")


def test_the_names_are_those_that_automations_rely_on() -> None:
    names = ("availability", "state", "heard", "said", "call", "mute", "volume", "diagnostics")
    assert [KITCHEN.of(name) for name in names] == [f"satellite/kitchen/{n}" for n in names]
    assert KITCHEN.command("say") == "satellite/kitchen/say/set"
    assert Topics("k", "voice", "ha").announcement("switch", "mute") == (
        "ha/switch/satellite_k/mute/config"
    )


@pytest.mark.parametrize(
    ("topic", "command"),
    [
        ("satellite/kitchen/mute/set", "mute"),
        ("satellite/kitchen/say/set", "say"),
        ("satellite/kitchen/state/set", "state"),
        ("satellite/kitchen/mute", ""),
        ("satellite/kitchen2/mute/set", ""),
        ("satellite/kitchen/a/mute/set", ""),
        ("satellite/kitchen/set", ""),
    ],
)
def test_a_command_topic_tells_its_command(topic: str, command: str) -> None:
    assert KITCHEN.command_of(topic) == command


def test_it_knows_its_own_topics_and_announcements() -> None:
    assert KITCHEN.owns("satellite/kitchen")
    assert KITCHEN.owns("satellite/kitchen/state")
    assert not KITCHEN.owns("satellite/kitchen2/state")
    assert KITCHEN.announces("homeassistant/switch/satellite_kitchen/mute/config")
    assert KITCHEN.announces("homeassistant/device/satellite_kitchen/config")
    assert not KITCHEN.announces("homeassistant/switch/satellite_kitchen2/mute/config")
    assert not KITCHEN.announces("homeassistant/switch/other/satellite_kitchen/config")


@given(st.text(min_size=1, max_size=40))
def test_the_node_id_is_one_that_home_assistant_takes(satellite_id: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", Topics(satellite_id).node_id)
