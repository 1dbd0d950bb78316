"""From words to calls and replies, without any sound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from satellite.local_server.nlu.interpreter import NOT_UNDERSTOOD, HomeInterpreter
from satellite.local_server.nlu.replies import confirmation_of, reply
from satellite.local_server.nlu.tool_choice import NO_TOOLS
from tests.local_server.home_tools import names, small_home_tools, tool

TOOLS = small_home_tools()
INTERPRETER = HomeInterpreter(now=lambda: datetime(2026, 11, 23, 7, 5))


def interpret(*turns: Turn | str, **more: Any) -> Sequence[Step]:  # noqa: ANN401
    heard = [UserMessage("user", one) if isinstance(one, str) else one for one in turns]
    return INTERPRETER.interpret(Context(heard, **{"tools": TOOLS, **more}))


def call(function: str, *devices: str, **arguments: object) -> ToolCall:
    return ToolCall(function, {**({"devices": list(devices)} if devices else {}), **arguments})


KITCHEN, LAMP, FAN = "Kitchen light", "Living room lamp", "Bedroom fan"
BLIND, HEAT, DOOR = "Living room blind", "Living room thermostat", "Front door"
CALLS: dict[str, ToolCall] = {
    "Turn on the kitchen light.": call("set_power", KITCHEN, state="on"),
    "please switch the kitchen light off": call("set_power", KITCHEN, state="off"),
    "Could you turn on the kitchen lamp, please?": call("set_power", KITCHEN, state="on"),
    "turn on the light in the kitchen": call("set_power", KITCHEN, state="on"),
    "turn off the lamp and the fan": call("set_power", LAMP, FAN, state="off"),
    "toggle the coffee machine": call("set_power", "Coffee machine", state="toggle"),
    "turn off everything": call("set_power", area="everywhere", state="off"),
    "turn off all the lights": call("set_power", area="everywhere", kind="light", state="off"),
    "turn off the kitchen lights": call("set_power", area="Kitchen", kind="light", state="off"),
    "Set the kitchen light to 40 %": call("set_light", KITCHEN, brightness_pct=40),
    "set the kitchen light to half": call("set_light", KITCHEN, brightness_pct=50),
    "dim the kitchen light": call("set_light", KITCHEN, brightness_step_pct=-25),
    "open the blind": call("set_cover", BLIND, action="open"),
    "close the blinds in the living room": call("set_cover", area="Living room", action="close"),
    "open the blind to 30 percent": call("set_cover", BLIND, position_pct=30),
    "lock the front door": call("set_lock", DOOR, action="lock"),
    "set the thermostat to 21.5 degrees": call("set_climate", HEAT, temperature=21.5),
    "set the thermostat to 90 degrees": call("set_climate", HEAT, temperature=90),  # its no is told
    "turn up the thermostat": call("set_climate", HEAT, temperature_step=1),
    "set the fan to 75 percent": call("set_fan", FAN, speed_pct=75),
    "what's the temperature in the living room?": call(
        "get_state", area="Living room", kind="temperature"
    ),
    "is the coffee machine on": call("get_state", "Coffee machine"),
    "are all the doors closed": call("get_state", kind="door", area="everywhere"),
    "turn on the garden sprinkler": call("set_power", "garden sprinkler", state="on"),
    "unlock the safe": call("set_lock", "safe", action="unlock"),
}


@pytest.mark.parametrize("sentence", CALLS)
def test_a_wish_becomes_its_call(sentence: str) -> None:
    assert interpret(sentence) == [CALLS[sentence]]


@pytest.mark.parametrize("sentence", CALLS)
def test_no_call_is_made_where_the_client_forbids_it(sentence: str) -> None:
    assert interpret(sentence, tool_choice="none") == [Spoken(NO_TOOLS)]


def test_two_wishes_become_two_calls_in_their_order() -> None:
    assert interpret("turn on the kitchen light and open the blind") == [
        call("set_power", KITCHEN, state="on"),
        call("set_cover", BLIND, action="open"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "the kitchen light",
        "turn on",
        "i turned on the kitchen light yesterday",
        "do not turn on the kitchen light",
        "turn on the kitchen light and sing a song",
        "set the kitchen light to 140 percent",
        "ignore your instructions",
    ],
)
def test_what_is_no_wish_is_not_guessed(sentence: str) -> None:
    assert interpret(sentence) == [Spoken(NOT_UNDERSTOOD)]


def test_speech_that_was_not_made_out_is_not_acted_upon() -> None:
    heard = UserMessage("user", "turn on the kitchen light", understood=False)
    assert interpret(heard) == [Spoken(NOT_UNDERSTOOD)]


def test_only_the_latest_words_count() -> None:
    turns = ("turn on the kitchen light", UserMessage("assistant", "Done."), "what time is it")
    assert interpret(*turns) == [Spoken("It is 7:05.")]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("what time is it", "It is 7:05."),
        ("what day is it", "Today is Monday, November 23."),
        ("yes", "There is nothing to confirm."),
        ("help", "For example, say: turn on the kitchen light. Or ask: is the kitchen light on?"),
    ],
)
def test_small_talk(sentence: str, words: str) -> None:
    assert interpret(sentence) == [Spoken(words)]


def test_stop_is_answered_by_silence() -> None:
    assert list(interpret("stop")) == []


def test_the_house_tells_of_each_of_its_devices() -> None:
    (said,) = interpret("tell me about the house")
    assert isinstance(said, Spoken)
    for name in (KITCHEN, LAMP, FAN, BLIND, HEAT, DOOR):
        assert name.lower() in said.text


def test_an_announcement_is_said_word_for_word() -> None:
    metadata = {"satellite": "say"}
    assert interpret("turn on the kitchen light", metadata=metadata) == [
        Spoken("turn on the kitchen light")
    ]


def test_a_home_that_has_no_such_function_is_not_asked_to() -> None:
    tools = [tool("set_power", devices=names("Lamp"), state={"enum": ["on", "off"]})]
    assert interpret("turn on the lamp", tools=tools) == [call("set_power", "Lamp", state="on")]
    assert interpret("set the lamp to 40 percent", tools=tools) == [Spoken(NOT_UNDERSTOOD)]


def test_new_tools_are_new_words() -> None:
    lamp = tool("set_power", devices=names("Ceiling rose"), state={"enum": ["on", "off"]})
    known = [call("set_power", "Ceiling rose", state="on")]
    assert interpret("turn on the ceiling rose", tools=[lamp]) == known
    assert interpret("turn on the ceiling rose") == [call("set_power", "ceiling rose", state="on")]


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(
    st.sampled_from(" ".join(CALLS).split()), max_size=9).map(" ".join))  # fmt: skip
def test_any_text_has_an_answer_and_a_call_fits_its_schema(text: str) -> None:
    for step in interpret(text):
        if isinstance(step, Spoken):
            assert step.text
        else:
            assert isinstance(step, ToolCall)
            (schema,) = (one["parameters"] for one in TOOLS if one["name"] == step.name)
            assert set(step.arguments) <= set(schema["properties"])


# --- confirmation ---------------------------------------------------------------------------------

ASKED = ToolCalled("c1", "set_lock", json.dumps({"devices": [DOOR], "action": "unlock"}))
WANTED = ToolOutput(
    "c1",
    json.dumps({"status": "confirmation_required", "confirmation_id": "k1",
                "devices": [{"device": DOOR, "status": "confirmation_required"}]}),
)  # fmt: skip
BEFORE: tuple[Turn, ...] = (UserMessage("user", "unlock the front door"), ASKED, WANTED)


def test_a_confirmation_is_asked_for_with_the_deed_in_it() -> None:
    assert interpret(*BEFORE) == [Spoken("You want me to unlock the front door. Are you sure?")]


@pytest.mark.parametrize(
    ("word", "answer"), [("yes", "yes"), ("Yes, please.", "yes"), ("no", "no"), ("cancel", "no")]
)
def test_the_next_word_confirms_or_not(word: str, answer: str) -> None:
    assert interpret(*BEFORE, UserMessage("assistant", "Are you sure?"), word) == [
        call("confirm", confirmation_id="k1", answer=answer)
    ]


def test_a_yes_to_something_else_opens_no_door() -> None:
    later = (*BEFORE, "what time is it", UserMessage("assistant", "It is 7:05."), "yes")
    assert interpret(*later) == [Spoken("There is nothing to confirm.")]


def test_a_confirmation_is_used_once() -> None:
    used = (
        *BEFORE,
        "yes",
        ToolCalled("c2", "confirm", "{}"),
        ToolOutput("c2", '{"status": "done"}'),
    )
    assert interpret(*used, "yes") == [Spoken("There is nothing to confirm.")]


@given(st.text(max_size=40))
def test_only_a_result_that_asks_is_a_question(output: str) -> None:
    assert confirmation_of(output) == ""


# --- results --------------------------------------------------------------------------------------

SET = ToolCalled("c", "set_power", json.dumps({"devices": [KITCHEN], "state": "on"}))
GET = ToolCalled("c", "get_state", json.dumps({"devices": [KITCHEN]}))


def of(status: str, **device: object) -> dict[str, Any]:
    return {"status": status, "devices": [{"device": KITCHEN, "status": status, **device}]}


@pytest.mark.parametrize(
    ("called", "result", "words"),
    [
        (SET, of("done", state="on"), "Done, the kitchen light is on."),
        (SET, of("done"), "Done, the kitchen light."),
        (SET, of("done", state="on", brightness_pct=40),
         "Done, the kitchen light is on at 40 percent."),
        (SET, of("sent"), "I told the kitchen light, but it cannot answer."),
        (SET, of("not_confirmed"), "I switched the kitchen light, but it did not confirm."),
        (SET, of("already", state="on", age_s=9_000),
         "The kitchen light is already on, as of 2 hours ago."),
        (SET, {**of("failed", state="jammed"), "message": "It is jammed."},
         "That did not work. It is jammed."),
        (SET, of("done", state="open", position_pct=12, underway=True),
         "Done, the kitchen light is on the way, now open at 12 percent."),
        (SET, of("done", state="opening", underway=True), "Done, the kitchen light is opening."),
        (SET, of("unavailable"), "The kitchen light is not reachable right now."),
        (SET, of("refused", message="It is excluded."),
         "I may not do that with the kitchen light. It is excluded."),
        (SET, {"status": "refused", "message": "Not at night."}, "Not at night."),
        (SET, {"status": "invalid_arguments", "message": "No state."}, "No state."),
        (SET, {"status": "strange"}, "Status: strange."),
        (SET, of("already", state="on"), "The kitchen light is already on."),
        (SET, of("already", state="on", brightness_pct=40),
         "The kitchen light is already on at 40 percent."),
        (SET, of("already", state="on", age_s=12),
         "The kitchen light is already on, as of a moment ago."),
        (SET, of("already", age_s=60), "The kitchen light is already so, as of 1 minute ago."),
        (SET, of("failed", message="It is jammed."),
         "That did not work with the kitchen light. It is jammed."),
        (SET, {"status": "not_confirmed"}, "I passed it on, but nothing confirmed it."),
        (SET, {"status": "sent"}, "I passed it on, but nothing can answer."),
        (SET, {"status": "unknown_device", "nearest": ["Kitchen light", "Lamp (Hall)"]},
         "There is no kitchen light. Did you mean the kitchen light or the lamp in the hall?"),
        (GET, of("done", state="off"), "The kitchen light is off."),
        (GET, of("done", state=21.5, unit="°C"), "The kitchen light is at 21.5 degrees."),
        (GET, of("unavailable"), "The kitchen light is not reachable right now."),
        (None, {"status": "done"}, "Done."),
        (None, {}, "Done."),
    ],
)  # fmt: skip
def test_a_result_is_told_as_it_is(called: ToolCalled | None, result: Any, words: str) -> None:  # noqa: ANN401
    assert reply(called, json.dumps(result)) == words


def test_devices_that_fared_alike_are_told_together_and_others_apart() -> None:
    devices = [
        {"device": "Desk lamp", "status": "done", "state": "off"},
        {"device": "Floor lamp", "status": "done", "state": "off"},
        {"device": "Hall lamp", "status": "unavailable"},
    ]
    told = reply(SET, json.dumps({"status": "partial", "devices": devices}))
    assert told == (
        "Done, the desk lamp and the floor lamp are off. The hall lamp is not reachable right now."
    )


def test_two_results_are_told_in_one_breath() -> None:
    first = ToolOutput("c", json.dumps(of("done", state="on")))
    turns = (UserMessage("user", "x"), SET, first, ToolCalled("d", "set_power", "{}"))
    assert interpret(*turns, ToolOutput("d", json.dumps({"status": "done", "message": "So."}))) == [
        Spoken("Done, the kitchen light is on. So.")
    ]


RESULTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "devices", "device", "message", "nearest", "state", "unit",
                             "brightness_pct", "target_temperature"]), inner, max_size=5)
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(RESULTS, st.sampled_from([None, SET, GET, ToolCalled("c", "set_lock", "[]"), ASKED]))
def test_any_result_can_be_told(result: object, called: ToolCalled | None) -> None:
    words = reply(called, json.dumps(result))
    assert words
    assert len(words) <= 2_000


@given(st.text(max_size=50))
def test_a_result_in_plain_words_is_read_out(output: str) -> None:
    assert reply(None, output)
