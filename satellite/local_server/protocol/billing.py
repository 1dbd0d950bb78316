"""Estimated token usage of a response. Pure.

Nothing is charged here, but clients that count costs expect ``usage`` and ``rate_limits``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satellite.local_server.protocol.buffer import BYTES_PER_MS
from satellite.local_server.protocol.history import HistoryItem

CHARS_PER_TOKEN = 4
AUDIO_IN_MS_PER_TOKEN = 100
AUDIO_OUT_MS_PER_TOKEN = 50
_LIMIT = 1_000_000

Tokens = tuple[int, int]
"""Text tokens and audio tokens."""


def read(
    items: Sequence[HistoryItem], instructions: str, tools: Sequence[Mapping[str, Any]]
) -> Tokens:
    """Input tokens of a response."""
    chars = len(instructions) + sum(len(str(tool)) for tool in tools)
    audio_ms = 0
    for item in items:
        wire = item.wire
        chars += len(wire.get("arguments", "")) + len(wire.get("output", ""))
        for part in wire.get("content", ()):
            if part["type"] == "input_audio":
                audio_ms += item.audio_bytes // BYTES_PER_MS
            else:
                chars += len(part.get("text") or part.get("transcript") or "")
    return -(-chars // CHARS_PER_TOKEN), audio_ms // AUDIO_IN_MS_PER_TOKEN


def written(chars: int, audio_ms: int) -> Tokens:
    """Output tokens of a response."""
    return -(-chars // CHARS_PER_TOKEN), audio_ms // AUDIO_OUT_MS_PER_TOKEN


def usage(seen: Tokens, read_: Tokens, written_: Tokens) -> dict[str, Any]:
    """The ``usage`` object; input that the response before had (``seen``) counts as cached."""
    cached_text, cached_audio = min(read_[0], seen[0]), min(read_[1], seen[1])
    return {
        "total_tokens": sum(read_) + sum(written_),
        "input_tokens": sum(read_),
        "output_tokens": sum(written_),
        "input_token_details": {
            "text_tokens": read_[0],
            "audio_tokens": read_[1],
            "image_tokens": 0,
            "cached_tokens": cached_text + cached_audio,
            "cached_tokens_details": {
                "text_tokens": cached_text,
                "audio_tokens": cached_audio,
                "image_tokens": 0,
            },
        },
        "output_token_details": {"text_tokens": written_[0], "audio_tokens": written_[1]},
    }


def rate_limits(used: int) -> list[dict[str, Any]]:
    """The ``rate_limits`` of an event. This server has no limit, so the figures mean nothing."""
    remaining = _LIMIT - min(used, _LIMIT)
    return [{"name": "tokens", "limit": _LIMIT, "remaining": remaining, "reset_seconds": 0.0}]
