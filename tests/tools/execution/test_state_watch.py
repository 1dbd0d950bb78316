"""Only what a device says after the command, by itself, makes it done; not what it was before."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""
Json: TypeAlias = Any

FREE = Rules(confirm=())
"""Nothing asks, so that a call alone shows what becomes of it."""

# What stands there already: component, config, what it said, the call, the status if it is silent.
THERE: list[tuple[str, dict[str, Json], dict[str, Json], str, dict[str, Json], str]] = [
    ("switch", {"state_topic": "~"}, {"": "ON"}, "set_power", {"state": "on"}, "already"),
    ("switch", {"state_topic": "~"}, {"": "OFF"}, "set_power", {"state": "off"}, "already"),
    (
        "light",
        {"schema": "json", "state_topic": "~", "brightness": True},
        {"": {"state": "ON", "brightness": 115}},
        "set_light",
        {"brightness_pct": 45},
        "already",
    ),
    (
        "light",
        {
            "state_topic": "~",
            "brightness_command_topic": "~/b/set",
            "brightness_state_topic": "~/b",
        },
        {"": "ON", "/b": "115"},
        "set_light",
        {"brightness_pct": 45},
        "already",
    ),
    (
        "cover",
        {"state_topic": "~", "device_class": "garage"},
        {"": "closed"},
        "set_cover",
        {"action": "close"},
        "not_confirmed",
    ),
    ("lock", {"state_topic": "~"}, {"": "LOCKED"}, "set_lock", {"action": "lock"}, "not_confirmed"),
    ("cover", {"state_topic": "~"}, {"": "open"}, "set_cover", {"action": "open"}, "already"),
    (
        "cover",
        {"state_topic": "~", "position_topic": "~/p", "set_position_topic": "~/p/set"},
        {"": "closed", "/p": "0"},
        "set_cover",
        {"action": "close"},
        "already",
    ),
    (
        "cover",
        {"state_topic": "~", "position_topic": "~/p", "set_position_topic": "~/p/set"},
        {"": "open", "/p": "40"},
        "set_cover",
        {"position_pct": 40},
        "already",
    ),
    (
        "cover",
        {"state_topic": "~", "tilt_command_topic": "~/t/set", "tilt_status_topic": "~/t"},
        {"": "open", "/t": "50"},
        "set_cover",
        {"tilt_pct": 50},
        "already",
    ),
    (
        "valve",
        {"state_topic": "~"},
        {"": "closed"},
        "set_cover",
        {"action": "close"},
        "not_confirmed",
    ),
    (
        "alarm_control_panel",
        {"state_topic": "~"},
        {"": "disarmed"},
        "set_alarm",
        {"action": "disarm"},
        "not_confirmed",
    ),
    ("siren", {"state_topic": "~"}, {"": "OFF"}, "set_siren", {"state": "off"}, "not_confirmed"),
    (
        "fan",
        {
            "state_topic": "~",
            "percentage_command_topic": "~/s/set",
            "percentage_state_topic": "~/s",
        },
        {"": "ON", "/s": "40"},
        "set_fan",
        {"speed_pct": 40},
        "already",
    ),
    (
        "climate",
        {
            "modes": ["off", "heat"],
            "mode_command_topic": "~/m/set",
            "mode_state_topic": "~/m",
            "temperature_command_topic": "~/t/set",
            "temperature_state_topic": "~/t",
        },
        {"/m": "heat", "/t": "21"},
        "set_climate",
        {"temperature": 21, "mode": "heat"},
        "already",
    ),
    (
        "water_heater",
        {
            "mode_command_topic": "~/m/set",
            "mode_state_topic": "~/m",
            "modes": ["off", "eco"],
        },
        {"/m": "eco"},
        "set_climate",
        {"mode": "eco"},
        "already",
    ),
    (
        "humidifier",
        {
            "state_topic": "~",
            "target_humidity_command_topic": "~/h/set",
            "target_humidity_state_topic": "~/h",
        },
        {"": "ON", "/h": "50"},
        "set_humidity",
        {"humidity_pct": 50},
        "already",
    ),
    (
        "vacuum",
        {"state_topic": "~"},
        {"": {"state": "docked"}},
        "run_robot",
        {"action": "return_home"},
        "already",
    ),
    (
        "lawn_mower",
        {"dock_command_topic": "~/set", "activity_state_topic": "~"},
        {"": "docked"},
        "run_robot",
        {"action": "return_home"},
        "already",
    ),
    (
        "select",
        {"state_topic": "~", "options": ["eco", "party"]},
        {"": "eco"},
        "set_option",
        {"option": "eco"},
        "already",
    ),
    ("number", {"state_topic": "~"}, {"": "7"}, "set_number", {"value": 7}, "already"),
    ("text", {"state_topic": "~"}, {"": "hi"}, "set_text", {"text": "hi"}, "already"),
]
NAMES = [f"{component}-{n}" for n, (component, *_) in enumerate(THERE)]


def stand(home: Driver, case: tuple[Any, ...], *, retained: bool) -> tuple[Driver, str]:
    """A device that says where it stands, and then nothing more unless a test has it speak."""
    component, config, said, *_ = case
    h = home(FREE)
    commanded = component in ("climate", "water_heater", "lawn_mower")
    topic = {} if commanded else {"command_topic": "~/set"}
    base = h.announce(component, "Thing", **topic, **config)
    for place, payload in said.items():
        h.tell(f"{base}{place}", payload, retained=retained)
    h.wait(3 * 3600)
    return h, base


@pytest.mark.parametrize("case", THERE, ids=NAMES)
@pytest.mark.parametrize("retained", [True, False], ids=["memory", "word"])
def test_a_silent_device_that_was_there_already_is_not_done(
    home: Driver, case: tuple[Any, ...], retained: bool
) -> None:
    h, _ = stand(home, case, retained=retained)
    *_, function, arguments, status = case
    result = h.ask(function, devices=["Thing"], **arguments)
    assert h.published, "what holds already is sent all the same"
    assert result["status"] == status, result
    assert result["devices"][0]["age_s"] == 3 * 3600 + 2
    at_least = "at least " if retained else ""
    assert f"as it was said {at_least}3 hours ago" in result["message"]


@pytest.mark.parametrize("case", THERE, ids=NAMES)
def test_it_is_done_when_it_says_so_again(home: Driver, case: tuple[Any, ...]) -> None:
    h, base = stand(home, case, retained=True)
    _, _, said, function, arguments, _ = case
    call_id = h.call(function, devices=["Thing"], **arguments)
    for place, payload in said.items():
        h.tell(f"{base}{place}", payload)
    assert h.result(call_id)["status"] == "done"


@pytest.mark.parametrize("case", THERE, ids=NAMES)
def test_what_the_broker_remembers_after_the_command_confirms_nothing(
    home: Driver, case: tuple[Any, ...]
) -> None:
    h, base = stand(home, case, retained=True)
    _, _, said, function, arguments, status = case
    call_id = h.call(function, devices=["Thing"], **arguments)
    h.broker(True)  # it asks for every topic anew
    for place, payload in said.items():
        h.tell(f"{base}{place}", payload, retained=True)
    h.wait(2)
    assert h.result(call_id)["status"] == status


@pytest.mark.parametrize(
    "template",
    [
        "{{ value_json.state }}",
        "{{ value_json.state if value_json.state is defined else this.state }}",
        "{{ value_json.state | default(states(entity_id)) }}",
    ],
)
@pytest.mark.parametrize("component", ["switch", "lock"])
def test_a_message_about_something_else_does_not_make_the_old_word_younger(
    home: Driver, template: str, component: str
) -> None:
    h = home(FREE)
    kind = {"command_topic": "~/set", "state_topic": "~", "value_template": template}
    if component == "switch":
        base = h.announce("switch", "Thing", state_on="on", state_off="off", **kind)
        call, there, status = ("set_power", {"state": "on"}), "on", "already"
    else:
        base = h.announce("lock", "Thing", state_locked="locked", state_unlocked="open", **kind)
        call, there, status = ("set_lock", {"action": "lock"}), "locked", "not_confirmed"
    h.tell(base, {"state": there})
    h.wait(3 * 3600)
    h.answers[f"{base}/set"] = lambda _: [(base, {"battery": 5})]
    result = h.ask(call[0], devices=["Thing"], **call[1])
    assert (result["status"], result["devices"][0]["age_s"] // 3600) == (status, 3)


@pytest.mark.parametrize("case", THERE, ids=NAMES)
def test_that_it_can_be_reached_confirms_nothing(home: Driver, case: tuple[Any, ...]) -> None:
    component, config, *rest = case
    talkative = {**config, "availability_topic": "~/there", "json_attributes_topic": "~/more"}
    h, base = home(FREE), ""
    commanded = component in ("climate", "water_heater", "lawn_mower")
    topic = {} if commanded else {"command_topic": "~/set"}
    base = h.announce(component, "Thing", **topic, **talkative)
    said, function, arguments, status = rest
    h.tell(f"{base}/there", "online", retained=True)
    for place, payload in said.items():
        h.tell(f"{base}{place}", payload, retained=True)
    h.wait(5)
    call_id = h.call(function, devices=["Thing"], **arguments)
    h.tell(f"{base}/there", "online")
    h.tell(f"{base}/more", {"linkquality": 7})
    h.wait(2)
    assert h.result(call_id)["status"] == status


def test_a_lamp_near_enough_is_not_done_until_it_says_something_new(home: Driver) -> None:
    """43 percent is within the rounding of 45, so its old word is no answer."""
    case = THERE[2]
    h, base = stand(home, case, retained=False)
    h.tell(base, {"state": "ON", "brightness": 110})
    call_id = h.call("set_light", devices=["Thing"], brightness_pct=45)
    h.tell(base, {"state": "ON", "brightness": 110})  # the echo of the old state
    assert not h.done
    h.wait(2)
    result = h.result(call_id)
    assert result["status"] == "not_confirmed"
    assert result["devices"][0]["brightness_pct"] == 43
    call_id = h.call("set_light", devices=["Thing"], brightness_pct=45)
    h.tell(base, {"state": "ON", "brightness": 110})
    h.tell(base, {"state": "ON", "brightness": 112})
    assert h.result(call_id)["status"] == "done"
    h.call("set_light", devices=["Thing"], brightness_pct=45)
    h.tell(base, {"state": "ON"})  # of its brightness it says nothing
    h.wait(2)
    assert h.done[-1].result["status"] == "not_confirmed"


def test_a_lamp_that_tells_only_its_brightness_is_done(home: Driver) -> None:
    h, base = stand(home, THERE[3], retained=True)
    call_id = h.call("set_light", devices=["Thing"], brightness_pct=80)
    h.tell(f"{base}/b", "204")
    assert h.result(call_id)["status"] == "done"


def test_a_part_that_nobody_reports_is_sent(home: Driver) -> None:
    """A lamp without a topic for its brightness: what was sent is believed, the second time too."""
    h = home(FREE)
    base = h.announce(
        "light", "Lamp", command_topic="~/set", state_topic="~", brightness_command_topic="~/b/set"
    )
    h.tell(base, "ON")
    for _ in range(2):
        result = h.result(h.call("set_light", devices=["Lamp"], brightness_pct=45))
        assert result["status"] == "sent"
        assert result["devices"][0]["assumed"] is True


def blind(home: Driver, position: str, state: str = "open") -> tuple[Driver, str]:
    h = home(FREE)
    base = h.cover("Blind", device_class="blind")
    h.silent(base)
    h.tell(base, state, retained=True)
    h.tell(f"{base}/position", position, retained=True)
    return h, base


def test_a_blind_at_a_third_is_not_open_because_it_says_so(home: Driver) -> None:
    h, base = blind(home, "30")
    call_id = h.call("set_cover", devices=["Blind"], action="open")
    h.tell(base, "open")
    h.tell(f"{base}/position", "30")
    assert not h.done, "it stands where it stood"
    h.tell(base, "opening")
    assert h.result(call_id)["message"] == "Blind is opening at 30 percent."
    h, base = blind(home, "30")
    call_id = h.call("set_cover", devices=["Blind"], action="open")
    h.tell(f"{base}/position", "35")
    result = h.result(call_id)
    assert result["message"] == "Blind is on the way, now open at 35 percent."
    assert result["devices"][0]["underway"] is True
    h, base = blind(home, "30")
    call_id = h.call("set_cover", devices=["Blind"], action="open")
    h.tell(f"{base}/position", "100")
    assert h.result(call_id)["message"] == "Blind is open."
    h, base = blind(home, "30")
    result = h.ask("set_cover", devices=["Blind"], action="open")
    assert result["status"] == "not_confirmed"


def test_a_blind_that_goes_the_other_way_is_not_done(home: Driver) -> None:
    h, base = blind(home, "50")
    call_id = h.call("set_cover", devices=["Blind"], position_pct=80)
    h.tell(base, "closing")
    h.tell(f"{base}/position", "45")
    h.wait(2)
    assert h.result(call_id)["status"] == "not_confirmed"


def test_a_stop_is_done_when_it_stands(home: Driver) -> None:
    h, base = blind(home, "30")
    h.tell(base, "opening")
    call_id = h.call("set_cover", devices=["Blind"], action="stop")
    h.tell(base, "opening")
    assert not h.done
    h.tell(base, "stopped")
    assert h.result(call_id)["status"] == "done"


def lock(home: Driver, state: str) -> tuple[Driver, str]:
    h = home(FREE)
    base = h.lock("Door")
    h.silent(base)
    h.tell(base, state)
    return h, base


def test_a_lock_that_turns_is_not_locked_yet(home: Driver) -> None:
    h, base = lock(home, "UNLOCKED")
    call_id = h.call("set_lock", devices=["Door"], action="lock")
    h.tell(base, "UNLOCKED")
    h.tell(base, "LOCKING")
    assert not h.done
    h.wait(2)
    result = h.result(call_id)
    assert result["status"] == "not_confirmed"
    assert result["message"] == "Door is locking; the end of it is not confirmed yet."
    call_id = h.call("set_lock", devices=["Door"], action="lock")
    h.tell(base, "LOCKED")
    assert h.result(call_id)["message"] == "Door is locked."


def test_a_jammed_lock_has_failed(home: Driver) -> None:
    h, base = lock(home, "UNLOCKED")
    call_id = h.call("set_lock", devices=["Door"], action="lock")
    h.tell(base, "JAMMED")
    result = h.result(call_id)
    assert (result["status"], result["message"]) == ("failed", "Door could not do it: jammed.")
    call_id = h.call("set_lock", devices=["Door"], action="lock")
    h.tell(base, "JAMMED")  # it was so before: this may be its old word
    assert len(h.done) == 1
    h.tell(base, "LOCKED")
    assert h.result(call_id)["status"] == "done"


def test_an_alarm_that_gives_time_to_leave_is_arming(home: Driver) -> None:
    h = home(FREE)
    base = h.announce(
        "alarm_control_panel",
        "Alarm",
        command_topic="~/set",
        state_topic="~",
        code_arm_required=False,
    )
    h.tell(base, "pending")
    call_id = h.call("set_alarm", devices=["Alarm"], action="arm_away")
    h.tell(base, "pending")  # somebody came in: that is nothing that the command brought about
    assert not h.done
    h.tell(base, "arming")
    assert h.result(call_id)["message"] == "Alarm is arming."


def test_a_device_that_goes_away_meanwhile_is_not_done(home: Driver) -> None:
    h = home(FREE)
    base = h.announce(
        "switch", "Thing", command_topic="~/set", state_topic="~", availability_topic="~/there"
    )
    h.tell(f"{base}/there", "online")
    h.tell(base, "OFF")
    call_id = h.call("set_power", devices=["Thing"], state="on")
    h.tell(f"{base}/there", "offline")
    h.tell(base, "ON")
    h.wait(2)
    assert h.result(call_id)["status"] == "not_confirmed"


def test_several_devices_are_judged_each_for_itself(home: Driver) -> None:
    h = home(FREE)
    for name in ("A", "B", "C"):
        h.silent(h.switch(name))
    h.tell("home/switch_b", "ON")
    call_id = h.call("set_power", devices=["A", "B", "C"], state="on")
    h.tell("home/switch_c", "ON")
    h.wait(2)
    result = h.result(call_id)
    assert [one["status"] for one in result["devices"]] == ["not_confirmed", "already", "done"]
    assert result["status"] == "partial"


def test_what_asks_first_is_done_only_by_its_own_word(home: Driver) -> None:
    """A switch that opens a gate is treated like a lock: it is not said to be so already."""
    h = home()
    h.silent(h.switch("Gate opener"))
    h.tell("home/switch_gate_opener", "ON")
    asked = h.ask("set_power", devices=["Gate opener"], state="on")
    id_ = asked["confirmation_id"]
    h.call("confirm", confirmation_id=id_, answer="yes", turn=2)
    h.wait(2)
    assert h.done[-1].result["status"] == "not_confirmed"


memories = st.lists(
    st.tuples(
        st.sampled_from(["", "/there", "/more"]),
        st.sampled_from(["ON", "OFF", "online", "offline", '{"a": 1}', "x"]),
        st.booleans(),
        st.sampled_from([0.0, 0.4]),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(memories, st.sampled_from(["on", "off"]), memories)
def test_done_needs_a_fresh_word_of_that_state(
    home: Driver,
    first: list[tuple[str, str, bool, float]],
    wanted: str,
    then: list[tuple[str, str, bool, float]],
) -> None:
    h = home(FREE)
    base = h.announce(
        "switch", "Thing", command_topic="~/set", state_topic="~", json_attributes_topic="~/more"
    )
    for place, payload, retained, _ in first:
        h.tell(f"{base}{place}", payload, retained)
    h.call("set_power", devices=["Thing"], state=wanted)
    said = False
    for place, payload, retained, pause_s in then:
        h.wait(pause_s)
        if h.done:
            break
        said = place == "" and payload == wanted.upper() and not retained
        h.tell(f"{base}{place}", payload, retained)
        assert bool(h.done) == said, json.dumps([done.result for done in h.done])
    h.wait(2)
    assert (h.done[-1].result["status"] == "done") == said
