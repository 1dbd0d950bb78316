"""What each platform publishes and understands, where the recorded corpus says nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from satellite.home.platforms.binary_sensor import BinarySensor
from satellite.home.services.service import CallError

if TYPE_CHECKING:
    from satellite.home.entities.entity import Entity
    from tests.home.conftest import Bench


def sent(entity: Entity, service: str, **data: object) -> list[str]:
    """The payloads of a call, with their topics where they are not the usual one."""
    found = []
    for message in entity.call(service, data):
        text = message.payload.decode()
        found.append(text if message.topic == "x/set" else f"{message.topic}: {text}")
    return found


def refused(entity: Entity, service: str, **data: object) -> str | None:
    with pytest.raises(CallError) as wrong:
        entity.call(service, data)
    assert wrong.value.message
    return wrong.value.key


BASE: dict[str, Any] = {"unique_id": "x", "name": "X", "command_topic": "x/set"}


# Lights ---------------------------------------------------------------------------------------


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


# Covers and valves ----------------------------------------------------------------------------


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


# Climate --------------------------------------------------------------------------------------

CLIMATE: dict[str, Any] = {
    "unique_id": "x",
    "name": "X",
    "modes": ["off", "heat", "cool", "heat_cool"],
    "mode_command_topic": "x/mode",
    "temperature_command_topic": "x/set",
    "temperature_low_command_topic": "x/low",
    "temperature_high_command_topic": "x/high",
}


def test_climate_orders_and_limits(bench: Bench) -> None:
    entity = bench.announce("climate", CLIMATE)
    both = {"target_temp_low": 18, "target_temp_high": 22}
    assert sent(entity, "set_temperature", hvac_mode="heat_cool", **both) == [
        "x/mode: heat_cool",
        "x/low: 18.0",
        "x/high: 22.0",
    ]
    assert refused(entity, "set_temperature", target_temp_low=1, target_temp_high=20) == (
        "temp_out_of_range"
    )
    assert refused(entity, "set_temperature", target_temp_low=20) is None
    assert refused(entity, "set_temperature", hvac_mode="heat") is None
    assert refused(entity, "set_hvac_mode", hvac_mode="turbo") is None
    assert refused(entity, "set_hvac_mode", hvac_mode="dry") == "not_valid_hvac_mode"
    assert sent(entity, "turn_on") == ["x/mode: heat_cool"]
    assert entity.state == "heat_cool"
    assert sent(entity, "toggle") == ["x/mode: off"]


def test_climate_that_cannot_be_switched_off(bench: Bench) -> None:
    entity = bench.announce("climate", CLIMATE | {"modes": ["dry"]})
    assert refused(entity, "turn_off") is None
    assert refused(entity, "turn_on") is None


def test_climate_states_of_all_kinds(bench: Bench) -> None:
    config = CLIMATE | {
        "value_template": "{{ value_json.v }}",
        "mode_state_topic": "x/m",
        "action_topic": "x/a",
        "current_temperature_topic": "x/t",
        "current_humidity_topic": "x/h",
        "fan_mode_state_topic": "x/f",
        "preset_mode_command_topic": "x/p/set",
        "preset_modes": ["eco"],
        "preset_mode_state_topic": "x/p",
    }
    entity = bench.announce("climate", config)
    for topic, value, name, shown in [
        ("x/t", 21.26, "current_temperature", 21.3),
        ("x/t", "warm", "current_temperature", 21.3),
        ("x/t", None, "current_temperature", None),
        ("x/h", 40, "current_humidity", 40),
        ("x/a", "heating", "hvac_action", "heating"),
        ("x/a", "sleeping", "hvac_action", "heating"),
        ("x/f", "low", "fan_mode", "low"),
        ("x/f", "hurricane", "fan_mode", "low"),
        ("x/p", "eco", "preset_mode", "eco"),
        ("x/p", None, "preset_mode", "none"),
    ]:
        bench.send(topic, {"v": value})
        assert entity.attributes[name] == shown, (topic, value)
    bench.send("x/m", {"v": "cool"})
    assert entity.state == "cool"
    bench.send("x/m", {"v": None})
    assert entity.state is None


@pytest.mark.parametrize(
    "more",
    [
        {"preset_modes": ["eco"]},
        {"preset_modes": ["none"], "preset_mode_command_topic": "p"},
        {"min_humidity": 90, "max_humidity": 50},
        {"max_humidity": 101},
        {"target_humidity_state_topic": "h"},
        {"precision": 0.2},
        {"temperature_unit": "K"},
        {"min_temp": "warm"},
    ],
)
def test_climate_configs_that_make_no_sense(bench: Bench, more: dict[str, Any]) -> None:
    assert bench.refusal("climate", CLIMATE | more)


def test_water_heater_in_fahrenheit(bench: Bench) -> None:
    config = {
        "unique_id": "x",
        "temperature_command_topic": "x/set",
        "temperature_unit": "F",
        "power_command_topic": "x/power",
    }
    entity = bench.announce("water_heater", config)
    assert entity.attributes["max_temp"] == 60
    assert sent(entity, "set_temperature", temperature=50) == ["122.0"]
    assert entity.attributes["temperature"] == 50
    assert sent(entity, "turn_on") == ["x/power: ON"]
    assert refused(entity, "set_operation_mode", operation_mode="eco") == "service_not_supported"


# Things with modes and levels -----------------------------------------------------------------


def test_fan_steps(bench: Bench) -> None:
    config = BASE | {"percentage_command_topic": "x/p", "speed_range_max": 4}
    entity = bench.announce("fan", config)
    assert sent(entity, "increase_speed") == ["x/p: 1"]
    assert sent(entity, "increase_speed") == ["x/p: 2"]
    assert sent(entity, "increase_speed", percentage_step=30) == ["x/p: 4"]
    assert sent(entity, "decrease_speed", percentage_step=100) == ["x/p: 0"]
    assert sent(entity, "turn_on", percentage=25) == ["ON", "x/p: 1"]
    assert refused(entity, "turn_on", preset_mode="x") == "not_valid_preset_mode"
    assert entity.attributes["percentage_step"] == 25.0


def test_fan_presets(bench: Bench) -> None:
    config = BASE | {"preset_mode_command_topic": "x/p", "preset_modes": ["auto", "sleep"]}
    entity = bench.announce("fan", config)
    assert sent(entity, "turn_on", preset_mode="sleep", percentage=50) == ["ON", "x/p: sleep"]
    assert refused(entity, "turn_on", preset_mode="party") == "not_valid_preset_mode"
    assert refused(entity, "set_percentage", percentage=5) == "service_not_supported"
    assert sent(entity, "toggle") == ["OFF"]


@pytest.mark.parametrize(
    "more",
    [
        {"speed_range_min": 0},
        {"speed_range_min": 9, "speed_range_max": 3},
        {"preset_modes": ["a"]},
        {"preset_modes": ["None"], "preset_mode_command_topic": "p"},
    ],
)
def test_fan_configs_that_make_no_sense(bench: Bench, more: dict[str, Any]) -> None:
    assert bench.refusal("fan", BASE | more)


def test_lock_with_code(bench: Bench) -> None:
    config = BASE | {
        "code_format": r"^\d{4}$",
        "command_template": '{"do": "{{ value }}", "code": "{{ code }}"}',
        "payload_open": "DRAW",
    }
    entity = bench.announce("lock", config)
    assert entity.state == "unlocked"
    assert refused(entity, "lock") == "add_default_code"
    assert refused(entity, "unlock", code="12") == "add_default_code"
    assert sent(entity, "lock", code="1234") == ['{"do": "LOCK", "code": "1234"}']
    assert entity.state == "locked"
    assert sent(entity, "open", code="1234") == ['{"do": "DRAW", "code": "1234"}']
    assert "code_format" in bench.refusal("lock", BASE | {"code_format": "("}, "y")


def test_lock_states_with_the_same_word(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "state_unlocked": "OPEN"}
    entity = bench.announce("lock", config)
    bench.send("x", "OPEN")
    assert entity.state == "open"
    bench.send("x", "None")
    assert entity.state is None


def test_alarm_codes(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "code": "secret", "code_arm_required": False}
    entity = bench.announce("alarm_control_panel", config)
    assert entity.attributes["code_format"] == "text"
    assert sent(entity, "alarm_arm_night") == ["ARM_NIGHT"]
    assert sent(entity, "alarm_disarm") == []
    assert sent(entity, "alarm_disarm", code="Secret") == []
    assert sent(entity, "alarm_disarm", code="secret") == ["DISARM"]
    assert sent(entity, "alarm_trigger", code="secret") == ["TRIGGER"]
    plain = bench.announce(
        "alarm_control_panel", BASE | {"unique_id": "y", "state_topic": "y"}, "y"
    )
    assert refused(plain, "alarm_arm_away") == "code_arm_required"
    assert sent(plain, "alarm_arm_away", code="1") == ["ARM_AWAY"]
    assert sent(plain, "alarm_disarm") == ["DISARM"]
    bench.send("x", "triggered")
    bench.send("x", "dancing")
    assert entity.state == "triggered"


def test_siren(bench: Bench) -> None:
    config = BASE | {
        "state_topic": "x",
        "available_tones": ["bell", "5"],
        "support_duration": False,
    }
    entity = bench.announce("siren", config)
    assert sent(entity, "turn_on", tone="bell", duration=5) == ['{"state":"ON","tone":"bell"}']
    assert refused(entity, "turn_on", tone="5") == "invalid_tone"
    bench.send("x", {"state": "ON", "tone": "bell", "volume_level": 0.5})
    assert entity.state == "on"
    assert entity.attributes["volume_level"] == 0.5
    bench.send("x", {"state": "OFF", "tone": "unheard"})
    assert (entity.state, entity.attributes["tone"]) == ("off", "bell")
    assert sent(entity, "toggle") == ['{"state":"ON"}']


def test_vacuum_rooms(bench: Bench) -> None:
    config = {
        "unique_id": "x",
        "name": "X",
        "command_topic": "x/set",
        "send_command_topic": "x/send",
        "supported_features": ["send_command"],
        "clean_segments_command_topic": "x/clean",
        "clean_segments_command_template": "{{ value | to_json }}",
        "state_topic": "x",
    }
    entity = bench.announce("vacuum", config)
    assert sent(entity, "clean_segments", segments=["16"]) == ['x/clean: ["16"]']
    bench.send("x", {"state": "docked", "segments": {"16": "Kitchen", "17": "Hall"}})
    assert entity.limits()["segments"].options == ("Kitchen", "Hall")
    assert sent(entity, "clean_segments", segments=["hall", "16"]) == ['x/clean: ["17","16"]']
    assert refused(entity, "clean_segments", segments=["Attic"]) is None
    assert sent(entity, "send_command", command="spin") == ["x/send: spin"]
    assert sent(entity, "send_command", command="go", params={"x": 1}) == [
        'x/send: {"command":"go","x":1}'
    ]
    assert refused(entity, "start") == "service_not_supported"


def test_vacuum_without_topic_sends_nothing(bench: Bench) -> None:
    entity = bench.announce("vacuum", {"unique_id": "x"})
    assert sent(entity, "start") == []


def test_mower_without_reports_believes(bench: Bench) -> None:
    config = {
        "unique_id": "x",
        "start_mowing_command_topic": "x/set",
        "stop_command_topic": "x/set",
    }
    entity = bench.announce("lawn_mower", config)
    assert sent(entity, "start_mowing") == ["start_mowing"]
    assert entity.state == "mowing"
    assert sent(entity, "stop") == ["stop"]
    assert refused(entity, "dock") == "service_not_supported"


def test_humidifier(bench: Bench) -> None:
    config = BASE | {
        "state_topic": "x",
        "target_humidity_command_topic": "x/h",
        "modes": ["eco"],
        "mode_command_topic": "x/m",
        "current_humidity_topic": "x/c",
        "action_topic": "x/a",
    }
    entity = bench.announce("humidifier", config)
    bench.send("x", "ON")
    bench.send("x/a", "drying")
    bench.send("x/c", "150")
    assert entity.attributes["action"] == "drying"
    assert "current_humidity" not in entity.attributes
    bench.send("x", "OFF")
    assert entity.attributes["action"] == "off"
    assert sent(entity, "set_humidity", humidity=40) == ["x/h: 40"]
    assert entity.attributes["humidity"] == 40
    assert sent(entity, "set_mode", mode="eco") == ["x/m: eco"]
    assert entity.attributes["mode"] == "eco"
    assert bench.refusal("humidifier", config | {"max_humidity": 120}, "y")


# Values ---------------------------------------------------------------------------------------


def test_numbers(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "min": -5, "max": "5", "step": "0.5"}
    entity = bench.announce("number", config)
    for payload, state in [
        ("3", "3"),
        ("2.50", "2.5"),
        ("9", "2.5"),
        ("nan", "2.5"),
        ("None", None),
    ]:
        bench.send("x", payload)
        assert entity.state == state
    assert sent(entity, "set_value", value=2.0) == ["2"]
    assert "step" in bench.refusal("number", config | {"step": 0}, "y")
    assert "unit" in bench.refusal(
        "number", config | {"device_class": "voltage", "unit_of_measurement": "W"}, "y"
    )


def test_number_in_fahrenheit(bench: Bench) -> None:
    config = BASE | {
        "state_topic": "x",
        "min": 50,
        "max": 86,
        "device_class": "temperature",
        "unit_of_measurement": "°F",
    }
    entity = bench.announce("number", config)
    bench.send("x", "68")
    assert (entity.state, entity.attributes["unit_of_measurement"]) == ("20.0", "°C")
    limit = entity.limits()["value"]
    assert (limit.minimum, limit.maximum, limit.unit) == (10.0, 30.0, "°C")
    assert sent(entity, "set_value", value=25) == ["77"]


def test_select_steps(bench: Bench) -> None:
    entity = bench.announce("select", BASE | {"options": ["a", "b", "c"]})
    assert sent(entity, "select_last") == ["c"]
    assert sent(entity, "select_next", cycle=False) == []
    assert sent(entity, "select_next") == ["a"]
    assert sent(entity, "select_previous") == ["c"]
    empty = bench.announce("select", BASE | {"unique_id": "y", "options": []}, "y")
    assert sent(empty, "select_first") == []
    assert sent(empty, "select_next") == []


def test_texts(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "pattern": "[a-z]+", "max": 5}
    entity = bench.announce("text", config)
    bench.send("x", "abc")
    bench.send("x", "ABC")
    bench.send("x", "abcdef")
    assert entity.state == "abc"
    assert refused(entity, "set_value", value="abcdef") == "value_too_long"
    assert bench.refusal("text", config | {"min": 9}, "y")
    assert bench.refusal("text", config | {"max": 300}, "y")


def test_a_slow_pattern_of_a_text_refuses_instead_of_hanging(bench: Bench) -> None:
    entity = bench.announce("text", BASE | {"pattern": "(a+)+$"})
    assert refused(entity, "set_value", value="a" * 40 + "b") == "value_pattern_mismatch"


def test_dates_and_times(bench: Bench) -> None:
    day = bench.announce("date", BASE | {"state_topic": "d"}, "d")
    bench.send("d", "2026-11-05")
    bench.send("d", "someday")
    assert day.state == "2026-11-05"
    bench.send("d", "6 November 2026")
    assert day.state == "2026-11-06"
    assert sent(day, "set_value", date="2026-12-24") == ["2026-12-24"]
    clock = bench.announce("time", BASE, "t")
    assert sent(clock, "set_value", time="07:30") == ["07:30:00"]
    assert refused(clock, "set_value", time="half past seven") is None
    moment = bench.announce("datetime", BASE | {"state_topic": "m", "timezone": "Asia/Tokyo"}, "m")
    bench.send("m", "2026-11-05T12:00:00")
    assert moment.state == "2026-11-05T03:00:00+00:00"
    bench.send("m", "2026-11-05T13:00:00+01:00")
    assert moment.state == "2026-11-05T03:00:00+00:00"
    assert sent(moment, "set_value", datetime="2026-11-05T12:00:00+01:00") == [
        "2026-11-05T12:00:00+01:00"
    ]
    assert refused(moment, "set_value", datetime="0001-01-01T00:00:00") is None
    naive = bench.announce("datetime", BASE | {"unique_id": "n", "state_topic": "n"}, "n")
    bench.send("n", "2026-11-05T12:00:00")
    assert naive.state is None


# Readable ones --------------------------------------------------------------------------------

SENSOR: dict[str, Any] = {"unique_id": "x", "name": "X", "state_topic": "x"}


@pytest.mark.parametrize(
    ("more", "payload", "state"),
    [
        ({}, "any text", "any text"),
        ({}, "x" * 300, None),
        ({"unit_of_measurement": "W"}, "5", "5"),
        ({"unit_of_measurement": "W"}, "five", None),
        ({"device_class": "temperature", "unit_of_measurement": "°F"}, "70", "21"),
        (
            {
                "device_class": "temperature",
                "unit_of_measurement": "°F",
                "suggested_display_precision": 1,
            },
            "50",
            "10.0",
        ),
        ({"device_class": "wind_speed", "unit_of_measurement": "m/s"}, "10", "36"),
        ({"device_class": "timestamp"}, "2026-11-01T08:15:30+01:00", "2026-11-01T07:15:30+00:00"),
        ({"device_class": "timestamp"}, "2026-11-01T08:15:30", None),
        ({"device_class": "date"}, "2026-11-01T08:15:30", "2026-11-01"),
        ({"device_class": "date"}, "tomorrow", None),
        ({"device_class": "enum", "options": ["a"]}, "a", "a"),
        ({"device_class": "enum", "options": ["a"]}, "b", None),
        ({"value_template": "{{ value_json.a.b }}"}, "{}", None),
    ],
)
def test_sensor_values(bench: Bench, more: dict[str, Any], payload: str, state: str | None) -> None:
    entity = bench.announce("sensor", SENSOR | more)
    bench.send("x", payload)
    assert entity.state == state


@pytest.mark.parametrize(
    "more",
    [
        {"options": ["a"]},
        {"device_class": "enum", "options": []},
        {"device_class": "enum", "options": ["a"], "state_class": "measurement"},
        {"device_class": "voltage", "unit_of_measurement": "kg"},
        {"state_class": "measurement_angle", "unit_of_measurement": "W"},
        {"last_reset_value_template": "{{ value }}"},
        {"entity_category": "config"},
        {"state_class": "sometimes"},
    ],
)
def test_sensor_configs_that_make_no_sense(bench: Bench, more: dict[str, Any]) -> None:
    assert bench.refusal("sensor", SENSOR | more)


def test_sensor_last_reset(bench: Bench) -> None:
    config = SENSOR | {
        "state_class": "total",
        "value_template": "{{ value_json.v }}",
        "last_reset_value_template": "{{ value_json.r }}",
    }
    entity = bench.announce("sensor", config)
    bench.send("x", {"v": 5, "r": "2026-11-01T00:00:00+00:00"})
    assert entity.attributes["last_reset"] == "2026-11-01T00:00:00+00:00"


def test_values_expire(bench: Bench) -> None:
    entity = bench.announce("sensor", SENSOR | {"expire_after": 10})
    seen = [(entity.available, bench.registry.deadline_s)]
    bench.now_s = 5.0
    bench.send("x", "1")
    seen.append((entity.available, bench.registry.deadline_s))
    assert bench.registry.tick(14.9) == []
    assert bench.registry.tick(15.0) == [entity]
    seen.append((entity.available, bench.registry.deadline_s))
    bench.send("x", "1")
    seen.append((entity.available, bench.registry.deadline_s))
    assert seen == [(False, None), (True, 15.0), (False, None), (True, 15.0)]
    longer = bench.announce("sensor", SENSOR | {"expire_after": 100})
    assert (longer.available, longer.deadline_s) == (True, 105.0)
    forever = bench.announce("sensor", SENSOR)
    assert (forever.available, forever.deadline_s, forever.state) == (True, None, "1")


def test_pulses_end(bench: Bench) -> None:
    entity = bench.announce("binary_sensor", SENSOR | {"off_delay": 3, "device_class": "motion"})
    bench.send("x", "ON")
    assert isinstance(entity, BinarySensor)
    assert entity.spoken_state == "motion detected"
    assert bench.registry.deadline_s == 3.0
    assert bench.registry.tick(3.0) == [entity]
    assert (entity.state, entity.spoken_state) == ("off", "no motion")


def test_events(bench: Bench) -> None:
    entity = bench.announce("event", SENSOR | {"event_types": ["press"]})
    bench.send("x", {"event_type": "press"}, retained=True)
    unheard: list[object] = ["press", {"type": "press"}, {"event_type": "hold"}, "{}"]
    for nothing in [*unheard, {"event_type": []}]:
        bench.send("x", nothing)
    assert entity.state is None
    change = bench.send("x", {"event_type": "press", "button": 2, "icon": "x"})
    assert change.states == [entity]
    assert entity.attributes == {"event_types": ["press"], "event_type": "press", "button": 2}
    assert "event_types" in bench.refusal("event", SENSOR, "y")


@pytest.mark.parametrize(
    ("latest", "installed", "state"),
    [
        ("1.10", "1.9", "on"),
        ("1.9", "1.10", "off"),
        ("v2", "2.0", "on"),
        ("1.2.0", "1.2", "on"),
        ("1.2", "1.2", "off"),
        ("abc", "def", "on"),
    ],
)
def test_updates(bench: Bench, latest: str, installed: str, state: str) -> None:
    entity = bench.announce("update", SENSOR | {"latest_version_topic": "l"})
    bench.send("x", installed)
    assert entity.snapshot()[0] == "unknown"
    bench.send("l", latest)
    assert entity.state == state
    assert not entity.supports("install")


def test_installing(bench: Bench) -> None:
    config = SENSOR | {"command_topic": "x/set", "payload_install": "go"}
    entity = bench.announce("update", config)
    assert refused(entity, "install") is None
    bench.send("x", {"installed_version": 1, "latest_version": 2})
    assert sent(entity, "install") == ["go"]
    assert refused(entity, "install", version="7") is None
    bench.send("x", {"update_percentage": 40})
    assert entity.attributes["update_percentage"] == 40
    assert refused(entity, "install") is None
    bench.send("x", {"update_percentage": 400})
    bench.send("x", {"installed_version": [1]})
    assert entity.attributes["update_percentage"] == 40
    bench.send("x", {"in_progress": False, "installed_version": 2})
    assert entity.state == "off"


def test_trackers(bench: Bench) -> None:
    config = SENSOR | {"json_attributes_topic": "x/a"}
    entity = bench.announce("device_tracker", config)
    bench.send("x/a", {"latitude": 1.5, "longitude": 2, "battery_level": 80})
    shown = entity.attributes
    assert (shown["latitude"], shown["gps_accuracy"], shown["battery_level"]) == (1.5, 0, 80)
    for payload, state in [("home", "home"), ("Work", "Work"), ("", "Work"), ("None", None)]:
        bench.send("x", payload)
        assert entity.state == state
    assert bench.refusal("device_tracker", {"unique_id": "y"}, "y")


def test_buttons_scenes_and_messages_remember_when(bench: Bench) -> None:
    button = bench.announce("button", BASE | {"command_template": "{{ value | lower }}"}, "b")
    assert sent(button, "press") == ["press"]
    assert str(button.state).startswith("20")
    scene = bench.announce("scene", BASE, "s")
    assert sent(scene, "turn_on") == []
    notify = bench.announce("notify", BASE, "n")
    assert sent(notify, "send_message", message="Hi", title="T") == ["Hi"]


def test_tags_and_images(bench: Bench) -> None:
    bench.send(
        "homeassistant/tag/x/config", {"topic": "t", "value_template": "{{ value_json.id }}"}
    )
    (tag,) = bench.registry.triggers()
    bench.send("t", {"id": "0815"})
    bench.send("t", {"id": "4711"}, retained=True)
    assert tag.state == "0815"
    image = bench.announce("image", {"unique_id": "i", "url_topic": "u"}, "i")
    bench.send("u", "not a url")
    assert image.snapshot()[0] == "unknown"
    bench.send("u", "https://example.com/x.jpg")
    assert image.state is not None
    assert bench.refusal("image", {"unique_id": "j"}, "j")
    assert bench.announce("camera", {"unique_id": "c", "topic": "c"}, "c").topics() == set()
    config = {"unique_id": "r", "schema": "emitter", "command_topic": "r"}
    assert bench.announce("infrared", config, "r").features() == frozenset()
    assert bench.announce("infrared", {"schema": "receiver", "state_topic": "r"}, "q")
    assert bench.refusal("infrared", {"schema": "laser"}, "p")
