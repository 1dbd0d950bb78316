"""Locks, gates and alarms move only after the person's own yes, in a later turn."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def ask_to_unlock(h: Driver, turn: int = 1) -> Driver:
    result = h.ask("set_lock", devices=["Front door"], action="unlock", turn=turn)
    assert result["status"] == "confirmation_required", result
    assert not h.published
    return result


def test_a_lock_waits_for_a_yes_in_a_new_turn(home: Driver) -> None:
    h = home()
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
def test_anything_but_yes_moves_nothing(home: Driver, answer: str) -> None:
    h = home()
    h.lock("Front door")
    confirmation_id = ask_to_unlock(h)["confirmation_id"]
    h.ask("confirm", confirmation_id=confirmation_id, answer=answer, turn=2)
    assert not h.published


def test_a_no_is_final(home: Driver) -> None:
    h = home()
    h.lock("Front door")
    confirmation_id = ask_to_unlock(h)["confirmation_id"]
    h.ask("confirm", confirmation_id=confirmation_id, answer="no", turn=2)
    result = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=3)
    assert result["status"] == "refused"
    assert not h.published


def test_a_late_yes_moves_nothing(home: Driver) -> None:
    h = home(Rules(confirm_timeout_s=10))
    h.lock("Front door")
    confirmation_id = h.result(h.call("set_lock", devices=["Front door"], action="unlock"))[
        "confirmation_id"
    ]
    h.wait(10.1)
    result = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=2)
    assert result["status"] == "refused"
    assert not h.published


def test_a_new_question_about_the_same_lock_replaces_the_old_one(home: Driver) -> None:
    h = home()
    h.lock("Front door")
    first = ask_to_unlock(h)["confirmation_id"]
    second = ask_to_unlock(h, turn=2)["confirmation_id"]
    assert h.ask("confirm", confirmation_id=first, answer="yes", turn=3)["status"] == "refused"
    assert h.ask("confirm", confirmation_id=second, answer="yes", turn=2)["status"] == "refused"
    assert not h.published
    assert h.ask("confirm", confirmation_id=second, answer="yes", turn=3)["status"] == "done"


def test_covers_of_garages_gates_and_doors_ask_and_blinds_do_not(home: Driver) -> None:
    h = home()
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


def test_a_group_never_takes_a_risky_device_along(home: Driver) -> None:
    h = home()
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


def test_a_harmless_and_a_risky_device_by_name(home: Driver) -> None:
    h = home()
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


def test_switches_that_open_gates_or_pair_devices_ask(home: Driver) -> None:
    h = home()
    for name in ("Gate opener", "Panic siren", "Permit join", "Garage door relay", "Water valve"):
        h.switch(name)
        result = h.ask("set_power", devices=[name], state="on")
        assert result["status"] == "confirmation_required", name
    for name in ("Garage light", "Gate lamp", "Door bell", "Alarm clock", "Child lock"):
        h.switch(name)
        assert h.ask("set_power", devices=[name], state="on")["status"] == "done", name


def test_what_asks_can_be_chosen(home: Driver) -> None:
    h = home(Rules(confirm=("switch.outlet", "name:Aquarium*")))
    h.lock("Front door")
    h.switch("Heater", device_class="outlet")
    h.light("Aquarium light")
    assert h.ask("set_lock", devices=["Front door"], action="lock")["status"] == "done"
    for name in ("Heater", "Aquarium light"):
        result = h.ask("set_power", devices=[name], state="on")
        assert result["status"] == "confirmation_required", name
