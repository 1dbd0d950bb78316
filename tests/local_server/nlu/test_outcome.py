"""Results of other people's functions: a failure is told as one, whatever its shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.local_server.interpretation import ToolCalled
from satellite.local_server.nlu.outcome import failure_of, succeeded
from satellite.local_server.nlu.replies import reply

LAMP = ToolCalled("c", "my_lamp", "{}")
FAILURES: tuple[tuple[Any, str], ...] = (
    ({"error": "Room not found."}, "Room not found."),
    ({"error": True}, ""),
    ({"error": {"code": 17, "message": "No such room."}}, "No such room."),
    ({"errors": [{"message": "First."}, {"message": "Second."}]}, "First."),
    ({"error_message": "Too late."}, "Too late."),
    ({"status": "failed"}, ""),
    ({"status": "ERROR", "message": "Sold out."}, "Sold out."),
    ({"status": "not_found", "detail": "Who?"}, "Who?"),
    ({"status": 503}, ""),
    ({"statusCode": 404, "message": "Not here."}, "Not here."),
    ({"success": False}, ""),
    ({"success": "false", "reason": "Full."}, "Full."),
    ({"ok": False, "message": "Closed."}, "Closed."),
    ({"isError": True, "content": [{"type": "text", "text": "Boom"}]}, ""),
    ({"result": "failure"}, ""),
    ({"result": {"error": "Deep."}}, "Deep."),
    ({"data": [{"ok": True}, {"error": "One of two."}]}, "One of two."),
    ({"exit_code": 1}, ""),
    ({"status": "done", "error": "Not so."}, "Not so."),
    ([{"error": "In a list."}], "In a list."),
    ({"weather": {"error": "Down."}}, "Down."),
    ({"status": "ok", "rooms": [{"name": "A"}, {"error": {"message": "Closed."}}]}, "Closed."),
    ({"booking": {"success": False, "message": "Full."}}, "Full."),
)  # fmt: skip


@pytest.mark.parametrize(("result", "why"), FAILURES)
def test_a_failure_is_told_with_its_reason(result: object, why: str) -> None:
    assert reply(LAMP, json.dumps(result)) == f"That did not work. {why}".strip()


def test_a_traceback_is_told_by_its_last_line() -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no room'
    assert reply(LAMP, trace) == "That did not work. ValueError: no room."


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"success": True}, "Done."),
        ({"status": "ok"}, "Done."),
        ({"status": "SUCCESS", "message": "Booked."}, "Booked."),
        ({"status": 200}, "Done."),
        ({"result": "success"}, "Done."),
        ({"error": None, "result": "Table for two."}, "Table for two."),
        ({"error": "", "ok": True}, "Done."),
        ({"errors": [], "code": 0, "status": "completed"}, "Done."),
        ({"status": "no errors were found"}, "Status: no errors were found."),
        ({"status": "queued"}, "Status: queued."),
        ({"booked": False}, "Booked: no."),
        ({"temperature": 21.5, "unit_name": "C"}, "Temperature: 21.5. Unit name: C."),
        (["milk", "bread"], "milk and bread."),
        (False, "The answer is no."),
        ("It rains.", "It rains."),
        (42, "42"),
        (None, "Done."),
        ([], "The answer is empty."),
        ({"items": []}, "The answer is empty."),
        ([{"city": "Berlin", "temp": 21}], "City: Berlin. Temp: 21."),
        ({"weather": {"temp": 21, "sky": "grey"}}, "Temp: 21. Sky: grey."),
        ({"printer": {"status": "error"}}, "Status: error."),  # which was asked for, perhaps
        ({"status": "ok", "devices": [{"name": "Lamp", "state": "on"}]}, "Done, the lamp is on."),
        (
            {"status": "done", "devices": [{"name": "Lamp", "error": "No answer."}]},
            "That did not work with the lamp. No answer.",
        ),
    ],
)
def test_what_did_not_fail_is_told_as_it_is(result: object, words: str) -> None:
    assert reply(LAMP, json.dumps(result)) == words


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("{'error': 'No room'}", "That did not work. No room."),
        ("{'status': 'done', 'error': None}", "Done."),
        ("None", "Done."),
        ("['milk', 'bread']", "milk and bread."),
        ("{oops", "{oops"),
        ("[" * 5_000, "[" * 2_000),
        ("Error: no such room", "Error: no such room"),
    ],
)
def test_what_is_no_json_is_read_as_python_prints_it_or_as_it_is(output: str, words: str) -> None:
    assert reply(LAMP, output) == words


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
FILLING = st.dictionaries(st.sampled_from(["room", "count", "note", "id"]), VALUES, max_size=3)


@settings(deadline=None)
@given(FILLING, st.sampled_from(["error", "Error", "errors", "error_message", "exception"]),
       st.text(st.characters(categories=("Lu", "Ll")), min_size=6, max_size=12))  # fmt: skip
def test_no_error_is_ever_called_done(filling: dict[str, Any], name: str, why: str) -> None:
    for result in ({**filling, name: why}, {"result": {**filling, name: {"message": why}}},
                   {**filling, "their": {"own": [{name: why}]}}):  # fmt: skip
        told = reply(LAMP, json.dumps(result))
        assert told.startswith("That did not work.")
        assert why in told


@given(st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_result_has_a_verdict_or_none(result: object) -> None:
    assert isinstance(failure_of(result), str | None)
    assert succeeded(result) in (True, False)
