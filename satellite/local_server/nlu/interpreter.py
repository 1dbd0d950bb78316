"""The interpreter of the local server: words become function calls, results become replies. Pure.

It knows only the session's tools and the conversation. It does not guess: a sentence that is none
of its phrases is not understood, and the reply says so.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from satellite.local_server.nlu.names import plain
from satellite.local_server.nlu.phrases import Vocabulary, Words, match
from satellite.local_server.nlu.replies import confirmation_of, reply
from satellite.local_server.nlu.skills import Phrase, phrases
from satellite.local_server.nlu.talk import talk
from satellite.local_server.nlu.tool_choice import within
from satellite.local_server.nlu.vocabulary import SessionTools, build

NOT_UNDERSTOOD = "Sorry, I did not understand that."
HEARING_FAILED = "Sorry, my hearing failed just now. Please say that again."
DID_YOU_SAY = "Did you say: {}? Please say yes or no."
SAY_IT_AGAIN = "Then please say it again."
_POLITE_START = (
    ("please",), ("hey",), ("okay",), ("ok",), ("could", "you"), ("can", "you"),
    ("would", "you"), ("will", "you"), ("now",), ("and",), ("then",), ("computer",), ("satellite",),
)  # fmt: skip
_POLITE_END = (("please",), ("now",), ("for", "me"), ("thank", "you"), ("thanks",))
_KNOWN_HOMES = 8
_WRITTEN_CODE = re.compile(r"\d{3,12}")


@dataclass(frozen=True, slots=True)
class _Home:
    tools: SessionTools
    vocabulary: Vocabulary
    phrases: Sequence[Phrase]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sentence asks for: calls to make, a topic to talk about, or a spoken ``code``."""

    calls: tuple[ToolCall, ...] = ()
    topic: str = ""
    code: str = ""


class HomeInterpreter:
    """The ``Interpreter`` of commands for a home. ``now`` gives the local time."""

    def __init__(self, now: Callable[[], datetime] = datetime.now) -> None:
        self._now = now
        self._homes: OrderedDict[int, tuple[Sequence[Mapping[str, Any]], _Home]] = OrderedDict()

    def interpret(self, context: Context) -> Sequence[Step]:
        spoken_for = (context.metadata or {}).get("satellite") == "say"
        if spoken_for:
            text = " ".join(turn.text for turn in context.turns if isinstance(turn, UserMessage))
            return [Spoken(text)] if text.strip() else []
        return within(context, self._steps(context))

    def meaning(self, text: str, tools: Sequence[Mapping[str, Any]]) -> Meaning | None:
        """What a sentence asks for; ``None`` if it is no phrase of this home."""
        home = self._home(tools)
        words = tuple(plain(text).split())
        whole = read(words, home.phrases, home.vocabulary)
        if whole is not None or "and" not in words:
            return whole
        return _read_two(words, home)

    def forget(self) -> None:
        """Frees what was built of the sessions' tools."""
        self._homes.clear()

    # --- inside ---------------------------------------------------------------------------------

    def _steps(self, context: Context) -> Sequence[Step]:
        answers = _fresh_answers(context.turns)
        if answers:
            said = dict.fromkeys(reply(called, answered.output) for called, answered in answers)
            return [Spoken(" ".join(said))]
        heard = _last_heard(context.turns)
        if heard is None:
            return [Spoken("Hello.")]
        if heard.silent:
            return [Spoken("Are you still there?")]
        if heard.unheard:
            return [Spoken(HEARING_FAILED)]
        if not heard.understood:
            return self._ask_again(heard, context)
        return self._answer(heard.text, context)

    def _ask_again(self, heard: UserMessage, context: Context) -> Sequence[Step]:
        meaning = self.meaning(heard.text, context.tools)
        if meaning is not None and meaning.topic == "stop" and _reply_was_cut(context.turns):
            return []  # a person who interrupts wants silence, and no reply about recognition
        if meaning is not None and meaning.calls and heard.uncertain:
            return [Spoken(DID_YOU_SAY.format(heard.text))]
        return [Spoken(NOT_UNDERSTOOD)]

    def _answer(self, text: str, context: Context) -> Sequence[Step]:
        meaning = self.meaning(text, context.tools)
        pending = _pending_confirmation(context.turns)
        if pending and meaning is None:  # a written "1234" is read digit by digit
            meaning = self.meaning(_WRITTEN_CODE.sub(_apart, text), context.tools)
        if meaning is None:
            return [Spoken(NOT_UNDERSTOOD)] if text.strip() else []
        if pending and meaning.topic in ("yes", "no", "stop", "code"):
            answer = "yes" if meaning.topic in ("yes", "code") else "no"
            code = {"pin": meaning.code} if meaning.code else {}
            return [ToolCall("confirm", {"confirmation_id": pending, "answer": answer, **code})]
        if meaning.calls:
            return list(meaning.calls)
        asked = _asked_about(context.turns)
        if asked and meaning.topic in ("yes", "no"):
            found = self.meaning(asked, context.tools) if meaning.topic == "yes" else None
            return list(found.calls) if found is not None else [Spoken(SAY_IT_AGAIN)]
        words = talk(meaning.topic, self._home(context.tools).tools, self._now())
        return [Spoken(words)] if words else []

    def _home(self, tools: Sequence[Mapping[str, Any]]) -> _Home:
        """The phrases of these tools; those of the latest few sets of tools are kept."""
        key = id(tools)
        known = self._homes.get(key)
        if known is not None and known[0] is tools:
            self._homes.move_to_end(key)
            return known[1]
        view = SessionTools(tools)
        vocabulary = build(view, any_unknown=True)
        home = _Home(view, vocabulary, phrases(view, vocabulary))
        self._homes[key] = (tools, home)
        while len(self._homes) > _KNOWN_HOMES:
            self._homes.popitem(last=False)
        return home


def read(words: Words, known: Sequence[Phrase], vocabulary: Vocabulary) -> Meaning | None:
    """The meaning of the first phrase that matches the sentence without its polite words."""
    words = _without_politeness(words)
    for phrase in known:
        for end, bound in match(phrase.node, words, vocabulary):
            if end != len(words):
                continue
            if phrase.skill.function:
                return Meaning((ToolCall(phrase.skill.function, phrase.arguments(bound)),))
            code = "".join(str(value) for slot, value in bound if slot in ("digit", "pair"))
            return Meaning(topic=phrase.skill.topic, code=code)
    return None


def _read_two(words: Words, home: _Home) -> Meaning | None:
    """Two commands in one sentence, both understood or neither."""
    for index, word in enumerate(words):
        if word != "and":
            continue
        first = read(words[:index], home.phrases, home.vocabulary)
        second = read(words[index + 1 :], home.phrases, home.vocabulary)
        if first is not None and second is not None and first.calls and second.calls:
            return Meaning(first.calls + second.calls)
    return None


def _apart(digits: re.Match[str]) -> str:
    return " ".join(digits[0])


def _without_politeness(words: Words) -> Words:
    """Removes polite words, first at the beginning; one word always stays."""
    trimmed = True
    while trimmed:
        trimmed = False
        for start in _POLITE_START:
            if len(words) > len(start) and words[: len(start)] == start:
                words, trimmed = words[len(start) :], True
    trimmed = True
    while trimmed:
        trimmed = False
        for end in _POLITE_END:
            if len(words) > len(end) and words[-len(end) :] == end:
                words, trimmed = words[: -len(end)], True
    return words


def _fresh_answers(turns: Sequence[Turn]) -> list[tuple[ToolCalled | None, ToolOutput]]:
    """Function results after the last message, each with its call."""
    calls = {turn.call_id: turn for turn in turns if isinstance(turn, ToolCalled)}
    answers: list[tuple[ToolCalled | None, ToolOutput]] = []
    for turn in reversed(turns):
        if isinstance(turn, ToolOutput):
            answers.append((calls.get(turn.call_id), turn))
        elif isinstance(turn, UserMessage):
            break
    return answers[::-1]


def _last_heard(turns: Sequence[Turn]) -> UserMessage | None:
    users = (
        turn for turn in reversed(turns) if isinstance(turn, UserMessage) and turn.role == "user"
    )
    return next(users, None)


def _reply_was_cut(turns: Sequence[Turn]) -> bool:
    """Whether the message before the latest is a reply that was cut."""
    before = turns[-2] if len(turns) > 1 else None
    return isinstance(before, UserMessage) and before.role == "assistant" and before.cut


def _asked_about(turns: Sequence[Turn]) -> str:
    """The uncertain sentence of a "Did you say …?" that the latest message answers, or nothing."""
    if len(turns) < 3:
        return ""
    guess, question = turns[-3:-1]
    asked = isinstance(question, UserMessage) and question.role == "assistant" and question.text
    if asked and isinstance(guess, UserMessage) and guess.uncertain:
        return guess.text
    return ""


def _pending_confirmation(turns: Sequence[Turn]) -> str:
    """The ``confirmation_id`` of the question that the user's latest message answers, or ``""``."""
    words_since = 0
    for turn in reversed(turns):
        if isinstance(turn, UserMessage) and turn.role == "user" and turn.understood:
            words_since += 1
        elif isinstance(turn, ToolCalled) and turn.name == "confirm":
            return ""
        elif isinstance(turn, ToolOutput) and (wanted := confirmation_of(turn.output)):
            return wanted if words_since == 1 else ""
    return ""
