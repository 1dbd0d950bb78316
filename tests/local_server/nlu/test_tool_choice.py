"""``tool_choice``: which functions a response may call, and what becomes of one that must."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from satellite.local_server.interpretation import (
    Context,
    Fail,
    Spoken,
    Step,
    ToolCall,
    ToolCalled,
    ToolOutput,
    Turn,
    UserMessage,
)
from satellite.local_server.nlu.interpreter import HomeInterpreter
from satellite.local_server.nlu.tool_choice import NO_TOOLS, NOT_MET
from tests.local_server.home_tools import small_home_tools, tool

TOOLS = [*small_home_tools(), tool("end_call")]
LIGHT = "turn on the kitchen light"
POWER = ToolCall("set_power", {"devices": ["Kitchen light"], "state": "on"})
BOTH = "turn on the kitchen light and open the blind"


def interpret(choice: object, *turns: Turn | str) -> Sequence[Step]:
    heard = [UserMessage("user", one) if isinstance(one, str) else one for one in turns]
    return list(HomeInterpreter().interpret(Context(heard, TOOLS, choice)))


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "name": name}


@pytest.mark.parametrize("choice", ["auto", "required", named("set_power"), None])
def test_words_that_fit_become_their_call(choice: object) -> None:
    assert interpret(choice, LIGHT) == [POWER]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("required", "what time is it"),
        ("required", "the kitchen light"),
        ("required", "stop"),
        (named("set_cover"), LIGHT),
        (named("set_power"), "open the blind"),
        (named("set_power"), BOTH),
        (named("no_such_function"), LIGHT),
        ({"type": "mcp", "server_label": "files"}, LIGHT),
        ({"type": "mcp", "server_label": "files", "name": "end_call"}, LIGHT),
    ],
)
def test_a_call_that_is_asked_for_and_not_meant_fails(choice: object, words: str) -> None:
    (step,) = interpret(choice, words)
    assert isinstance(step, Fail)
    assert step.code == NOT_MET


def test_a_named_function_without_arguments_needs_no_words() -> None:
    assert interpret(named("end_call"), "goodbye then") == [ToolCall("end_call", {})]


def test_none_forbids_the_answer_to_a_question_too() -> None:
    asked = ToolCalled(
        "c1", "set_lock", json.dumps({"devices": ["Front door"], "action": "unlock"})
    )
    wanted = ToolOutput("c1", '{"status": "confirmation_required", "confirmation_id": "k1"}')
    turns = (
        "unlock the front door",
        asked,
        wanted,
        UserMessage("assistant", "Are you sure?"),
        "yes",
    )
    assert interpret("none", *turns) == [Spoken(NO_TOOLS)]
    assert interpret("none", "what can you do") != [Spoken(NO_TOOLS)]


@pytest.mark.parametrize("choice", ["required", named("set_power")])
def test_the_result_of_the_call_is_told_instead_of_another_call(choice: object) -> None:
    called = ToolCalled("c1", "set_power", json.dumps(POWER.arguments))
    result = {"status": "done", "devices": [{"device": "Kitchen light", "state": "on"}]}
    told = interpret(choice, LIGHT, called, ToolOutput("c1", json.dumps(result)))
    assert told == [Spoken("Done, the kitchen light is on.")]


def test_the_call_of_another_function_does_not_count() -> None:
    called = ToolCalled("c1", "set_power", json.dumps(POWER.arguments))
    turns = (LIGHT, called, ToolOutput("c1", '{"status": "done"}'))
    assert interpret(named("end_call"), *turns) == [ToolCall("end_call", {})]
    assert isinstance(interpret(named("set_cover"), *turns)[0], Fail)
