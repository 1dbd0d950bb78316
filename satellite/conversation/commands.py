"""What the satellite may tell a Realtime server, without its spelling.

``satellite.realtime`` writes these in the dialect of the server. ``event_id`` comes back in
``ServerError.cause`` and is the only way to tell which command was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call; ``parameters`` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UpdateTools:
    """Replaces the tools of the running session; nothing else of it changes."""

    tools: tuple[Tool, ...]
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """Asks for one response.

    ``out_of_band`` keeps it out of the conversation's history and gives it no tools;
    ``instructions`` replace those of the session for this response only; ``input_text`` is then
    its only context.
    """

    event_id: str = ""
    instructions: str = ""
    out_of_band: bool = False
    input_text: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """Stops the response that is being generated (the named one, where the server cares)."""

    response_id: str = ""
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class TruncateItem:
    """Cuts the model's memory of its own item to what was heard; ``audio_end_ms`` > 0."""

    item_id: str
    audio_end_ms: int
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class DeleteItem:
    item_id: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class SendUserText:
    """Adds a user message, as if it had been spoken. Does not ask for a response."""

    text: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class SendCallOutput:
    """Answers a function call. Does not ask for a response."""

    call_id: str
    output: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class ClearInput:
    """Drops the microphone audio that the server has not committed yet."""

    event_id: str = ""


Command = (
    UpdateTools
    | CreateResponse
    | CancelResponse
    | TruncateItem
    | DeleteItem
    | SendUserText
    | SendCallOutput
    | ClearInput
)
