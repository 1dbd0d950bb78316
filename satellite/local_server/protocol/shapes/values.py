"""Values that several shapes hold: names, voices, formats, limits."""

from __future__ import annotations

import re
from typing import Any

from satellite.local_server.protocol.schema import (
    Check,
    Obj,
    RequestRefused,
    Tagged,
    array,
    choice,
    integer,
    join,
    mapping,
    text,
    wrong_value,
)

MAX_APPEND_CHARS = 15 * 1024 * 1024
"""Limit of one ``input_audio_buffer.append``: 15 MiB of base64 text."""
MAX_INSTRUCTIONS_CHARS = 1024 * 1024
MAX_EVENT_ID_CHARS = 512
MAX_ITEM_ID_CHARS = 32
VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip

_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


def either(*checks: Check) -> Check:
    """The result of the first check that accepts the value, or the refusal of the last."""

    def check(value: object, path: str) -> Any:  # noqa: ANN401
        for one in checks[:-1]:
            try:
                return one(value, path)
            except RequestRefused:
                continue
        return checks[-1](value, path)

    return check


literal = text()
instructions = text(MAX_INSTRUCTIONS_CHARS)


def function_name(value: object, path: str) -> str:
    name: str = text(64)(value, path)
    if not _FUNCTION_NAME.match(name):
        raise RequestRefused(
            "invalid_value",
            f"Invalid '{path}': string does not match pattern. Expected a string that matches "
            "the pattern '^[a-zA-Z0-9_-]+$'.",
            path,
        )
    return name


def modalities(value: object, path: str) -> list[str]:
    chosen: list[str] = array(choice("text", "audio"))(value, path)
    if sorted(set(chosen)) not in (["audio"], ["text"]):
        raise RequestRefused(
            "invalid_value",
            f"Invalid modalities: {chosen!r}. Supported combinations are: ['text'] and ['audio'].",
            path,
        )
    return chosen[:1]


def metadata(value: object, path: str) -> dict[str, str]:
    pairs = mapping(value, path)
    if len(pairs) > 16:
        raise RequestRefused(
            "object_above_max_properties",
            f"Invalid '{path}': too many properties. Expected at most 16, but got {len(pairs)}.",
            path,
        )
    for key, one in pairs.items():
        text(64)(key, join(path, "<key>"))
        text(512)(one, join(path, key))
    return pairs


def max_tokens(value: object, path: str) -> int | str:
    if value == "inf":
        return "inf"
    if isinstance(value, str):
        raise wrong_value(value, path, ("inf",))
    number: int = integer(1, 4096)(value, path)
    return number


def voice(value: object, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return Obj({"id": text(128)}, ("id",))(value, path)
    name: str = text(128)(value, path)
    if name not in VOICES:
        raise wrong_value(name, path, VOICES)
    return name


AUDIO_FORMAT = Tagged(
    {
        "audio/pcm": Obj({"type": literal, "rate": integer(24_000, 24_000)}),
        "audio/pcmu": Obj({"type": literal}),
        "audio/pcma": Obj({"type": literal}),
    }
)
