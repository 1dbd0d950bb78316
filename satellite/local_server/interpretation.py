"""What a session needs from whoever thinks for it: the interface, and the data it sees.

``understand`` is the mind of the offline server; tests use simpler ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class UserMessage:
    """A message: what somebody said or wrote.

    ``understood`` is false for speech that was no command or that nobody could make out; ``text``
    is then empty or a guess that must not be acted upon. ``doubtful`` is such a guess that is worth
    a question: the words fit, but for one that may as well have been its opposite. ``cut`` is an
    answer that was not said, or not heard, to its end. ``silent`` means that nobody spoke at
    all during the session's idle timeout, ``unheard`` that something was said and the recogniser
    failed: not the speaker's fault.
    """

    role: Literal["system", "user", "assistant"]
    text: str
    understood: bool = True
    doubtful: bool = False
    cut: bool = False
    silent: bool = False
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A function call that was made."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The output of a function call, as the client gave it."""

    call_id: str
    output: str


Turn = UserMessage | ToolCalled | Answered


@dataclass(frozen=True, slots=True)
class Spoken:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fail:
    """The response cannot be what the client asks for; the message says why."""

    code: str
    message: str


Step = Spoken | ToolCall | Fail


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a response may depend on."""

    turns: Sequence[Turn]
    tools: Sequence[Mapping[str, Any]]
    tool_choice: Any = "auto"
    instructions: str = ""
    metadata: Mapping[str, str] | None = None


class Mind(Protocol):
    """Pure: the same context gives the same steps."""

    def think(self, context: Context) -> Sequence[Step]: ...
