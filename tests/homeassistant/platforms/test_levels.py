"""Things with modes and levels: fans, locks, alarms, sirens, robots, humidifiers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.homeassistant.conftest import Bench
from tests.homeassistant.platforms.sending import BASE, refused, sent


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
