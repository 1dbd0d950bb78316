"""Robots, alarms, sirens, valves, boilers and updates: most of them ask first."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_robots_start_and_go_home(home: Driver) -> None:
    h = home()
    base = h.announce(
        "vacuum",
        "Rosie",
        area="Kitchen",
        command_topic="~/command",
        state_topic="~",
        set_fan_speed_topic="~/suction",
        fan_speed_list=["low", "high"],
        supported_features=["start", "return_home", "locate", "fan_speed"],
        clean_segments_command_topic="~/rooms",
        clean_segments_command_template="{{ value | to_json }}",
    )
    h.tell(base, {"state": "docked", "segments": {"1": "Kitchen", "2": "Hall"}}, retained=True)
    parameters = h.functions()["run_robot"]["properties"]
    assert parameters["action"]["enum"] == ["start", "return_home", "locate"]
    h.answers[f"{base}/command"] = lambda payload: [
        (base, {"state": "cleaning" if payload == b"start" else "returning"})
    ]
    assert h.ask("run_robot", devices=["rosie"], action="start")["status"] == "done"
    assert h.ask("run_robot", area="Kitchen", action="return_home")["status"] == "done"
    assert h.ask("run_robot", devices=["Rosie"], action="pause")["status"] == "invalid_arguments"
    assert h.take_published() == [
        (f"{base}/command", "start"),
        (f"{base}/command", "return_to_base"),
    ]
    h.ask("run_robot", devices=["Rosie"], rooms=["hall"], suction="high")
    assert h.take_published() == [(f"{base}/suction", "high"), (f"{base}/rooms", '["2"]')]
    assert h.ask("run_robot", devices=["Rosie"], rooms=["Attic"])["status"] == "refused"
    assert h.ask("run_robot", devices=["Rosie"], action="locate")["status"] == "sent"


def test_a_mower_goes_to_its_dock(home: Driver) -> None:
    h = home()
    base = h.announce(
        "lawn_mower",
        "Mower",
        dock_command_topic="~/dock",
        start_mowing_command_topic="~/start",
        activity_state_topic="~",
    )
    h.tell(base, "mowing", retained=True)
    h.answers[f"{base}/dock"] = lambda payload: [(base, "returning")]
    result = h.ask("run_robot", devices=["Mower"], action="return_home")
    assert result["status"] == "done"
    assert result["message"] == "Mower is returning."
    assert h.take_published() == [(f"{base}/dock", "dock")]


def alarm(h: Driver, **config: Any) -> str:  # noqa: ANN401
    base: str = h.announce(
        "alarm_control_panel", "House alarm", command_topic="~/set", state_topic="~", **config
    )
    words = {b"DISARM": "disarmed", b"ARM_AWAY": "arming", b"TRIGGER": "triggered"}
    h.answers[f"{base}/set"] = lambda payload: [(base, words[payload.split()[0]])]
    h.tell(base, "armed_away", retained=True)
    return base


def test_an_alarm_asks_before_anything(home: Driver) -> None:
    h = home()
    base = alarm(h)
    for action in ("disarm", "arm_away", "trigger"):
        result = h.ask("set_alarm", devices=["House alarm"], action=action)
        assert result["status"] == "confirmation_required"
    assert not h.published
    h.ask("confirm", confirmation_id=result["confirmation_id"], answer="no", turn=2)
    asked = h.result(h.call("set_alarm", devices=["House alarm"], action="disarm", turn=2))
    done = h.ask("confirm", confirmation_id=asked["confirmation_id"], answer="yes", turn=3)
    assert done["status"] == "done"
    assert h.take_published() == [(f"{base}/set", "DISARM")]


def test_a_wrong_code_disarms_nothing_and_three_close_the_door(home: Driver) -> None:
    h = home()
    base = alarm(h, code="4711")

    def disarm(turn: int, pin: str) -> Any:  # noqa: ANN401
        asked = h.result(h.call("set_alarm", devices=["House alarm"], action="disarm", turn=turn))
        assert "code" in asked["question"]
        return h.result(
            h.call(
                "confirm",
                confirmation_id=asked["confirmation_id"],
                answer="yes",
                pin=pin,
                turn=turn + 1,
            )
        )

    assert "not accepted" in disarm(1, "1111")["message"]
    assert disarm(3, "4711")["status"] == "done"
    assert h.take_published() == [(f"{base}/set", "DISARM")]
    for turn in (5, 7, 9):
        disarm(turn, "2222")
    assert disarm(11, "4711")["status"] == "refused"
    assert not h.published


def test_a_siren_sounds_only_after_a_yes(home: Driver) -> None:
    h = home()
    base = h.announce(
        "siren", "Yard siren", command_topic="~/set", state_topic="~", available_tones=["fire"]
    )
    h.answers[f"{base}/set"] = lambda payload: [(base, json.loads(payload)["state"])]
    h.tell(base, "OFF", retained=True)
    asked = h.result(
        h.call("set_siren", devices=["Yard siren"], state="on", tone="fire", duration_s=5)
    )
    assert asked["question"] == "Shall I sound Yard siren?"
    assert not h.published
    h.ask("confirm", confirmation_id=asked["confirmation_id"], answer="yes", turn=2)
    ((_, payload),) = h.take_published()
    assert json.loads(payload) == {"state": "ON", "tone": "fire", "duration": 5}


def test_valves_ask_and_are_not_swept(home: Driver) -> None:
    h = home()
    base = h.announce("valve", "Water main", area="Cellar", command_topic="~/set", state_topic="~")
    h.tell(base, "open", retained=True)
    assert h.ask("set_cover", area="everywhere", action="close")["status"] == "unknown_device"
    asked = h.result(h.call("set_cover", devices=["Water main"], action="close"))
    h.answers[f"{base}/set"] = lambda payload: [(base, "closing")]
    done = h.ask("confirm", confirmation_id=asked["confirmation_id"], answer="yes", turn=2)
    assert done["status"] == "done"
    assert h.take_published() == [(f"{base}/set", "CLOSE")]


def test_humidifiers_and_water_heaters(home: Driver) -> None:
    h = home()
    mist = h.announce(
        "humidifier",
        "Mist",
        command_topic="~/set",
        state_topic="~",
        target_humidity_command_topic="~/target/set",
        target_humidity_state_topic="~/target",
        modes=["eco", "baby"],
        mode_command_topic="~/mode/set",
        mode_state_topic="~/mode",
    )
    boiler = h.announce(
        "water_heater",
        "Boiler",
        temperature_command_topic="~/set",
        temperature_state_topic="~/target",
        mode_command_topic="~/mode/set",
        mode_state_topic="~/mode",
        modes=["off", "eco", "performance"],
        min_temp=40,
        max_temp=65,
    )
    for base, part in ((mist, "target"), (mist, "mode"), (boiler, "mode")):
        h.answers[f"{base}/{part}/set"] = lambda payload, at=f"{base}/{part}": [(at, payload)]
    h.answers[f"{mist}/set"] = lambda payload: [(mist, payload)]
    h.answers[f"{boiler}/set"] = lambda payload: [(f"{boiler}/target", payload)]
    h.tell(mist, "ON", retained=True)
    h.tell(f"{boiler}/mode", "eco", retained=True)
    h.tell(f"{boiler}/target", "50", retained=True)
    assert h.ask("set_humidity", devices=["Mist"], humidity_pct=55, mode="baby")["status"] == "done"
    assert h.ask("set_climate", devices=["Boiler"], temperature=55)["status"] == "done"
    assert h.ask("set_climate", devices=["Boiler"], mode="performance")["status"] == "done"
    assert [payload for _, payload in h.take_published()] == ["55", "baby", "55.0", "performance"]
    h.ask("set_power", area="everywhere", state="off")
    assert not h.published  # heating and the like are not meant by "everything off"


def test_updates_ask_first(home: Driver) -> None:
    h = home()
    base = h.announce(
        "update",
        "Bridge firmware",
        command_topic="~/set",
        payload_install="install",
        state_topic="~",
    )
    h.tell(base, {"installed_version": "1", "latest_version": "2"}, retained=True)
    asked = h.result(h.call("install_update", devices=["Bridge firmware"]))
    assert asked["status"] == "confirmation_required"
    h.call("confirm", confirmation_id=asked["confirmation_id"], answer="yes", turn=2)
    assert h.take_published() == [(f"{base}/set", "install")]
