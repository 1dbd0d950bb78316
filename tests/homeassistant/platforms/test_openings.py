"""Covers and valves: positions of all kinds, and which way a toggle goes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.homeassistant.conftest import Bench
from tests.homeassistant.platforms.sending import BASE, refused, sent


def test_cover_toggle_knows_where_it_was_going(bench: Bench) -> None:
    entity = bench.announce("cover", BASE | {"state_topic": "x"})
    assert sent(entity, "toggle") == ["CLOSE"]
    for state, command in [
        ("closed", "OPEN"),
        ("opening", "STOP"),
        ("open", "CLOSE"),
        ("closing", "STOP"),
        ("stopped", "OPEN"),
        ("None", "OPEN"),
    ]:
        bench.send("x", state)
        assert sent(entity, "toggle") == [command], state


def test_cover_with_nothing_but_tilt(bench: Bench) -> None:
    config = {"unique_id": "x", "tilt_command_topic": "x/set", "tilt_min": -90, "tilt_max": 90}
    entity = bench.announce("cover", config)
    assert not entity.supports("open_cover")
    assert refused(entity, "open_cover") == "service_not_supported"
    assert sent(entity, "set_cover_tilt_position", tilt_position=25) == ["-45"]
    assert entity.attributes["current_tilt_position"] == 25
    assert sent(entity, "open_cover_tilt") == ["100"]


def test_cover_reads_positions_of_all_kinds(bench: Bench) -> None:
    config = BASE | {"position_topic": "x", "set_position_topic": "x/pos", "tilt_status_topic": "t"}
    entity = bench.announce("cover", config)
    for payload, position, state in [
        ("42", 42, "open"),
        ("150", 100, "open"),
        ("-3", 0, "closed"),
        ({"position": 30, "tilt_position": 20}, 30, "open"),
        ({"tilt_position": 90}, 30, "open"),
        ("half", 30, "open"),
        ("nan", 30, "open"),
        ("", 30, "open"),
    ]:
        bench.send("x", payload)
        assert (entity.attributes["current_position"], entity.state) == (position, state)
    assert entity.attributes["current_tilt_position"] == 20


@pytest.mark.parametrize(
    "more",
    [
        {"set_position_topic": "p"},
        {"position_template": "{{ value }}"},
        {"tilt_status_template": "{{ value }}"},
        {"position_open": 0},
        {"position_open": "100"},
        {"tilt_min": 5, "tilt_max": 5},
    ],
)
def test_cover_configs_that_make_no_sense(bench: Bench, more: dict[str, Any]) -> None:
    assert bench.refusal("cover", BASE | more)


def test_position_valve(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "reports_position": True, "position_open": 255}
    entity = bench.announce("valve", config)
    for payload, state in [
        ("128", "open"),
        ({"position": 0}, "closed"),
        ({"position": 10, "state": "opening"}, "opening"),
        ("closing", "closing"),
        ("255", "open"),
        ({"state": "open"}, "open"),
        ("nonsense", "open"),
    ]:
        bench.send("x", payload)
        assert entity.state == state, payload
    bench.send("x", "None")
    assert entity.state is None
    assert sent(entity, "close_valve") == ["0"]
    assert sent(entity, "set_valve_position", position=50) == ["128"]
    assert "reports_position" in bench.refusal("valve", config | {"payload_open": "O"}, "y")


@pytest.mark.parametrize("stopped", [True, False])
def test_where_a_cover_stopped_is_judged_by_the_position_of_the_same_message(
    bench: Bench, stopped: bool
) -> None:
    config = BASE | {
        "state_topic": "x",
        "value_template": "{{ value_json.run }}",
        "position_topic": "x",
        "position_template": "{{ value_json.at }}",
    }
    entity = bench.announce("cover", config)
    word = "stopped" if stopped else "None"
    for at, state in [(60, "open"), (0, "closed"), (40, "open"), (0, "closed")]:
        bench.send("x", {"run": "closing", "at": 100 - at})
        assert entity.state == "closing"
        bench.send("x", {"run": word, "at": at})
        assert entity.state == (state if stopped else None)


def test_where_a_cover_stopped_is_judged_again_by_a_position_that_comes_behind(
    bench: Bench,
) -> None:
    entity = bench.announce("cover", BASE | {"state_topic": "x", "position_topic": "p"})
    bench.send("p", "60")
    for at, state in [("0", "closed"), ("40", "open"), ("0", "closed")]:
        bench.send("x", "closing")
        bench.send("p", "20")
        assert entity.state == "closing"
        bench.send("x", "stopped")
        assert entity.state == "open"
        bench.send("p", at)
        assert entity.state == state
    bench.send("x", "opening")
    bench.send("p", "0")
    assert entity.state == "opening"
    bench.send("x", "open")
    bench.send("p", "0")
    assert entity.state == "open"
