"""What waits is bounded: a flood is dropped and told, not kept."""

from __future__ import annotations

import json

from satellite.home.backlog import EACH_BYTES, OVERFLOWS, Backlog
from satellite.home.effects import Problem
from satellite.home.home import Home, Rules
from satellite.home.work import EFFORT


def test_it_keeps_order_and_has_room_again() -> None:
    backlog: Backlog[str] = Backlog(most_bytes=3 * EACH_BYTES)
    backlog.append("a", EACH_BYTES)
    assert backlog.has_room(0)
    assert not backlog.has_room(1)
    backlog.append("b")
    assert not backlog.has_room(0)
    seen = []
    while len(backlog):
        seen.append(backlog.first)
        backlog.pop()
    assert seen == ["a", "b"]
    assert backlog.has_room(2 * EACH_BYTES)


def test_a_flood_behind_slow_work_is_dropped_and_told() -> None:
    home = Home(Rules())
    for number in range(2 * EFFORT):
        config = {"unique_id": f"s{number}", "name": f"S {number}", "state_topic": "s"}
        topic = f"homeassistant/sensor/s{number}/config"
        home.on_message(topic, json.dumps(config).encode(), True, 0.0)
    home._inbox = Backlog(most_bytes=40 * EACH_BYTES)
    told = []
    for number in range(200):
        effects = home.on_message("s", b"%d" % number, False, float(number))
        told += [effect.text for effect in effects if isinstance(effect, Problem)]
    assert OVERFLOWS in told
    assert len(home._inbox) <= 40
    while home._inbox:
        home.tick(1_000.0)
    home.on_message("s", b"last", False, 1_000.0)
    while home._inbox:
        home.tick(1_000.0)
    assert {entity.state for entity in home.registry} == {"last"}
