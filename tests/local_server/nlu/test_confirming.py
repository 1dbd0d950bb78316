"""A command that is confirmed first, from question to lock: the interpreter with a real home."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from satellite.core.masking import MASK
from satellite.demo.devices import small_home
from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.homeassistant.effects import Publish
from satellite.local_server.asr.grammar import grammar_of
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
from satellite.local_server.nlu.interpreter import HomeInterpreter
from satellite.tools.effects import CallDone
from satellite.tools.policy.rules import Rules
from satellite.tools.text.masking import Mask
from tests.local_server.home_tools import home_of, tools_of
from tests.local_server.languages import sample

PIN = "1234"
UNLOCK, SURE = "unlock the front door", "Are you sure?"


@dataclass
class Room:
    """A person who talks with the interpreter about this home."""

    home: Home
    turns: list[Turn] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    now_s: float = 100.0
    _turn: int = 0
    _interpreter: HomeInterpreter = field(default_factory=HomeInterpreter)

    def say(self, text: str) -> str:
        """The reply to these words, after whatever was called for."""
        self._turn += 1
        self.now_s += 2
        self.turns.append(UserMessage("user", text))
        steps = self._think()
        called = [step for step in steps if isinstance(step, ToolCall)]
        for number, call in enumerate(called):
            self._run(f"call_{self._turn}_{number}", call)
        if called:
            steps = self._think()
        reply = " ".join(step.text for step in steps if isinstance(step, Spoken))
        self.turns.append(UserMessage("assistant", reply))
        return reply

    def _think(self) -> Sequence[Step]:
        return self._interpreter.interpret(Context(self.turns, tools_of_home(self.home)))

    def _run(self, call_id: str, call: ToolCall) -> None:
        self.calls.append(call)
        arguments = json.dumps(call.arguments)
        self.turns.append(ToolCalled(call_id, call.name, arguments))
        effects = self.home.call(call_id, call.name, arguments, self._turn, self.now_s)
        effects += self.home.tick(self.now_s + 1.9)
        self._take(call_id, effects)

    def _take(self, call_id: str, effects: Sequence[HomeEffect]) -> None:
        for effect in effects:
            if isinstance(effect, Publish):
                self.commands.append(effect.payload.decode())
            elif isinstance(effect, CallDone):
                self.turns.append(ToolOutput(call_id, json.dumps(effect.result)))


def tools_of_home(home: Home) -> list[dict[str, object]]:
    return [
        {"type": "function", "name": one.name, "parameters": one.parameters}
        for one in home.functions()
    ]


def room(rules: Rules | None = None) -> Room:
    return Room(home_of(small_home(), rules or Rules(pin=PIN)))


def test_a_yes_is_enough_where_no_code_is_asked_for() -> None:
    talk = room(Rules())
    assert SURE in talk.say(UNLOCK)
    talk.say("yes please")
    assert talk.commands == ["UNLOCK"]


WAYS = (
    "one two three four",
    "yes one two three four",
    "twelve thirty four",
    "yes, twelve thirty-four",
    "the code is one two thirty four",
    "my pin is twelve three four, please",
    "1234",
    "yes 1234",
    "12 34",
    "1 2 3 4",
    "1-2-3-4",
)


@pytest.mark.parametrize("words", WAYS)
def test_a_code_reaches_the_lock_however_it_is_said(words: str) -> None:
    talk = room()
    assert "Please say the code" in talk.say(UNLOCK)
    talk.say(words)
    assert talk.calls[-1].arguments["pin"] == PIN
    assert talk.commands == ["UNLOCK"]


@pytest.mark.parametrize(
    ("words", "pin"),
    [
        ("double one double seven", "1177"),
        ("four seven double one", "4711"),
        ("forty seven eleven", "4711"),
        ("oh oh seven", "007"),
        ("0123", "0123"),
        ("nine eight seven six five four three two", "98765432"),
    ],
)
def test_other_codes(words: str, pin: str) -> None:
    talk = room(Rules(pin=pin))
    talk.say(UNLOCK)
    talk.say(words)
    assert talk.commands == ["UNLOCK"]


def test_a_yes_without_the_code_is_asked_for_it_and_the_code_alone_is_enough_then() -> None:
    talk = room()
    talk.say(UNLOCK)
    reply = talk.say("yes")
    assert "code" in reply
    assert "pin" not in reply
    assert talk.commands == []
    talk.say("one two three four")
    assert talk.commands == ["UNLOCK"]


def test_a_wrong_code_may_be_said_again_and_is_not_for_ever() -> None:
    talk = room()
    talk.say(UNLOCK)
    assert "wrong" in talk.say("four three two one")
    talk.say("one two three four")
    assert talk.commands == ["UNLOCK"]

    talk = room()
    talk.say(UNLOCK)
    for _ in range(3):
        talk.say("four three two one")
    talk.say("one two three four")
    assert talk.commands == []


def test_a_no_after_a_wrong_code_is_the_end_of_it() -> None:
    talk = room()
    talk.say(UNLOCK)
    talk.say("four three two one")
    assert "Nothing was changed" in talk.say("no")
    talk.say("one two three four")
    assert talk.commands == []


def test_numbers_that_nobody_asked_for_do_nothing() -> None:
    talk = room()
    talk.say("one two three four")
    talk.say("1234")
    assert talk.calls == []


def test_a_command_with_a_number_in_it_is_no_code() -> None:
    talk = room()
    talk.say(UNLOCK)
    talk.say("set the kitchen light to 40 percent")
    assert [call.name for call in talk.calls] == ["set_lock", "set_light"]


def test_what_is_heard_of_a_code_is_masked_before_others_see_it() -> None:
    """Every way to say a code that the recogniser knows is one that the satellite recognises."""
    grammar = grammar_of(tools_of(small_home(), Rules(pin=PIN)))
    interpreter, rng = HomeInterpreter(), random.Random(3)
    tools = tools_of(small_home(), Rules(pin=PIN))
    codes = 0
    for sentence in grammar.sentences:
        for _ in range(20):
            words = " ".join(sample(sentence, grammar.vocabulary, rng))
            meaning = interpreter.meaning(words, tools)
            if meaning is None or not meaning.code:
                continue
            codes += 1
            shown = Mask((meaning.code,)).speech(words)
            assert MASK in shown
            assert interpreter.meaning(shown, tools) != meaning
    assert codes >= 20
