"""Lights of the three schemas: colours, brightness, what they report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.services.service import CallError
from tests.homeassistant.conftest import Bench
from tests.homeassistant.platforms.sending import BASE, sent


def json_light(bench: Bench, *modes: str, **more: object) -> Entity:
    config = BASE | {"schema": "json", "state_topic": "x", "supported_color_modes": list(modes)}
    entity = bench.announce("light", config | {"brightness": True} | more)
    bench.send("x", {"state": "ON", "brightness": 100})
    return entity


@pytest.mark.parametrize(
    ("modes", "data", "color"),
    [
        (["rgb"], {"hs_color": [120, 100]}, {"r": 0, "g": 255, "b": 0}),
        (["rgb"], {"xy_color": [0.701, 0.299]}, {"r": 255, "g": 0, "b": 0}),
        (["rgbw"], {"rgb_color": [255, 255, 255]}, {"r": 0, "g": 0, "b": 0, "w": 255}),
        (["rgbw"], {"rgb_color": [255, 128, 128]}, {"r": 253, "g": 0, "b": 0, "w": 255}),
        (["rgb"], {"rgbw_color": [255, 0, 0, 0]}, {"r": 255, "g": 0, "b": 0}),
        (["hs"], {"rgb_color": [0, 0, 255]}, {"h": 240.0, "s": 100.0}),
        (["xy"], {"hs_color": [0, 100]}, {"x": 0.701, "y": 0.299}),
        (["rgb"], {"color_temp_kelvin": 2700}, {"r": 255, "g": 167, "b": 87}),
    ],
)
def test_colours_reach_lights_in_their_own_space(
    bench: Bench, modes: list[str], data: dict[str, Any], color: dict[str, Any]
) -> None:
    (text,) = sent(json_light(bench, *modes), "turn_on", **data)
    assert json.loads(text)["color"] == color


@pytest.mark.parametrize(
    ("data", "brightness"),
    [
        ({"brightness_step": 50}, 150),
        ({"brightness_step": -99}, 1),
        ({"brightness_step_pct": 10}, 125),
        ({"brightness": 300}, 255),
        ({"brightness_pct": 0.4}, 1),
    ],
)
def test_brightness_in_all_ways(bench: Bench, data: dict[str, Any], brightness: int) -> None:
    (text,) = sent(json_light(bench, "brightness"), "turn_on", **data)
    assert json.loads(text)["brightness"] == brightness


@pytest.mark.parametrize("data", [{"brightness_step": -200}, {"brightness": 0}])
def test_no_brightness_is_off(bench: Bench, data: dict[str, Any]) -> None:
    (text,) = sent(json_light(bench, "brightness"), "turn_on", transition=2, **data)
    assert json.loads(text) == {"state": "OFF", "transition": 2.0}


@pytest.mark.parametrize(
    "data",
    [
        {"brightness": 5, "brightness_pct": 5},
        {"color_name": "red", "hs_color": [1, 2]},
        {"hs_color": [400, 2]},
        {"rgb_color": [1, 2]},
        {"rgb_color": [1, 2, 256]},
        {"xy_color": [2, 0]},
        {"brightness_pct": 101},
        {"transition": -1},
        {"flash": "medium"},
        {"color_temp_kelvin": 0},
        {"brightness": True, "speed": 1},
    ],
)
def test_light_data_is_checked(bench: Bench, data: dict[str, Any]) -> None:
    with pytest.raises(CallError) as wrong:
        json_light(bench, "rgb").call("turn_on", data)
    assert wrong.value.code == "invalid_format"


def test_what_a_light_cannot_do_is_dropped(bench: Bench) -> None:
    entity = json_light(bench, "onoff", flash=False, transition=False)
    data = {"brightness": 9, "effect": "rain", "flash": "long", "transition": 3}
    assert sent(entity, "turn_on", rgb_color=[1, 2, 3], **data) == ['{"state":"ON"}']
    assert entity.attributes["supported_features"] == 0


@pytest.mark.parametrize(
    "modes", [["onoff", "rgb"], ["brightness", "xy"], ["white"], [], ["ultraviolet"]]
)
def test_colour_modes_that_do_not_go_together(bench: Bench, modes: list[str]) -> None:
    config = BASE | {"schema": "json", "supported_color_modes": modes}
    assert bench.refusal("light", config)


def test_unknown_schema(bench: Bench) -> None:
    assert "schema" in bench.refusal("light", BASE | {"schema": "xml"})


def test_json_states_that_mean_nothing(bench: Bench) -> None:
    entity = json_light(bench, "rgb", "color_temp")
    before = entity.snapshot()
    states: tuple[object, ...] = (
        {"brightness": 7},
        {"state": "ON", "color_mode": "cwww", "brightness": 0},
        {"state": "ON", "color_mode": "rgb", "color": {"r": 1}},
        {"state": "ON", "color_mode": "rgb", "color": {"r": 1, "g": 2, "b": 999}},
        {"state": "ON", "color_mode": "color_temp", "color_temp": 0},
        {"state": "ON", "brightness": "bright"},
        [],
    )
    for state in states:
        bench.send("x", state)
        assert entity.snapshot() == before


def test_optimistic_json_light_believes(bench: Bench) -> None:
    entity = bench.announce("light", BASE | {"schema": "json", "supported_color_modes": ["xy"]})
    sent(entity, "turn_on", brightness=50, color_name="red")
    shown = entity.attributes
    assert (entity.state, shown["brightness"], shown["rgb_color"]) == ("on", 50, [255, 0, 0])
    assert shown["assumed_state"]
    sent(entity, "turn_off")
    assert entity.state == "off"


def test_basic_light_without_brightness_topic_dims_by_colour(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "rgb_command_topic": "x/rgb", "rgb_state_topic": "x/c"}
    entity = bench.announce("light", config)
    bench.send("x", "ON")
    bench.send("x/c", "100,50,0")
    assert entity.attributes["brightness"] == 100
    assert entity.attributes["rgb_color"] == [255, 128, 0]
    assert sent(entity, "turn_on", brightness=51) == ["x/rgb: 51,25,0", "ON"]
    assert sent(entity, "turn_on", rgb_color=[255, 0, 0], brightness=51) == ["x/rgb: 51,0,0", "ON"]


def test_basic_light_orders(bench: Bench) -> None:
    config = BASE | {
        "brightness_command_topic": "x/b",
        "color_temp_command_topic": "x/ct",
        "effect_command_topic": "x/fx",
        "effect_list": ["rain"],
        "on_command_type": "first",
    }
    entity = bench.announce("light", config)
    data = {"brightness": 128, "color_temp_kelvin": 4000, "effect": "rain"}
    assert sent(entity, "turn_on", **data) == ["ON", "x/b: 128", "x/ct: 250", "x/fx: rain"]
    assert sent(entity, "turn_on", effect="snow") == ["ON"]
    assert entity.attributes["color_temp_kelvin"] == 4000
    assert entity.attributes["effect"] == "rain"


def test_basic_light_takes_a_reported_colour_mode(bench: Bench) -> None:
    config = BASE | {
        "state_topic": "x",
        "hs_command_topic": "x/hs",
        "hs_state_topic": "x/hs/s",
        "color_temp_command_topic": "x/ct",
        "color_temp_state_topic": "x/ct/s",
        "color_mode_state_topic": "x/mode",
    }
    entity = bench.announce("light", config)
    for topic, payload in [("x", "ON"), ("x/hs/s", "300,50"), ("x/ct/s", "250")]:
        bench.send(topic, payload)
    assert entity.attributes["color_mode"] == "unknown"
    bench.send("x/mode", "hs")
    assert entity.attributes["hs_color"] == [300.0, 50.0]
    for nonsense in ("blue", "1", "1,2,3", "nan,1", "", "-5,5"):
        bench.send("x/hs/s", nonsense)
    assert entity.attributes["hs_color"] == [300.0, 50.0]


def test_template_light_says_none(bench: Bench) -> None:
    config = BASE | {
        "schema": "template",
        "command_on_template": "on{{ ',' ~ color_temp if color_temp is defined }}",
        "command_off_template": "off{{ ',' ~ transition if transition is defined }}",
        "state_topic": "x",
        "state_template": "{{ value_json.s }}",
        "color_temp_template": "{{ value_json.ct }}",
        "brightness_template": "{{ value_json.b }}",
    }
    entity = bench.announce("light", config)
    bench.send("x", {"s": "on", "ct": 250, "b": 77})
    assert entity.attributes["color_temp_kelvin"] == 4000
    bench.send("x", {"s": "on", "ct": None, "b": "bright"})
    assert entity.attributes["color_temp_kelvin"] is None
    assert entity.attributes["brightness"] == 77
    bench.send("x", {"s": None})
    assert entity.state is None
    assert sent(entity, "turn_on", color_temp_kelvin=5000) == ["on,200"]
    assert sent(entity, "turn_off", transition=3) == ["off,3.0"]
    assert "command_off_template" in bench.refusal(
        "light", BASE | {"schema": "template", "command_on_template": "x"}, "y"
    )


@pytest.mark.parametrize(
    ("mode", "color", "black", "half"),
    [
        ("rgb", "255,0,128", "0,0,0", "128,0,64"),
        ("rgbw", "255,0,128,0", "0,0,0,0", "128,0,64,0"),
        ("rgbww", "255,0,128,0,0", "0,0,0,0,0", "128,0,64,0,0"),
    ],
)
def test_black_is_off_and_no_colour_to_dim(
    bench: Bench, mode: str, color: str, black: str, half: str
) -> None:
    config = BASE | {"state_topic": "x", f"{mode}_command_topic": "c", f"{mode}_state_topic": "s"}
    entity = bench.announce("light", config)
    white = ",".join(["128"] * len(black.split(",")))
    bench.send("s", black)
    assert sent(entity, "turn_on", brightness_pct=50) == [f"c: {white}", "ON"]
    bench.send("s", color)
    bench.send("x", "OFF")
    bench.send("s", black)
    assert sent(entity, "turn_on", brightness_pct=50) == [f"c: {half}", "ON"]


def test_black_beside_a_brightness_of_its_own_is_not_dimmed_to_black(bench: Bench) -> None:
    topics = {"rgb_command_topic": "c", "rgb_state_topic": "s", "brightness_state_topic": "b"}
    entity = bench.announce("light", BASE | {"state_topic": "x"} | topics)
    bench.send("s", "0,0,0")
    assert sent(entity, "turn_on", brightness_pct=50) == ["c: 128,128,128", "ON"]
