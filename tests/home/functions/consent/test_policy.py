"""Locks, gates and alarms move only after the person's own yes, in a later turn."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest

from satellite.home.functions.consent.pin import same_pin
from satellite.home.home import OwnFunction, Rules

House: TypeAlias = Any
"""The class of conftest, or one of its houses."""


def ask_to_unlock(h: House, turn: int = 1) -> House:
    result = h.ask("set_lock", devices=["Front door"], action="unlock", turn=turn)
    assert result["status"] == "confirmation_required", result
    assert not h.published
    return result


def test_a_lock_waits_for_a_yes_in_a_new_turn(house: House) -> None:
    h = house()
    base = h.lock("Front door")
    asked = ask_to_unlock(h)
    assert asked["question"] == "Shall I unlock Front door?"
    assert asked["message"] == asked["question"]
    confirmation_id = asked["confirmation_id"]
    same_turn = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=1)
    assert same_turn["status"] == "refused"
    assert not h.published
    done = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=2)
    assert done["status"] == "done"
    assert done["message"] == "Front door is unlocked."
    assert h.take_published() == [(f"{base}/set", "UNLOCK")]
    again = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=3)
    assert again["status"] == "refused"
    assert not h.published


@pytest.mark.parametrize("answer", ["no", "maybe", "Yes please", ""])
def test_anything_but_yes_moves_nothing(house: House, answer: str) -> None:
    h = house()
    h.lock("Front door")
    confirmation_id = ask_to_unlock(h)["confirmation_id"]
    h.ask("confirm", confirmation_id=confirmation_id, answer=answer, turn=2)
    assert not h.published


def test_a_no_is_final(house: House) -> None:
    h = house()
    h.lock("Front door")
    confirmation_id = ask_to_unlock(h)["confirmation_id"]
    h.ask("confirm", confirmation_id=confirmation_id, answer="no", turn=2)
    result = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=3)
    assert result["status"] == "refused"
    assert not h.published


def test_a_late_yes_moves_nothing(house: House) -> None:
    h = house(Rules(confirm_timeout_s=10))
    h.lock("Front door")
    confirmation_id = h.result(h.call("set_lock", devices=["Front door"], action="unlock"))[
        "confirmation_id"
    ]
    h.wait(10.1)
    result = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=2)
    assert result["status"] == "refused"
    assert not h.published


def test_a_new_question_about_the_same_lock_replaces_the_old_one(house: House) -> None:
    h = house()
    h.lock("Front door")
    first = ask_to_unlock(h)["confirmation_id"]
    second = ask_to_unlock(h, turn=2)["confirmation_id"]
    assert h.ask("confirm", confirmation_id=first, answer="yes", turn=3)["status"] == "refused"
    assert h.ask("confirm", confirmation_id=second, answer="yes", turn=2)["status"] == "refused"
    assert not h.published
    assert h.ask("confirm", confirmation_id=second, answer="yes", turn=3)["status"] == "done"


def test_covers_of_garages_gates_and_doors_ask_and_blinds_do_not(house: House) -> None:
    h = house()
    h.cover("Blind", "Kitchen", device_class="blind")
    h.cover("Rolling thing", device_class="garage")
    h.cover("Entry", device_class="gate")
    h.cover("Patio", device_class="door")
    h.cover("Garage door")  # nobody gave it a class
    assert h.ask("set_cover", devices=["Blind"], action="open")["status"] == "done"
    h.take_published()
    for name in ("Rolling thing", "Entry", "Patio", "Garage door"):
        for arguments in ({"action": "open"}, {"action": "close"}, {"position_pct": 50}):
            result = h.ask("set_cover", devices=[name], **arguments)
            assert result["status"] == "confirmation_required", name
    assert not h.published
    h.ask("set_cover", devices=["Garage door"], action="stop")
    assert len(h.take_published()) == 1  # stopping never waits


def test_a_group_never_sweeps_a_guarded_device_along(house: House) -> None:
    h = house()
    blind = h.cover("Blind", "Kitchen", device_class="blind")
    h.cover("Gate", "Garden", device_class="gate")
    result = h.ask("set_cover", area="everywhere", action="open")
    assert h.take_published() == [(f"{blind}/set", "OPEN")]
    states = {d["device"]: d for d in result["devices"]}
    assert states["Blind"]["status"] == "done"
    assert states["Gate"]["status"] == "refused"
    assert "own" in states["Gate"]["message"]
    assert result["status"] == "partial"
    assert "confirmation_id" not in result


def test_a_free_and_a_guarded_device_by_name(house: House) -> None:
    h = house()
    blind = h.cover("Blind", device_class="blind")
    gate = h.cover("Gate", device_class="gate")
    result = h.ask("set_cover", devices=["Blind", "Gate"], action="open")
    assert result["status"] == "confirmation_required"
    assert {d["device"]: d["status"] for d in result["devices"]} == {
        "Blind": "done",
        "Gate": "confirmation_required",
    }
    assert h.take_published() == [(f"{blind}/set", "OPEN")]
    h.ask("confirm", confirmation_id=result["confirmation_id"], answer="yes", turn=2)
    assert h.take_published() == [(f"{gate}/set", "OPEN")]


def test_switches_that_open_gates_or_let_strangers_in_ask(house: House) -> None:
    h = house()
    for name in ("Gate opener", "Panic siren", "Permit join", "Garage door relay", "Water valve"):
        h.switch(name)
        result = h.ask("set_power", devices=[name], state="on")
        assert result["status"] == "confirmation_required", name
    for name in ("Garage light", "Gate lamp", "Door bell", "Alarm clock", "Child lock"):
        h.switch(name)
        assert h.ask("set_power", devices=[name], state="on")["status"] == "done", name


def test_what_asks_can_be_chosen(house: House) -> None:
    h = house(Rules(confirm=("switch.outlet", "name:Aquarium*")))
    h.lock("Front door")
    h.switch("Heater", device_class="outlet")
    h.light("Aquarium light")
    assert h.ask("set_lock", devices=["Front door"], action="lock")["status"] == "done"
    for name in ("Heater", "Aquarium light"):
        result = h.ask("set_power", devices=[name], state="on")
        assert result["status"] == "confirmation_required", name


# PIN ------------------------------------------------------------------------------------------


def test_a_pin_is_needed_compared_and_shown_nowhere(house: House) -> None:
    h = house(Rules(pin="4711"))
    h.lock("Front door")
    asked = ask_to_unlock(h)
    confirmation_id = asked["confirmation_id"]
    assert "code" in asked["question"]
    missing = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=2)
    assert missing["status"] == "refused"
    wrong = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", pin="1111", turn=3)
    assert wrong["status"] == "refused"
    assert not h.published
    same = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", pin="4711", turn=3)
    assert same["status"] == "refused"  # a second try needs the person to speak again
    asked = ask_to_unlock(h, turn=4)
    right = h.ask(
        "confirm", confirmation_id=asked["confirmation_id"], answer="yes", pin="4 7-1 1", turn=5
    )
    assert right["status"] == "done"
    h.ask("set_lock", devices=["4711"], action="unlock")
    h.ask("set_lock", devices=["Front door"], action="unlock", code="4711")
    h.ask("set_lock", devices=["Front door"], action="4711")
    h.ask("nothing", raw='{"x": "4711"}')
    everything = json.dumps(
        [[d.arguments, d.result, d.published] for d in h.done]
        + [[f.name, f.description, f.parameters] for f in h.home.functions()]
        + [h.problems, repr(h.home.rules)],
        default=dict,
    )
    assert "4711" not in everything


def test_three_wrong_pins_close_the_door_for_a_while(house: House) -> None:
    h = house(Rules(pin="4711", confirm_timeout_s=300))
    h.lock("Front door")
    turn = 1
    for _ in range(3):
        asked = h.result(h.call("set_lock", devices=["Front door"], action="unlock", turn=turn))
        h.call(
            "confirm",
            confirmation_id=asked["confirmation_id"],
            answer="yes",
            pin="1",
            turn=turn + 1,
        )
        turn += 2
    asked = h.result(h.call("set_lock", devices=["Front door"], action="unlock", turn=turn))
    call = h.call(
        "confirm", confirmation_id=asked["confirmation_id"], answer="yes", pin="4711", turn=turn + 1
    )
    assert h.result(call)["status"] == "refused"
    assert not h.published
    h.wait(301)
    asked = h.result(h.call("set_lock", devices=["Front door"], action="unlock", turn=turn + 2))
    call = h.call(
        "confirm", confirmation_id=asked["confirmation_id"], answer="yes", pin="4711", turn=turn + 3
    )
    assert h.result(call)["status"] == "done"


def test_pins_may_be_said_in_words() -> None:
    assert same_pin("four seven one one", "4711")
    assert same_pin("47 11", "4711")
    assert not same_pin("471", "4711")
    assert not same_pin("", "4711")


def test_the_code_of_a_lock_comes_from_the_settings_and_is_masked(house: House) -> None:
    h = house(Rules(codes={"front door": "99887"}))
    base = h.lock(
        "Front door",
        code_format="^\\d{5}$",
        command_template='{"do":"{{ value }}","code":"{{ code }}"}',
    )
    h.answers[f"{base}/set"] = lambda payload: [(base, "UNLOCKED")]
    asked = ask_to_unlock(h)
    assert "pin" not in h.functions()["confirm"]["properties"]
    h.ask("confirm", confirmation_id=asked["confirmation_id"], answer="yes", turn=2)
    assert json.loads(h.published[0].payload) == {"do": "UNLOCK", "code": "99887"}
    assert "99887" not in json.dumps([d.published for d in h.done])
    assert "***" in h.done[-1].published[0][1]


def test_a_lock_that_wants_a_code_which_only_the_person_knows(house: House) -> None:
    h = house()
    base = h.lock("Front door", code_format="^\\d{4}$", command_template="{{ value }} {{ code }}")
    assert "pin" in h.functions()["confirm"]["properties"]
    asked = ask_to_unlock(h)
    result = h.ask("confirm", confirmation_id=asked["confirmation_id"], answer="yes", turn=2)
    assert result["status"] == "refused"
    h.silent(base)
    h.ask("confirm", confirmation_id=asked["confirmation_id"], answer="yes", pin="1234", turn=3)
    if not h.published:  # thirty virtual seconds are over
        asked = ask_to_unlock(h, turn=4)
        h.call(
            "confirm", confirmation_id=asked["confirmation_id"], answer="yes", pin="1234", turn=5
        )
    assert h.published[0].payload == b"UNLOCK 1234"
    assert "1234" not in json.dumps([[d.published, d.arguments] for d in h.done], default=dict)


# Who is seen at all ---------------------------------------------------------------------------


def test_settings_and_diagnostics_are_not_offered_unless_asked_for(house: House) -> None:
    def build(rules: Rules) -> House:
        h = house(rules)
        h.switch("Radio")
        h.switch("Radio LED", entity_category="config")
        h.sensor("Radio signal", "signal_strength", "dBm", "-60", entity_category="diagnostic")
        h.switch("Radio hidden", enabled_by_default=False)
        return h

    assert build(Rules()).names("get_state") == ["Radio"]
    assert build(Rules(entity_categories=("config",))).names("get_state") == ["Radio", "Radio LED"]
    everything = build(Rules(entity_categories=("config", "diagnostic", "disabled")))
    assert len(everything.names("get_state")) == 4


@pytest.mark.parametrize(
    ("include", "exclude", "seen"),
    [
        (("area:Kitchen",), (), ["Ceiling", "Radio"]),
        (("light",), (), ["Bed lamp", "Ceiling"]),
        (("platform:light",), ("Bed*",), ["Ceiling"]),
        ((), ("name:ceil*",), ["Bed lamp", "Radio"]),
        ((), ("topic:home/light_*",), ["Radio"]),
        ((), ("switch.outlet",), ["Bed lamp", "Ceiling"]),
        ((), ("class:outlet",), ["Bed lamp", "Ceiling"]),
        ((), ("id:switch_*",), ["Bed lamp", "Ceiling"]),
        ((), ("*",), []),
    ],
)
def test_include_and_exclude(
    house: House, include: tuple[str, ...], exclude: tuple[str, ...], seen: list[str]
) -> None:
    h = house(Rules(include=include, exclude=exclude))
    h.light("Ceiling", "Kitchen")
    h.light("Bed lamp", "Bedroom")
    h.switch("Radio", "Kitchen", device_class="outlet")
    assert [target.name for target in h.home.catalog.directory.targets] == seen


def test_read_only_devices_are_read_and_not_commanded(house: House) -> None:
    h = house(Rules(read_only=("Freezer",)))
    h.switch("Freezer", "Kitchen")
    h.switch("Radio", "Kitchen")
    assert h.names("set_power") == ["Radio"]
    assert h.names("get_state") == ["Freezer", "Radio"]
    assert h.ask("set_power", devices=["Freezer"], state="off")["status"] == "refused"
    h.ask("set_power", area="Kitchen", state="off")
    assert [topic for topic, _ in h.take_published()] == ["home/switch_radio/set"]


def test_sensors_that_show_codes_are_not_offered(house: House) -> None:
    h = house()
    h.announce("sensor", "Front door PIN code", state_topic="~")
    h.announce("sensor", "Error code", state_topic="~")
    assert h.names("get_state") == ["Error code"]


def test_the_satellites_own_entities_are_no_devices(house: House) -> None:
    h = house(own_topics=("satellite/kitchen/#",))
    h.tell(
        "homeassistant/switch/satellite_mute/config",
        {"name": "Mute", "unique_id": "m", "command_topic": "satellite/kitchen/mute/set"}
        | {"state_topic": "satellite/kitchen/mute"},
    )
    assert h.functions() == {}


# Own functions --------------------------------------------------------------------------------

WATER = OwnFunction(
    name="water_plants",
    description="Waters the plants.",
    topic="balcony/pump/set",
    parameters={
        "type": "object",
        "properties": {"minutes": {"type": "integer", "minimum": 1, "maximum": 15}},
        "required": ["minutes"],
    },
    payload='{"on_for": {{ minutes * 60 }}}',
    answer_topic="balcony/pump/answer",
)


def test_an_own_function_publishes_its_payload_and_gives_the_answer(house: House) -> None:
    h = house(Rules(own_functions=(WATER,)))
    assert "balcony/pump/answer" in h.home.discovery_topics
    assert h.functions()["water_plants"]["additionalProperties"] is False
    h.tell("balcony/pump/answer", "old news", retained=True)
    h.answers["balcony/pump/set"] = lambda payload: [("balcony/pump/answer", "watered")]
    result = h.ask("water_plants", minutes=2)
    assert result["status"] == "done"
    assert result["devices"][0]["answer"] == "watered"
    assert h.take_published() == [("balcony/pump/set", '{"on_for": 120}')]
    for bad in ({"minutes": 16}, {}, {"minutes": 2, "more": 1}):
        assert h.ask("water_plants", **bad)["status"] == "invalid_arguments"
    assert not h.published
    del h.answers["balcony/pump/set"]
    assert h.ask("water_plants", minutes=2)["status"] == "not_confirmed"


def test_an_own_function_can_ask_first(house: House) -> None:
    own = OwnFunction(name="fire", description="Lights the fire.", topic="fire", confirm=True)
    h = house(Rules(own_functions=(own,)))
    result = h.ask("fire")
    assert result["status"] == "confirmation_required"
    assert result["question"] == "Shall I run fire?"
    assert not h.published
    confirmed = h.ask("confirm", confirmation_id=result["confirmation_id"], answer="yes", turn=2)
    assert confirmed["status"] == "sent"
    assert h.take_published() == [("fire", "")]


def test_an_own_function_without_a_template_sends_its_arguments(house: House) -> None:
    own = OwnFunction(
        name="note",
        description="Notes.",
        topic="note",
        parameters={"type": "object", "properties": {"text": {"type": "string"}}},
    )
    h = house(Rules(own_functions=(own,)))
    h.ask("note", text="milk")
    assert h.take_published() == [("note", '{"text": "milk"}')]
