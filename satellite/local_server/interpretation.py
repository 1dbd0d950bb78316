"""The interface between a session and what interprets its conversation, and the data of both.

``nlu.interpreter`` implements it; tests use simpler ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class UserMessage:
    """A message of the conversation, spoken or written.

    ``understood`` is false for speech that was no command or was not recognised; ``text`` is then
    empty or a guess that must not be acted upon. ``uncertain`` marks a guess that the person is
    asked about: the words fit, but one of them may have been its opposite. ``cut`` marks a reply
    that was not played to its end. ``silent`` means that nobody spoke during the session's idle
    timeout, ``unheard`` that somebody spoke and the recogniser failed.
    """

    role: Literal["system", "user", "assistant"]
    text: str
    understood: bool = True
    uncertain: bool = False
    cut: bool = False
    silent: bool = False
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A function call; ``arguments`` are JSON."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """The output of a function call, as the client gave it."""

    call_id: str
    output: str


Turn = UserMessage | ToolCalled | ToolOutput


@dataclass(frozen=True, slots=True)
class Spoken:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fail:
    """The response fails: it cannot be what the client asks for. ``message`` says why."""

    code: str
    message: str


Step = Spoken | ToolCall | Fail


@dataclass(frozen=True, slots=True)
class Context:
    """All that a response depends on."""

    turns: Sequence[Turn]
    tools: Sequence[Mapping[str, Any]]
    tool_choice: Any = "auto"
    instructions: str = ""
    metadata: Mapping[str, str] | None = None


class Interpreter(Protocol):
    def interpret(self, context: Context) -> Sequence[Step]:
        """What the response says and calls. Pure: the same context gives the same steps."""
        ...
