"""What the voice and the home process tell each other.

msgspec structs, in both directions in the order in which they were sent. The first message to the
home process is ``Configure``; nothing that comes before it would be understood.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from satellite.conversation.call_context import CallContext
from satellite.conversation.commands import Tool
from satellite.conversation.effects import State
from satellite.conversation.events.local import PeerSpeaks
from satellite.core.logs import Level
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.requests import Request
from satellite.tools.policy.rules import Rules

# --- to the home process --------------------------------------------------------------------------


class Configure(Struct, frozen=True, tag=True):
    """All that the home process knows of the settings. ``secrets`` are kept out of its log."""

    satellite_id: str
    topic_prefix: str
    discovery_prefix: str
    identity: Identity
    language: str
    rules: Rules
    broker: BrokerConfig
    log_level: Level
    secrets: tuple[str, ...]


class Run(Struct, frozen=True, tag=True):
    """A function call of the model; a ``Result`` follows, at once or later."""

    call_id: str
    name: str
    arguments: str
    """The model's JSON text."""
    turn: int
    exchange: CallContext


class PublishState(Struct, frozen=True, tag=True):
    """What the satellite is doing."""

    state: State


class ShowStreaming(Struct, frozen=True, tag=True):
    """Whether sound of the microphone goes to the server."""

    on: bool


class PublishProblem(Struct, frozen=True, tag=True):
    """What a person should know or do; empty when all is well."""

    text: str


class ShowMute(Struct, frozen=True, tag=True):
    """Whether the microphone is muted."""

    muted: bool


class ShowVolume(Struct, frozen=True, tag=True):
    """0 to 100."""

    percent: int


class ShowDiagnostics(Struct, frozen=True, tag=True):
    """Figures that can be written as JSON."""

    figures: dict[str, Any]


class TellHeard(Struct, frozen=True, tag=True):
    """What somebody said."""

    item_id: str
    text: str


class TellSaid(Struct, frozen=True, tag=True):
    """What the satellite said, as far as it was heard."""

    item_id: str
    text: str
    heard_ms: int
    interrupted: bool


class TellSpeaking(Struct, frozen=True, tag=True):
    """What the loudspeaker says, while it does: for other satellites."""

    on: bool
    text: str


class Ping(Struct, frozen=True, tag=True):
    """Answered by ``Pong`` when all that was sent before has been dealt with."""


Shown = (
    PublishState
    | ShowStreaming
    | PublishProblem
    | ShowMute
    | ShowVolume
    | ShowDiagnostics
    | TellHeard
    | TellSaid
)
"""What goes to the satellite's own topics."""
ToHome = Configure | Run | Shown | TellSpeaking | Ping

# --- from the home process ------------------------------------------------------------------------


class ToolsOffered(Struct, frozen=True, tag=True):
    """What the model may call from now on."""

    tools: tuple[Tool, ...]


class Result(Struct, frozen=True, tag=True):
    """How a call ended, as JSON text for the model."""

    call_id: str
    output: str


class Asked(Struct, frozen=True, tag=True):
    """Somebody on the broker asks something of the satellite."""

    request: Request


class PeerSpeaking(Struct, frozen=True, tag=True):
    """Another satellite speaks."""

    event: PeerSpeaks


class PartProblem(Struct, frozen=True, tag=True):
    """What is wrong with a part of the home process, for a person; empty when it is over."""

    part: str
    text: str


class Pong(Struct, frozen=True, tag=True):
    """It lives. ``connects``: how often it has met the broker; ``memory_mb`` is resident."""

    connects: int
    memory_mb: float


FromHome = ToolsOffered | Result | Asked | PeerSpeaking | PartProblem | Pong
