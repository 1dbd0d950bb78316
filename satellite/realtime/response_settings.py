"""What the session says about how responses are made: their length, pace and calls.

Only what differs from the server's own default is sent, and only where the server knows the field:
one unknown field makes it refuse the whole session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from satellite.realtime.config import LinkConfig, TruncationConfig

RESPONSE_FIELDS = frozenset(
    {
        "max_output_tokens",
        "parallel_tool_calls",
        "reasoning",
        "speed",
        "tool_choice",
        "truncation",
    }
)
"""Names of the GA shape."""
SETTING_NAMES = {"reasoning": "reasoning_effort", "truncation": "truncation.type"}
"""Where the setting in the section ``realtime`` has another name than the field."""
_REASONING = frozenset({"reasoning", "parallel_tool_calls"})
"""Fields of models that reason; the others refuse the session because of them."""
_NOT_REASONING = re.compile(r"(gpt-realtime(-1\.5)?(-mini)?|gpt-4o.*)(-\d{4}-\d{2}-\d{2})?")
_CHOICES = frozenset({"auto", "none", "required"})


def response_fields(config: LinkConfig, known: frozenset[str]) -> dict[str, Any]:
    """The fields that are set, by their GA names, as far as server and model know them."""
    asked = _asked_for(config)
    return {name: value for name, value in asked.items() if name in _usable(config, known)}


def unusable_settings(config: LinkConfig, known: frozenset[str]) -> list[str]:
    """Names of the settings that a person has changed and that this server or model lacks.

    A limit of tokens is not among them: it has a default, which no person asked for.
    """
    names = set(_asked_for(config)) - _usable(config, known) - {"max_output_tokens"}
    return sorted(f"realtime.{SETTING_NAMES.get(name, name)}" for name in names)


def reasons(model: str) -> bool:
    """Whether the model may know ``reasoning``; that of an unknown model is believed."""
    return _NOT_REASONING.fullmatch(model) is None


def forces_a_call(config: LinkConfig) -> bool:
    """Whether the session makes the model call a function in each response."""
    return config.responses.tool_choice not in ("", "auto", "none")


def _usable(config: LinkConfig, known: frozenset[str]) -> frozenset[str]:
    usable = known if reasons(config.model) else known - _REASONING
    return usable if config.output == "audio" else usable - {"speed"}


def _asked_for(config: LinkConfig) -> dict[str, Any]:
    wanted = config.responses
    fields: dict[str, Any] = {}
    if wanted.max_output_tokens:
        fields["max_output_tokens"] = wanted.max_output_tokens
    if wanted.reasoning_effort:
        fields["reasoning"] = {"effort": wanted.reasoning_effort}
    if wanted.speed != 1:
        fields["speed"] = wanted.speed
    if wanted.truncation.type != "auto":
        fields["truncation"] = _truncation(wanted.truncation)
    if wanted.tool_choice not in ("", "auto"):
        fields["tool_choice"] = _tool_choice(wanted.tool_choice)
    if not wanted.parallel_tool_calls:
        fields["parallel_tool_calls"] = False
    return fields


def _tool_choice(choice: str) -> str | Mapping[str, str]:
    return choice if choice in _CHOICES else {"type": "function", "name": choice}


def _truncation(truncation: TruncationConfig) -> str | Mapping[str, Any]:
    if truncation.type != "retention_ratio":
        return truncation.type
    fields: dict[str, Any] = {
        "type": truncation.type,
        "retention_ratio": truncation.retention_ratio,
    }
    if truncation.post_instructions:
        fields["token_limits"] = {"post_instructions": truncation.post_instructions}
    return fields
