"""When a question counts as asked: by what was heard of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.tools.confirmation.heard_question import heard_question
from satellite.tools.execution.turn_context import SpeechHeard, TurnContext

NAMES = [("Front door", "main entrance")]
TEXT = "You want me to unlock the front door. Are you sure?"


def heard(text: str = TEXT, ms: int = 3_000, of: int = 3_000, **more: object) -> TurnContext:
    fields = {"whole": ms == of, "after": ("c1",), "first_after": ("c1",), **more}
    return TurnContext(2, heard=(SpeechHeard(5, text, ms, of, **fields),))  # type: ignore[arg-type]


def asked(exchange: TurnContext, call_id: str = "c1", later_than: int = 0) -> bool:
    return heard_question(exchange, call_id, NAMES, later_than=later_than)


@pytest.mark.parametrize(
    ("exchange", "yes"),
    [
        (heard(), True),
        (heard("Shall I unlock the main entrance?"), True),
        (heard("Soll ich die Haust\u00fcr \u00f6ffnen?"), True),
        (heard("\u8981\u6253\u5f00\u524d\u95e8\u5417\uff1f"), True),
        (heard("Okay."), False),
        (heard("Shall I?", first_after=()), False),
        (heard(first_after=()), True),
        (heard(after=(), first_after=()), False),
        (heard(""), True),
        (heard("", 250, 250), False),
        (heard("", first_after=()), False),
        (heard("", 2_900), False),
        (heard(ms=2_900), True),
        (heard(ms=1_500), False),
        (heard("The door in front of you is open. Anything else?", first_after=()), True),
        (heard("The indoor fountain? ", first_after=()), False),
    ],
)
def test_a_question_is_asked_when(exchange: TurnContext, yes: bool) -> None:
    assert asked(exchange) is yes


def test_each_device_of_a_question_has_to_be_named() -> None:
    both = [("Front door",), ("Back door",)]
    text = "Shall I unlock the front door and the back door?"
    for ms, yes in ((2_000, False), (2_950, True)):
        assert heard_question(heard(text, ms), "c1", both, later_than=0) is yes


def test_what_was_answered_already_counts_no_more() -> None:
    assert not asked(heard(), later_than=5)
    assert asked(heard(), later_than=4)
    assert not asked(heard(), "c2")


@given(st.text(max_size=60), st.integers(0, 9_000), st.integers(0, 9_000))
def test_what_was_not_heard_is_never_a_question(text: str, ms: int, of: int) -> None:
    exchange = heard(text, min(ms, of), of, whole=False)
    if asked(exchange):
        assert "front" in text.casefold() or "main" in text.casefold()
