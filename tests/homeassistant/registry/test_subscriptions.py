"""Who is told what the broker has kept, and what has to be asked for."""

from __future__ import annotations

import json
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.registry.change import Change
from satellite.homeassistant.registry.registry import Registry

BRIDGE = "zigbee2mqtt/bridge/state"


def announce(registry: Registry, name: str, **more: Any) -> Change:  # noqa: ANN401
    config = {
        "unique_id": name,
        "name": name,
        "command_topic": f"{name}/set",
        "state_topic": name,
        "availability_topic": BRIDGE,
        **more,
    }
    payload = json.dumps(config).encode()
    return registry.on_message(f"homeassistant/switch/{name}/config", payload, 0.0, True)


def entity(registry: Registry, name: str) -> Entity:
    found = registry.get(("switch", name))
    assert found is not None
    return found


def tell(registry: Registry, topic: str, payload: str, *, retained: bool) -> list[str]:
    change = registry.on_message(topic, payload.encode(), 1.0, retained)
    return [str(one.unique_id) for one in change.states]


def test_who_joins_a_topic_that_others_know_already_learns_what_the_broker_has_kept() -> None:
    registry = Registry()
    assert set(announce(registry, "old").subscribe) == {"old", BRIDGE}
    assert tell(registry, BRIDGE, "online", retained=True) == ["old"]
    assert set(announce(registry, "new").subscribe) == {"new", BRIDGE}
    assert not entity(registry, "new").available
    assert tell(registry, BRIDGE, "online", retained=True) == ["new"]
    assert entity(registry, "new").available


def test_what_was_kept_does_not_turn_back_those_who_know_better() -> None:
    registry = Registry()
    announce(registry, "old", state_topic="shared")
    tell(registry, BRIDGE, "online", retained=True)
    tell(registry, "shared", "OFF", retained=True)
    tell(registry, "shared", "ON", retained=False)
    announce(registry, "new", state_topic="shared")
    assert tell(registry, "shared", "OFF", retained=True) == ["new"]
    assert entity(registry, "old").state == "on"
    assert entity(registry, "new").state == "off"
    assert set(tell(registry, "shared", "OFF", retained=False)) == {"old"}


def test_a_burst_asks_once_for_what_all_share() -> None:
    registry = Registry()
    asked = [BRIDGE in announce(registry, f"s{n}").subscribe for n in range(100)]
    assert asked == [True] + [False] * 99
    assert len(tell(registry, BRIDGE, "online", retained=True)) == 100


def test_a_config_that_is_announced_anew_asks_for_nothing_that_is_known() -> None:
    registry = Registry()
    announce(registry, "lamp")
    tell(registry, BRIDGE, "online", retained=True)
    tell(registry, "lamp", "ON", retained=True)
    assert announce(registry, "lamp", icon="mdi:lamp").subscribe == ()
    assert set(announce(registry, "lamp", state_topic="elsewhere").subscribe) == {"elsewhere"}
    assert entity(registry, "lamp").available


def test_on_a_new_connection_everybody_hears_what_was_kept() -> None:
    registry = Registry()
    for name in ("a", "b"):
        announce(registry, name)
    tell(registry, BRIDGE, "online", retained=True)
    assert set(registry.begin_connection()) == {"a", "b", BRIDGE}
    assert tell(registry, BRIDGE, "offline", retained=True) == ["a", "b"]
    assert not entity(registry, "a").available
