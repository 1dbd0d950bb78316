"""What the satellite may tell a Realtime server, without its spelling.

``satellite.realtime`` writes these in the dialect of the server. ``event_id`` comes back in
``ServerError.cause`` and is the only way to tell which command was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Tool(Struct, frozen=True):
    """A function the model may call; ``parameters`` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


class CreateResponse(Struct, frozen=True):
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


class CancelResponse(Struct, frozen=True):
    """Stops the response that is being generated (the named one, where the server cares)."""

    response_id: str = ""
    event_id: str = ""


class TruncateItem(Struct, frozen=True):
    """Cuts the model's memory of its own item to what was heard; ``audio_end_ms`` > 0."""

    item_id: str
    audio_end_ms: int
    event_id: str = ""


class DeleteItem(Struct, frozen=True):
    item_id: str
    event_id: str = ""


class SendUserText(Struct, frozen=True):
    """Adds a user message, as if it had been spoken. Does not ask for a response."""

    text: str
    event_id: str = ""


class SendCallOutput(Struct, frozen=True):
    """Answers a function call. Does not ask for a response."""

    call_id: str
    output: str
    event_id: str = ""


class ClearInput(Struct, frozen=True):
    """Drops the microphone audio that the server has not committed yet."""

    event_id: str = ""


Command = (
    CreateResponse
    | CancelResponse
    | TruncateItem
    | DeleteItem
    | SendUserText
    | SendCallOutput
    | ClearInput
)
