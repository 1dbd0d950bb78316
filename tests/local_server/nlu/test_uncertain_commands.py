"""What was heard but for one word is asked about; who cuts a reply short is not talked back to."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from satellite.local_server.interpretation import (
    Context,
    Spoken,
    Step,
    ToolCall,
    ToolCalled,
    ToolOutput,
    Turn,
    UserMessage,
)
from satellite.local_server.nlu.interpreter import (
    DID_YOU_SAY,
    NOT_UNDERSTOOD,
    SAY_IT_AGAIN,
    HomeInterpreter,
)
from tests.local_server.home_tools import small_home_tools

TOOLS = small_home_tools()
OFF = "turn off everything"
UNCERTAIN = UserMessage("user", OFF, understood=False, uncertain=True)
QUESTION = UserMessage("assistant", DID_YOU_SAY.format(OFF))
CALL = [ToolCall("set_power", {"area": "everywhere", "state": "off"})]


def interpret(*turns: Turn | str) -> Sequence[Step]:
    heard = [UserMessage("user", one) if isinstance(one, str) else one for one in turns]
    return list(HomeInterpreter().interpret(Context(heard, TOOLS)))


def test_what_is_in_doubt_is_asked_and_not_done() -> None:
    assert interpret(UNCERTAIN) == [
        Spoken("Did you say: turn off everything? Please say yes or no.")
    ]


def test_the_question_is_answered_by_yes_or_no_or_by_another_wish() -> None:
    assert interpret(UNCERTAIN, QUESTION, "yes") == CALL
    assert interpret(UNCERTAIN, QUESTION, "no") == [Spoken(SAY_IT_AGAIN)]
    assert interpret(UNCERTAIN, QUESTION, "stop") == []
    said = "turn on the kitchen light"
    on = [ToolCall("set_power", {"devices": ["Kitchen light"], "state": "on"})]
    assert interpret(UNCERTAIN, QUESTION, said) == on


NOTHING = [Spoken("There is nothing to confirm.")]


@pytest.mark.parametrize(
    "turns",
    [
        (UNCERTAIN, "yes"),
        (UNCERTAIN, UserMessage("assistant", "", cut=True), "yes"),
        (UNCERTAIN, QUESTION, "what time is it", UserMessage("assistant", "It is 7:05."), "yes"),
        (UNCERTAIN, QUESTION, "yes", ToolCalled("c", "set_power", "{}"), ToolOutput("c", "{}"),
         UserMessage("assistant", "Done."), "yes"),
        (UserMessage("user", OFF, understood=False), QUESTION, "yes"),
    ],
)  # fmt: skip
def test_a_yes_answers_only_the_question_before_it(turns: tuple[Turn | str, ...]) -> None:
    assert interpret(*turns) == NOTHING


def test_a_doubtful_yes_does_nothing() -> None:
    yes = UserMessage("user", "yes", understood=False, uncertain=True)
    assert all(isinstance(step, Spoken) for step in interpret(UNCERTAIN, QUESTION, yes))


@pytest.mark.parametrize("words", ["stop", "stop it", "be quiet", "stop talking"])
def test_a_stop_that_was_hardly_heard_is_enough_right_after_a_reply_was_cut(words: str) -> None:
    guess = UserMessage("user", words, understood=False)
    cut, whole = (UserMessage("assistant", "It is", cut=one) for one in (True, False))
    assert interpret("what time is it", cut, guess) == []
    assert interpret("what time is it", cut, UserMessage("user", words)) == []
    assert interpret("what time is it", whole, guess) == [Spoken(NOT_UNDERSTOOD)]
    assert interpret("what time is it", cut, "is it", UserMessage("assistant", "x"), guess) == [
        Spoken(NOT_UNDERSTOOD)
    ]


def test_anything_else_after_a_cut_is_asked_again() -> None:
    cut = UserMessage("assistant", "It is", cut=True)
    for text in ("", "turn on the kitchen light"):
        guess = UserMessage("user", text, understood=False)
        assert interpret("what time is it", cut, guess) == [Spoken(NOT_UNDERSTOOD)]
