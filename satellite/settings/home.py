"""The section ``home``: what the model may see and do."""

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from satellite.settings.base import Check, FromText, Names, Secret, Section, from_json, listed
from satellite.settings.checks import (
    FUNCTION,
    TOPIC,
    TOPIC_OR_NONE,
    digits,
    no_name_twice,
    schema_of_object,
)
from satellite.tools.policy.rules import Rules

DEFAULTS = Rules()


class OwnFunction(Section, frozen=True, kw_only=True):
    """A function of the person's own: publishes a message, may wait for an answer."""

    name: Annotated[str, FUNCTION]
    description: Annotated[str, Meta(min_length=1, max_length=1_000)]
    parameters: Annotated[dict[str, Any], Check(schema_of_object)] = field(
        default_factory=lambda: {"type": "object", "properties": {}, "additionalProperties": False}
    )
    topic: Annotated[str, Meta(max_length=500), TOPIC]
    payload: Annotated[str, Meta(max_length=10_000)] = ""
    answer_topic: Annotated[str, Meta(max_length=500), TOPIC_OR_NONE] = ""
    qos: Literal[0, 1, 2] = 0
    retain: bool = False
    confirm: bool = False


class CameraSection(Section, frozen=True, kw_only=True):
    """A camera whose pictures are published on a topic, as Home Assistant's MQTT camera takes
    them."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    topic: Annotated[str, Meta(max_length=500), TOPIC]
    encoding: Literal["bytes", "b64"] = "bytes"


class HomeSection(Section, frozen=True):
    """What the model may see and do in the home."""

    include: Names = ()
    exclude: Names = ()
    read_only: Names = ()
    entity_categories: Annotated[
        tuple[Literal["config", "diagnostic", "disabled"], ...], FromText(listed)
    ] = ()
    aliases: Annotated[dict[str, Names], FromText(from_json)] = field(default_factory=dict)
    areas: Annotated[dict[str, Names], FromText(from_json)] = field(default_factory=dict)
    confirm: Names = DEFAULTS.confirm
    pin: Annotated[Secret, Check(digits)] = Secret("")
    codes: Annotated[dict[str, Secret], FromText(from_json)] = field(default_factory=dict)
    confirm_typed: bool = False
    yes_words: Names = ()
    confirm_timeout_s: Annotated[float, Meta(ge=3, le=300)] = DEFAULTS.confirm_timeout_s
    answer_timeout_s: Annotated[float, Meta(ge=0.1, le=60)] = DEFAULTS.answer_timeout_s
    rate_limit_per_minute: Annotated[int, Meta(ge=1, le=6_000)] = DEFAULTS.rate_limit_per_minute
    functions: Annotated[tuple[OwnFunction, ...], FromText(from_json), Check(no_name_twice)] = ()
    cameras: Annotated[
        tuple[CameraSection, ...], Meta(max_length=16), FromText(from_json), Check(no_name_twice)
    ] = ()
