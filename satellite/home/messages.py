"""The messages between the voice process and the home process.

They are msgspec structs and arrive in the order in which they were sent. The first message to the
home process is ``Configure``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union

from msgspec import Struct

from satellite.core.logs import Level
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.table import COMMANDS
from satellite.tools.execution.turn_context import TurnContext
from satellite.tools.policy.rules import Rules

if TYPE_CHECKING:
    from satellite.mqtt.own_entities.requests import Request as AnyRequest
else:  # every kind that the table has, so that a new one needs no place here
    AnyRequest = Union[tuple({command.request for command in COMMANDS.values()})]  # noqa: UP007

# --- to the home process --------------------------------------------------------------------------


class Configure(Struct, frozen=True, tag=True):
    """The settings of the home process. ``secrets`` are masked in its log."""

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
    exchange: TurnContext


class Show(Struct, frozen=True, tag=True):
    """A value for the topic ``name`` of the satellite's own entities (``mqtt/own_entities``)."""

    name: str
    value: Any


class TellSpeaking(Struct, frozen=True, tag=True):
    """What the loudspeaker says, while it does; published for other satellites."""

    on: bool
    text: str


class Ping(Struct, frozen=True, tag=True):
    """Answered by ``Pong`` when all that was sent before has been handled."""


ToHome = Configure | Run | Show | TellSpeaking | Ping

# --- from the home process ------------------------------------------------------------------------


class OfferedTool(Struct, frozen=True):
    """A function that the model may call; ``parameters`` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    shows_pictures: bool = False


class ToolsOffered(Struct, frozen=True, tag=True):
    """What the model may call from now on, and names that people may say."""

    tools: tuple[OfferedTool, ...]
    vocabulary: tuple[str, ...] = ()


class Result(Struct, frozen=True, tag=True):
    """The result of a call, as JSON text for the model; ``picture`` follows it, as a data URI."""

    call_id: str
    output: str
    picture: str = ""


class Asked(Struct, frozen=True, tag=True):
    """A command to the satellite over MQTT."""

    request: AnyRequest


class PeerSpeaking(Struct, frozen=True, tag=True):
    """What the loudspeaker of another satellite says, while it does and when it has ended."""

    peer: str
    speaking: bool
    text: str


class PartProblem(Struct, frozen=True, tag=True):
    """What is wrong with a part of the home process, for a person; empty when nothing is."""

    part: str
    text: str


class Pong(Struct, frozen=True, tag=True):
    """``connects``: how often the broker was connected; ``memory_mb``: resident memory."""

    connects: int
    memory_mb: float


FromHome = ToolsOffered | Result | Asked | PeerSpeaking | PartProblem | Pong
