"""The shape of everything a client may send: sessions, items, responses, events.

Source: the GA schema of the Realtime API (its August 2026 edition) and what the original server
was seen to refuse.
"""

from __future__ import annotations

import re
from typing import Any

from satellite.offline.protocol.schema import (
    Check,
    Obj,
    Refused,
    Tagged,
    anything,
    array,
    boolean,
    choice,
    decimal,
    integer,
    join,
    mapping,
    nullable,
    text,
    wrong_type,
    wrong_value,
)

MAX_APPEND_CHARS = 15 * 1024 * 1024
"""Limit of one ``input_audio_buffer.append``: 15 MiB of base64 text."""
MAX_EVENT_ID_CHARS = 512
MAX_ITEM_ID_CHARS = 32
VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip

_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


def _either(*checks: Check) -> Check:
    """The first check that accepts wins; the last one's refusal is told."""

    def check(value: object, path: str) -> Any:  # noqa: ANN401
        for one in checks[:-1]:
            try:
                return one(value, path)
            except Refused:
                continue
        return checks[-1](value, path)

    return check


_literal = text()


def _function_name(value: object, path: str) -> str:
    name: str = text(64)(value, path)
    if not _FUNCTION_NAME.match(name):
        raise Refused(
            "invalid_value",
            f"Invalid '{path}': string does not match pattern. Expected a string that matches "
            "the pattern '^[a-zA-Z0-9_-]+$'.",
            path,
        )
    return name


def _modalities(value: object, path: str) -> list[str]:
    chosen: list[str] = array(choice("text", "audio"))(value, path)
    if sorted(set(chosen)) not in (["audio"], ["text"]):
        raise Refused(
            "invalid_value",
            f"Invalid modalities: {chosen!r}. Supported combinations are: ['text'] and ['audio'].",
            path,
        )
    return chosen[:1]


def _metadata(value: object, path: str) -> dict[str, str]:
    pairs = mapping(value, path)
    if len(pairs) > 16:
        raise Refused(
            "object_above_max_properties",
            f"Invalid '{path}': too many properties. Expected at most 16, but got {len(pairs)}.",
            path,
        )
    for key, one in pairs.items():
        text(64)(key, join(path, "<key>"))
        text(512)(one, join(path, key))
    return pairs


def _max_tokens(value: object, path: str) -> int | str:
    if value == "inf":
        return "inf"
    if isinstance(value, str):
        raise wrong_value(value, path, ("inf",))
    number: int = integer(1, 4096)(value, path)
    return number


def _voice(value: object, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return Obj({"id": text(128)}, ("id",))(value, path)
    name: str = text(128)(value, path)
    if name not in VOICES:
        raise wrong_value(name, path, VOICES)
    return name


def _parameters(value: object, path: str) -> dict[str, Any]:
    return mapping(value, path)


AUDIO_FORMAT = Tagged(
    {
        "audio/pcm": Obj({"type": _literal, "rate": integer(24_000, 24_000)}),
        "audio/pcmu": Obj({"type": _literal}),
        "audio/pcma": Obj({"type": _literal}),
    }
)
_TURN_DETECTION = Tagged(
    {
        "server_vad": Obj(
            {
                "type": _literal,
                "threshold": decimal(0.0, 1.0),
                "prefix_padding_ms": integer(0, 5_000),
                "silence_duration_ms": integer(0, 10_000),
                "create_response": boolean,
                "interrupt_response": boolean,
                "idle_timeout_ms": nullable(integer(5_000, 30_000)),
            }
        ),
        "semantic_vad": Obj(
            {
                "type": _literal,
                "eagerness": choice("low", "medium", "high", "auto"),
                "create_response": boolean,
                "interrupt_response": boolean,
            }
        ),
    }
)
_TRANSCRIPTION = Obj(
    {
        "model": text(128),
        "language": text(16),
        "languages": array(text(16)),
        "keywords": array(text(256)),
        "prompt": text(),
        "delay": choice("minimal", "low", "medium", "high", "xhigh"),
    }
)
_NOISE_REDUCTION = Obj({"type": choice("near_field", "far_field"), "strength": decimal(0.0, 1.0)})
_AUDIO_INPUT = Obj(
    {
        "format": AUDIO_FORMAT,
        "noise_reduction": nullable(_NOISE_REDUCTION),
        "transcription": nullable(_TRANSCRIPTION),
        "turn_detection": nullable(_TURN_DETECTION),
    }
)
_AUDIO_OUTPUT = Obj({"format": AUDIO_FORMAT, "voice": _voice, "speed": decimal(0.25, 1.5)})
_MCP_FILTER = Obj({"read_only": boolean, "tool_names": array(text())})
_TOOL = Tagged(
    {
        "function": Obj(
            {
                "type": _literal,
                "name": _function_name,
                "description": nullable(text()),
                "parameters": nullable(_parameters),
            },
            ("name",),
        ),
        "mcp": Obj(
            {
                "type": _literal,
                "server_label": text(),
                "server_url": text(),
                "connector_id": text(),
                "tunnel_id": text(),
                "authorization": text(),
                "headers": nullable(mapping),
                "server_description": text(),
                "allowed_tools": nullable(_either(array(text()), _MCP_FILTER)),
                "allowed_callers": nullable(array(choice("direct", "programmatic"))),
                "require_approval": nullable(
                    _either(
                        choice("always", "never"),
                        Obj({"always": _MCP_FILTER, "never": _MCP_FILTER}),
                    )
                ),
                "defer_loading": boolean,
            },
            ("server_label",),
        ),
    }
)
_NAMED_TOOL = Tagged(
    {
        "function": Obj({"type": _literal, "name": _function_name}, ("name",)),
        "mcp": Obj(
            {"type": _literal, "server_label": text(), "name": nullable(text())},
            ("server_label",),
        ),
    }
)


def _tool_choice(value: object, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return _NAMED_TOOL(value, path)
    return choice("auto", "none", "required")(value, path)


_PROMPT = nullable(
    Obj({"id": text(), "version": nullable(text()), "variables": nullable(mapping)}, ("id",))
)
_REASONING = nullable(Obj({"effort": choice("minimal", "low", "medium", "high", "xhigh")}))
_TRACING = nullable(
    _either(
        Obj({"workflow_name": text(), "group_id": text(), "metadata": anything}), choice("auto")
    )
)


def _truncation(value: object, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        retention = Obj(
            {
                "type": _literal,
                "retention_ratio": decimal(0.0, 1.0),
                "token_limits": nullable(Obj({"post_instructions": integer(0)})),
            },
            ("retention_ratio",),
        )
        return Tagged({"retention_ratio": retention})(value, path)
    return choice("auto", "disabled")(value, path)


_INCLUDE = nullable(array(choice("item.input_audio_transcription.logprobs")))
SESSION = Tagged(
    {
        "realtime": Obj(
            {
                "type": _literal,
                "model": text(128),
                "output_modalities": _modalities,
                "instructions": text(),
                "audio": Obj({"input": _AUDIO_INPUT, "output": _AUDIO_OUTPUT}),
                "include": _INCLUDE,
                "max_output_tokens": _max_tokens,
                "tools": array(_TOOL),
                "tool_choice": _tool_choice,
                "parallel_tool_calls": boolean,
                "reasoning": _REASONING,
                "tracing": _TRACING,
                "truncation": _truncation,
                "prompt": _PROMPT,
            }
        ),
        "transcription": Obj(
            {"type": _literal, "audio": Obj({"input": _AUDIO_INPUT}), "include": _INCLUDE}
        ),
    }
)

_ITEM_COMMON: dict[str, Check] = {
    "id": text(MAX_ITEM_ID_CHARS),
    "type": _literal,
    "object": choice("realtime.item"),
    "status": choice("completed", "incomplete", "in_progress"),
}


def _image_url(value: object, path: str) -> str:
    url: str = text()(value, path)
    if not url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
        raise Refused("invalid_value", f"Invalid '{path}': expected a PNG or JPEG data URI.", path)
    return url


_INPUT_TEXT = Obj({"type": _literal, "text": text()}, ("text",))
_USER_PARTS = Tagged(
    {
        "input_text": _INPUT_TEXT,
        "input_audio": Obj(
            {
                "type": _literal,
                "audio": text(MAX_APPEND_CHARS),
                "transcript": nullable(text()),
            }
        ),
        "input_image": Obj(
            {
                "type": _literal,
                "image_url": _image_url,
                "detail": choice("auto", "low", "high"),
            },
            ("image_url",),
        ),
    }
)
_ASSISTANT_PARTS = Tagged({"output_text": Obj({"type": _literal, "text": text()}, ("text",))})


def _message(parts: Check) -> Check:
    return Obj({**_ITEM_COMMON, "role": _literal, "content": array(parts)}, ("content",))


_MESSAGE = Tagged(
    {
        "system": _message(Tagged({"input_text": _INPUT_TEXT})),
        "user": _message(_USER_PARTS),
        "assistant": _message(_ASSISTANT_PARTS),
    },
    tag="role",
)
_FUNCTION_CALL = Obj(
    {**_ITEM_COMMON, "call_id": text(64), "name": _function_name, "arguments": text()},
    ("name", "arguments"),
)
_FUNCTION_CALL_OUTPUT = Obj(
    {**_ITEM_COMMON, "call_id": text(64), "output": text()}, ("call_id", "output")
)
_MCP_COMMON: dict[str, Check] = {**_ITEM_COMMON, "server_label": text()}
_ITEM_VARIANTS: dict[str, Check] = {
    "message": _MESSAGE,
    "function_call": _FUNCTION_CALL,
    "function_call_output": _FUNCTION_CALL_OUTPUT,
    "mcp_list_tools": Obj({**_MCP_COMMON, "tools": array(mapping)}, ("server_label", "tools")),
    "mcp_call": Obj(
        {
            **_MCP_COMMON,
            "name": text(),
            "arguments": text(),
            "approval_request_id": nullable(text()),
            "output": nullable(text()),
            "error": nullable(mapping),
        },
        ("id", "name", "arguments", "server_label"),
    ),
    "mcp_approval_request": Obj(
        {**_MCP_COMMON, "name": text(), "arguments": text()},
        ("id", "name", "arguments", "server_label"),
    ),
    "mcp_approval_response": Obj(
        {
            **_ITEM_COMMON,
            "approval_request_id": text(),
            "approve": boolean,
            "reason": nullable(text()),
        },
        ("id", "approval_request_id", "approve"),
    ),
}
ITEM = Tagged(_ITEM_VARIANTS)
_INPUT_ITEM = Tagged(
    {**_ITEM_VARIANTS, "item_reference": Obj({"type": _literal, "id": text()}, ("id",))}
)
RESPONSE = Obj(
    {
        "conversation": text(),
        "input": array(_INPUT_ITEM),
        "instructions": text(),
        "output_modalities": _modalities,
        "audio": Obj({"output": Obj({"format": AUDIO_FORMAT, "voice": _voice})}),
        "max_output_tokens": _max_tokens,
        "metadata": nullable(_metadata),
        "tools": array(_TOOL),
        "tool_choice": _tool_choice,
        "parallel_tool_calls": boolean,
        "reasoning": _REASONING,
        "prompt": _PROMPT,
    }
)

_EVENT_COMMON: dict[str, Check] = {"type": _literal, "event_id": text(MAX_EVENT_ID_CHARS)}


def _event(required: tuple[str, ...] = (), **fields: Check) -> Check:
    return Obj({**_EVENT_COMMON, **fields}, required)


def _audio(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(value, path, "a base64 string")
    chunk: str = text(MAX_APPEND_CHARS)(value, path)
    return chunk


EVENTS: dict[str, Check] = {
    "session.update": _event(("session",), session=SESSION),
    "input_audio_buffer.append": _event(("audio",), audio=_audio),
    "input_audio_buffer.commit": _event(),
    "input_audio_buffer.clear": _event(),
    "conversation.item.create": _event(("item",), item=ITEM, previous_item_id=nullable(text())),
    "conversation.item.retrieve": _event(("item_id",), item_id=text()),
    "conversation.item.delete": _event(("item_id",), item_id=text()),
    "conversation.item.truncate": _event(
        ("item_id", "content_index", "audio_end_ms"),
        item_id=text(),
        content_index=integer(0),
        audio_end_ms=integer(0),
    ),
    "response.create": _event(response=nullable(RESPONSE)),
    "response.cancel": _event(response_id=nullable(text())),
}
