"""How the values that the satellite shows are written on its topics. Pure.

Nothing in here raises for a value of the right type: texts are cut and made UTF-8, and what looks
like a PIN or a code is masked in the record of a call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from satellite.core.masking import MASK, is_secret_field

MAX_TEXT_CHARS = 4_000
MAX_JSON_BYTES = 16 << 10
NO_PROBLEM = "none"
"""An empty payload would clear the retained message instead."""


def text(value: object) -> bytes:
    return cut(str(value)).encode(errors="replace")


def problem(value: str) -> bytes:
    return text(value or NO_PROBLEM)


def on_off(value: bool) -> bytes:
    return b"ON" if value else b"OFF"


def json_bytes(value: Mapping[str, Any]) -> bytes:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return written.encode(errors="replace")


def call(value: Mapping[str, Any]) -> bytes:
    """``name``, ``arguments``, ``result`` and ``ms`` of a function call, masked and bounded."""
    result = value["result"]
    shown = {**value, "arguments": masked(value["arguments"]), "result": masked(result)}
    payload = json_bytes(shown)
    if len(payload) <= MAX_JSON_BYTES:
        return payload
    status = str(result.get("status", ""))
    return json_bytes(
        {**shown, "arguments": {}, "result": {"status": status, "message": "too long"}}
    )


def masked(value: object) -> object:
    """JSON data without what looks like a PIN, a code or a password."""
    if isinstance(value, Mapping):
        return {
            key: MASK if is_secret_field(key) and item else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def cut(value: str) -> str:
    return value if len(value) <= MAX_TEXT_CHARS else value[: MAX_TEXT_CHARS - 1] + "…"
