"""The section ``home``: what the model may see and do."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator

from satellite.settings.base import Names, Section, from_json, listed

_FREE = frozenset({"type", "properties", "additionalProperties"})
"""A function without parameters needs no library to check them."""


class OwnFunction(Section):
    """A function of the person's own: publishes a message, may wait for an answer."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: Annotated[str, Field(min_length=1, max_length=1_000)]
    parameters: dict[str, Any] = Field(
        default_factory=lambda: {"type": "object", "properties": {}, "additionalProperties": False}
    )
    # The length stands apart: a pattern that counts to 500 takes milliseconds and a megabyte.
    topic: Annotated[str, Field(pattern=r"^[^+#\x00]+$", max_length=500)]
    payload: Annotated[str, Field(max_length=10_000)] = ""
    answer_topic: Annotated[str, Field(pattern=r"^[^+#\x00]*$", max_length=500)] = ""
    qos: Literal[0, 1, 2] = 0
    retain: bool = False
    confirm: bool = False

    @field_validator("parameters")
    @classmethod
    def _is_object_schema(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value.get("type", "object") != "object":
            raise ValueError('must be a JSON Schema of type "object"')
        schema = {"type": "object", "properties": {}, **value}
        if schema["properties"] or schema.keys() - _FREE:
            from satellite.home.functions.own_schema import check_schema

            check_schema(schema)
        return schema


class HomeSection(Section):
    """What the model may see and do in the home."""

    include: Names = ()
    exclude: Names = ()
    read_only: Names = ()
    entity_categories: Annotated[
        tuple[Literal["config", "diagnostic", "disabled"], ...], BeforeValidator(listed)
    ] = ()
    aliases: Annotated[dict[str, Names], BeforeValidator(from_json)] = Field(default_factory=dict)
    areas: Annotated[dict[str, Names], BeforeValidator(from_json)] = Field(default_factory=dict)
    # A lock, a way into the house, an alarm, water and noise: what must not move by mistake.
    confirm: Names = (
        "lock",
        "cover.garage",
        "cover.gate",
        "cover.door",
        "alarm_control_panel",
        "valve",
        "siren",
    )
    pin: SecretStr = SecretStr("")
    codes: Annotated[dict[str, SecretStr], BeforeValidator(from_json)] = Field(default_factory=dict)
    confirm_typed: bool = False
    yes_words: Names = ()
    confirm_timeout_s: Annotated[float, Field(ge=3, le=300)] = 30.0
    answer_timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 1.5
    rate_limit_per_minute: Annotated[int, Field(ge=1, le=6_000)] = 60
    functions: Annotated[tuple[OwnFunction, ...], BeforeValidator(from_json)] = ()

    @field_validator("pin")
    @classmethod
    def _is_digits(cls, value: SecretStr) -> SecretStr:
        pin = value.get_secret_value()
        if pin and not re.fullmatch(r"[0-9]{4,12}", pin):
            raise ValueError(
                "must be 4 to 12 digits, or empty for no PIN (three digits, which earlier versions "
                "took, are guessed too soon: choose a longer one)"
            )
        return value

    @field_validator("functions")
    @classmethod
    def _no_name_twice(cls, value: tuple[OwnFunction, ...]) -> tuple[OwnFunction, ...]:
        names = [function.name for function in value]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"has the same name twice: {', '.join(doubled)}")
        return value
