"""Reads fields of untrusted objects: no function raises, and each bounds what it returns.

A server may leave a field out, send null, a number for a string or a megabyte for a name. None of
that may cost the event around it: a lost ``response.done`` leaves the satellite waiting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MAX_MESSAGE_BYTES = 16 * 2**20
"""A client may append 15 MiB in one event; nothing that a server sends is larger."""
MAX_ID_CHARS = 512
"""The protocol's own limit for ``event_id``; other ids are far shorter."""
MAX_MESSAGE_CHARS = 2_000
MAX_TEXT_CHARS = 1_000_000
MAX_AMOUNT = 1e9
"""More than any event can be about; bounds infinity and integers beyond all floats."""
MAX_METADATA_PAIRS = 16
"""The protocol's limit for ``metadata``."""

_NOTHING: Mapping[str, Any] = {}


def text(source: Mapping[str, Any], name: str, limit: int = MAX_ID_CHARS) -> str:
    """The string of that name, cut to ``limit``; empty when it is anything else."""
    value = source.get(name)
    return value[:limit] if isinstance(value, str) else ""


def integer(source: Mapping[str, Any], name: str) -> int:
    """The non-negative number of that name, rounded down; 0 when it is anything else."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if math.isfinite(value) and value > 0 else 0


def number(source: Mapping[str, Any], name: str) -> float:
    """The non-negative number of that name; 0 when it is anything else."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(min(value, MAX_AMOUNT)) if value > 0 else 0.0  # which NaN is not


def mapping(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; empty when it is anything else."""
    value = source.get(name)
    return value if isinstance(value, dict) else _NOTHING


def objects(source: Mapping[str, Any], name: str, limit: int) -> list[Mapping[str, Any]]:
    """The objects in the list of that name, at most ``limit``; other members are left out."""
    value = source.get(name)
    if not isinstance(value, list):
        return []
    return [member for member in value[:limit] if isinstance(member, dict)]


def string_pairs(source: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """The string pairs of the object of that name (``metadata``)."""
    pairs = [(k, v) for k, v in mapping(source, name).items() if isinstance(v, str)]
    return {key[:MAX_ID_CHARS]: value[:MAX_ID_CHARS] for key, value in pairs[:MAX_METADATA_PAIRS]}


def printable(value: str, limit: int = MAX_MESSAGE_CHARS) -> str:
    """Untrusted text as one line that is safe in a log or a terminal."""
    words = "".join(c if c.isprintable() else " " for c in value[: 2 * limit])
    return " ".join(words.split())[:limit]
