"""PINs and codes: compared in code, shown nowhere, and not often wrong."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from satellite.tools.confirmation.confirm import same_pin
from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def ask_to_unlock(h: Driver, turn: int = 1) -> Driver:
    result = h.ask("set_lock", devices=["Front door"], action="unlock", turn=turn)
    assert result["status"] == "confirmation_required", result
    assert not h.published
    return result


def test_a_pin_is_needed_compared_and_shown_nowhere(home: Driver) -> None:
    h = home(Rules(pin="4711"))
    h.lock("Front door")
    asked = ask_to_unlock(h)
    confirmation_id = asked["confirmation_id"]
    assert "code" in asked["question"]
    missing = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", turn=2)
    assert missing["status"] == "refused"
    assert missing["confirmation_id"] == confirmation_id, "the question is still open"
    wrong = h.ask("confirm", confirmation_id=confirmation_id, answer="yes", pin="1111", turn=3)
    assert wrong["status"] == "refused"
    assert wrong["confirmation_id"] == confirmation_id
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


def test_three_wrong_pins_close_the_door_for_a_while(home: Driver) -> None:
    h = home(Rules(pin="4711", confirm_timeout_s=300))
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


def test_the_code_of_a_lock_comes_from_the_settings_and_is_masked(home: Driver) -> None:
    h = home(Rules(codes={"front door": "99887"}))
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


def test_a_lock_that_wants_a_code_which_only_the_person_knows(home: Driver) -> None:
    h = home()
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
