"""What never moves on the model's word alone, however it is announced or called."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""

ASKS = "confirmation_required"


def status(h: Driver, name: str, function: str = "set_power", **arguments: object) -> str:
    if function == "set_power" and not arguments:
        arguments = {"state": "on"}
    found: str = h.ask(function, devices=[name], **arguments)["status"]
    return found


# Names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Front door",
        "Front Door Strike",
        "Door",
        "Garage door",
        "Open garage door",
        "Haustür",
        "Türöffner",
        "Hoftor",
        "Garagentor",
        "Portail",
        "Puerta principal",
        "Side gate",
        "Electric lock",
        "Unlock front",
    ],
)
@pytest.mark.parametrize("platform", ["switch", "light", "fan", "button", "scene"])
def test_a_way_into_the_house_asks_whatever_it_is_announced_as(
    home: Driver, platform: str, name: str
) -> None:
    h = home()
    h.announce(platform, name, command_topic="~/set", optimistic=True)
    function = {"button": "press_button", "scene": "activate_scene"}.get(platform, "set_power")
    arguments = {"state": "on"} if function == "set_power" else {}
    assert h.ask(function, devices=[name], **arguments)["status"] == ASKS
    assert not h.published


@pytest.mark.parametrize(
    "name",
    [
        "Front door light",
        "Door bell",
        "Fridge door heater",
        "Gate lamp",
        "Outdoor socket",
        "Motor",
        "Ventilator",
        "Storage",
        "Child lock",
        "Alarm clock",
        "Blockhouse heating",
        "Tomato bed",
    ],
)
def test_what_only_sounds_like_one_does_not_ask(home: Driver, name: str) -> None:
    h = home()
    h.switch(name)
    assert status(h, name) == "done"


@pytest.mark.parametrize("name", ["Alarm", "House alarm", "Disarm house", "Panic siren", "Barrier"])
def test_alarms_and_noise_ask_whatever_they_are_announced_as(home: Driver, name: str) -> None:
    h = home()
    h.switch(name)
    assert status(h, name) == ASKS


def test_a_choice_among_ways_to_arm_or_to_unlock_asks(home: Driver) -> None:
    h = home()
    for name, options in (
        ("House mode", ["disarmed", "armed_home", "armed_away"]),
        ("Keypad", ["lock", "unlock"]),
        ("Light mode", ["on", "off", "rainbow"]),
    ):
        h.announce("select", name, command_topic="~/set", options=options)
        asks = name != "Light mode"
        found = status(h, name, "set_option", option=options[0])
        assert found == (ASKS if asks else "sent"), name


def test_a_garage_button_asks_and_a_garage_switch_does_not(home: Driver) -> None:
    h = home()
    h.announce("button", "Garage", command_topic="~/set")
    h.switch("Garage socket")
    assert h.ask("press_button", devices=["Garage"])["status"] == ASKS
    assert status(h, "Garage socket") == "done"


@pytest.mark.parametrize("device_class", ["shutter", "shade", "blind", "awning"])
def test_a_garage_door_of_another_class_asks(home: Driver, device_class: str) -> None:
    h = home()
    h.cover("Garage door", device_class=device_class)
    h.cover("Garage blind", device_class=device_class)
    h.cover("Terrace door", device_class=device_class)
    assert status(h, "Garage door", "set_cover", action="open") == ASKS
    assert status(h, "Garage blind", "set_cover", action="open") == "done"
    assert status(h, "Terrace door", "set_cover", action="open") == "done"


def test_what_the_settings_call_it_counts_too(home: Driver) -> None:
    h = home(Rules(aliases={"Relay 3": ("gate",)}))
    h.switch("Relay 3")
    assert status(h, "gate") == ASKS
    assert status(h, "Relay 3") == ASKS


def test_a_harmless_name_excuses_no_other_name(home: Driver) -> None:
    h = home(Rules(aliases={"Gate opener": ("garden light",)}))
    h.switch("Gate opener")
    assert status(h, "garden light") == ASKS


# Topics -----------------------------------------------------------------------------------------

FOREIGN = {
    "light": ("set_power", {"state": "on"}),
    "switch": ("set_power", {"state": "off"}),
    "button": ("press_button", {}),
    "scene": ("activate_scene", {}),
    "notify": ("send_message", {"message": "UNLOCK"}),
    "text": ("set_text", {"text": "UNLOCK"}),
    "cover": ("set_cover", {"action": "stop"}),
}


@pytest.mark.parametrize("platform", FOREIGN)
@pytest.mark.parametrize("topic", ["zigbee/door/set", "zigbee/door/set/state", "zigbee/door"])
def test_what_is_sent_where_a_lock_listens_asks(home: Driver, platform: str, topic: str) -> None:
    h = home()
    h.announce("lock", "Front door", command_topic="zigbee/door/set", state_topic="zigbee/door")
    words = {"payload_on": "UNLOCK", "payload_off": "UNLOCK", "payload_stop": "UNLOCK"}
    h.announce(platform, "Harmless thing", command_topic=topic, **words)
    function, arguments = FOREIGN[platform]
    assert status(h, "Harmless thing", function, **arguments) == ASKS
    assert not h.published


def test_neither_an_area_nor_a_hidden_lock_opens_that_way(home: Driver) -> None:
    h = home(Rules(exclude=("platform:lock",)))
    h.announce("lock", "Front door", command_topic="zigbee/door/set")
    h.announce(
        "light",
        "Lamp",
        area="Hall",
        command_topic="zigbee/door/set",
        payload_on="UNLOCK",
        optimistic=True,
    )
    h.light("Other lamp", "Hall")
    result = h.ask("set_power", area="Hall", state="on")
    assert [topic for topic, _ in h.take_published()] == ["home/light_other_lamp/set"]
    assert {one["device"]: one["status"] for one in result["devices"]}["Lamp"] == "refused"
    assert any("Lamp" in problem and "Front door" in problem for problem in h.problems)


def test_neighbours_of_a_lock_do_not_ask(home: Driver) -> None:
    h = home()
    h.announce("lock", "Front door", command_topic="zigbee/door/set", state_topic="zigbee/door")
    for name, topic in (("One", "zigbee/front2/set"), ("Two", "zigbee/lamp/set")):
        h.announce("switch", name, command_topic=topic, optimistic=True)
        assert status(h, name) == "sent"


# A device and its settings ----------------------------------------------------------------------


def of_one_device(h: Driver, name: str, platform: str, **config: object) -> None:
    block = {"identifiers": ["d"], "name": "Thing"}
    uid = (name or "main").lower().replace(" ", "_")
    config = {"unique_id": uid, "name": name or None, "device": block, **config}
    h.tell(f"homeassistant/{platform}/{uid}/config", config, retained=True)


@pytest.mark.parametrize(
    ("platform", "name", "config"),
    [
        ("select", "Hooks lock", {"options": ["LOCK", "UNLOCK"]}),
        ("switch", "Key lock", {"payload_on": "LOCK", "payload_off": "UNLOCK"}),
        ("lock", "Child lock", {}),
        ("lock", "Kindersicherung", {}),
        ("switch", "Over voltage alarm", {}),
        ("number", "Alarm voltage min", {}),
        ("select", "Control mode", {"options": ["locked", "armed"]}),
        ("button", "Reset frost lock", {}),
    ],
)
@pytest.mark.parametrize("main", ["cover", "switch", "light", "fan"])
def test_a_device_needs_no_protection_from_its_own_settings(
    home: Driver, main: str, platform: str, name: str, config: dict[str, object]
) -> None:
    h = home()
    of_one_device(h, "", main, command_topic="z/thing/set", optimistic=True)
    of_one_device(h, name, platform, command_topic="z/thing/set/x", **config)
    function, value = ("set_cover", "open") if main == "cover" else ("set_power", "on")
    argument = {"action": value} if main == "cover" else {"state": value}
    assert h.ask(function, devices=["Thing"], **argument)["status"] in ("sent", "not_confirmed")


@pytest.mark.parametrize(
    ("platform", "name", "config"),
    [("select", "Sound volume", {"options": ["silent", "high"]}), ("number", "Beep time", {})],
)
def test_a_setting_of_a_lock_that_cannot_open_it_does_not_ask(
    home: Driver, platform: str, name: str, config: dict[str, object]
) -> None:
    h = home()
    of_one_device(h, "", "lock", command_topic="z/thing/set", state_topic="z/thing")
    of_one_device(h, name, platform, command_topic="z/thing/set/x", **config)
    function, argument = (
        ("set_option", {"option": "high"}) if platform == "select" else ("set_number", {"value": 3})
    )
    assert status(h, f"Thing {name}", function, **argument) == "sent"


@pytest.mark.parametrize(
    ("platform", "config"),
    [
        ("select", {"command_topic": "z/thing/set/x", "options": ["high", "unlock"]}),
        (
            "select",
            {"command_topic": "z/thing/set/x", "options": ["high"], "command_template": "x"},
        ),
        ("select", {"command_topic": "z/thing/set", "options": ["high"]}),
        ("select", {"command_topic": "z/thing", "options": ["high"]}),
    ],
)
def test_what_claims_to_belong_to_a_lock_and_could_open_it_asks(
    home: Driver, platform: str, config: dict[str, object]
) -> None:
    h = home()
    of_one_device(h, "", "lock", command_topic="z/thing/set", state_topic="z/thing")
    of_one_device(h, "Mood", platform, **config)
    assert status(h, "Thing Mood", "set_option", option="high") == ASKS


def test_what_claims_to_be_the_main_thing_of_a_gate_asks(home: Driver) -> None:
    h = home()
    of_one_device(h, "Gate", "switch", command_topic="z/thing/set/relay")
    of_one_device(h, "", "light", command_topic="z/thing/set")
    assert status(h, "Thing") == ASKS


def test_stopping_another_device_asks_and_stopping_itself_does_not(home: Driver) -> None:
    h = home()
    h.lock("Front door")
    topic = "home/lock_front_door/set"
    h.announce("cover", "Garage door", uid="g", command_topic=topic, payload_stop="UNLOCK")
    assert status(h, "Garage door", "set_cover", action="stop") == ASKS
    of_one_device(h, "", "cover", command_topic="z/thing/set", device_class="garage")
    of_one_device(h, "Alarm", "switch", command_topic="z/thing/set/alarm")
    assert status(h, "Thing", "set_cover", action="stop") != ASKS


def test_the_administration_of_a_bridge_asks_under_any_name(home: Driver) -> None:
    h = home()
    topic = "zigbee2mqtt/bridge/request/permit_join"
    h.announce("light", "Mood", command_topic=topic, payload_on="true", optimistic=True)
    assert status(h, "Mood") == ASKS


# The broker's memory ----------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["lock", "cover", "valve", "siren", "button", "scene"])
def test_what_moves_something_is_never_kept_by_the_broker(home: Driver, platform: str) -> None:
    h = home(Rules(confirm=()))
    h.announce(platform, "Thing", command_topic="~/set", retain=True, payload_on="ON")
    function, arguments = {
        "lock": ("set_lock", {"action": "lock"}),
        "cover": ("set_cover", {"action": "open"}),
        "valve": ("set_cover", {"action": "open"}),
        "siren": ("set_siren", {"state": "on"}),
        "button": ("press_button", {}),
        "scene": ("activate_scene", {}),
    }[platform]
    h.ask(function, devices=["Thing"], **arguments)
    assert [message.retain for message in h.published] == [False]


def test_a_lamp_that_wants_it_is_kept(home: Driver) -> None:
    h = home()
    h.announce("light", "Lamp", command_topic="~/set", retain=True, optimistic=True)
    status(h, "Lamp")
    assert [message.retain for message in h.published] == [True]
