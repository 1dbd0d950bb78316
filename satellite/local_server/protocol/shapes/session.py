"""The session object: what ``session.update`` may hold."""

from __future__ import annotations

from typing import Any

from satellite.local_server.protocol.schema import (
    Obj,
    Tagged,
    anything,
    array,
    boolean,
    choice,
    decimal,
    integer,
    mapping,
    text,
)
from satellite.local_server.protocol.shapes.tools import tool_choice, tools
from satellite.local_server.protocol.shapes.values import (
    AUDIO_FORMAT,
    either,
    instructions,
    literal,
    max_tokens,
    modalities,
    voice,
)

TURN_DETECTION = Tagged(
    {
        "server_vad": Obj(
            {
                "type": literal,
                "threshold": decimal(0.0, 1.0),
                "prefix_padding_ms": integer(0, 5_000),
                "silence_duration_ms": integer(0, 10_000),
                "create_response": boolean,
                "interrupt_response": boolean,
                "idle_timeout_ms": integer(5_000, 30_000),
            },
            clears=True,
        ),
        "semantic_vad": Obj(
            {
                "type": literal,
                "eagerness": choice("low", "medium", "high", "auto"),
                "create_response": boolean,
                "interrupt_response": boolean,
            },
            clears=True,
        ),
    }
)
TRANSCRIPTION = Obj(
    {
        "model": text(128),
        "language": text(16),
        "languages": array(text(16)),
        "keywords": array(text(256)),
        "prompt": text(),
        "delay": choice("minimal", "low", "medium", "high", "xhigh"),
    }
)
NOISE_REDUCTION = Obj(
    {"type": choice("near_field", "far_field"), "strength": decimal(0.0, 1.0)}, clears=True
)
_AUDIO_INPUT = Obj(
    {
        "format": AUDIO_FORMAT,
        "noise_reduction": NOISE_REDUCTION,
        "transcription": TRANSCRIPTION,
        "turn_detection": TURN_DETECTION,
    },
    clears=True,
)
_AUDIO_OUTPUT = Obj(
    {"format": AUDIO_FORMAT, "voice": voice, "speed": decimal(0.25, 1.5)}, clears=True
)
PROMPT = Obj({"id": text(), "version": text(), "variables": mapping}, ("id",))
REASONING = Obj({"effort": choice("minimal", "low", "medium", "high", "xhigh")})
TRACING = either(
    Obj({"workflow_name": text(), "group_id": text(), "metadata": anything}), choice("auto")
)


def _truncation(value: object, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        retention = Obj(
            {
                "type": literal,
                "retention_ratio": decimal(0.0, 1.0),
                "token_limits": Obj({"post_instructions": integer(0)}),
            },
            ("retention_ratio",),
        )
        return Tagged({"retention_ratio": retention})(value, path)
    return choice("auto", "disabled")(value, path)


INCLUDE = array(choice("item.input_audio_transcription.logprobs"))
SESSION = Tagged(
    {
        "realtime": Obj(
            {
                "type": literal,
                "model": text(128),
                "output_modalities": modalities,
                "instructions": instructions,
                "audio": Obj({"input": _AUDIO_INPUT, "output": _AUDIO_OUTPUT}, clears=True),
                "include": INCLUDE,
                "max_output_tokens": max_tokens,
                "tools": tools,
                "tool_choice": tool_choice,
                "parallel_tool_calls": boolean,
                "reasoning": REASONING,
                "tracing": TRACING,
                "truncation": _truncation,
                "prompt": PROMPT,
            },
            clears=True,
        ),
        "transcription": Obj(
            {
                "type": literal,
                "audio": Obj({"input": _AUDIO_INPUT}, clears=True),
                "include": INCLUDE,
            },
            clears=True,
        ),
    }
)
