"""What the satellite may send to a Realtime server, independent of the server's dialect.

``satellite.realtime`` encodes these. ``event_id`` comes back in ``ServerError.cause``; only it
tells which command was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field


class Tool(Struct, frozen=True):
    """A function the model may call; ``parameters`` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    shows_pictures: bool = False
    """Its result is followed by ``AddPicture``, so it is only for servers that take pictures."""


class CreateResponse(Struct, frozen=True):
    """Requests one response.

    ``out_of_band`` keeps it out of the conversation's history and gives it no tools, and
    ``input_text`` is then its only context; ``instructions`` replace those of the session for this
    response only. ``tool_choice`` replaces that of the session.
    """

    event_id: str = ""
    instructions: str = ""
    out_of_band: bool = False
    input_text: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    tool_choice: str = ""


class CancelResponse(Struct, frozen=True):
    """Stops the response that is being generated; some servers want its id."""

    response_id: str = ""
    event_id: str = ""


class TruncateItem(Struct, frozen=True):
    """Cuts an assistant's item in the history to what was heard; ``audio_end_ms`` > 0."""

    item_id: str
    audio_end_ms: int
    event_id: str = ""


class DeleteItem(Struct, frozen=True):
    item_id: str
    event_id: str = ""


class SendUserText(Struct, frozen=True):
    """Adds a user message, as if it had been spoken. Requests no response. ``image_url``: a picture
    that goes with it, as a data URI."""

    text: str
    image_url: str = ""
    event_id: str = ""


class SendCallOutput(Struct, frozen=True):
    """Adds the result of a function call. Requests no response."""

    call_id: str
    output: str
    event_id: str = ""


class AddPicture(Struct, frozen=True):
    """Adds a picture that a function has taken, as a data URI. Requests no response. ``item_id`` is
    ours; ``note`` tells the model what it is."""

    item_id: str
    image_url: str
    note: str
    event_id: str = ""


class SendSystemText(Struct, frozen=True):
    """Adds a message of the system, for the model only. Requests no response."""

    text: str
    event_id: str = ""


class AddPastMessage(Struct, frozen=True):
    """Adds words of an earlier session. ``item_id`` is ours, here and in the next two."""

    item_id: str
    role: Literal["user", "assistant"]
    text: str
    event_id: str = ""


class AddPastCall(Struct, frozen=True):
    """Adds a call of an earlier session; ``AddPastOutput`` follows."""

    item_id: str
    call_id: str
    name: str
    arguments: str
    event_id: str = ""


class AddPastOutput(Struct, frozen=True):
    item_id: str
    call_id: str
    output: str
    event_id: str = ""


class SendApproval(Struct, frozen=True):
    """Lets the server call a tool of an MCP server, or not. Requests no response."""

    request_id: str
    approve: bool
    reason: str = ""
    event_id: str = ""


class CommitInput(Struct, frozen=True):
    """Makes the microphone audio that was sent an item of the user. Requests no response."""

    event_id: str = ""


class ClearInput(Struct, frozen=True):
    """Discards the microphone audio that the server has not committed."""

    event_id: str = ""


Command = (
    CreateResponse
    | CancelResponse
    | TruncateItem
    | DeleteItem
    | SendUserText
    | SendCallOutput
    | AddPicture
    | SendSystemText
    | SendApproval
    | AddPastMessage
    | AddPastCall
    | AddPastOutput
    | CommitInput
    | ClearInput
)
