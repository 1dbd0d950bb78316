"""One thing written as another, for templates: JSON, base64, hexadecimal, hashes, packed bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec

from satellite.homeassistant.charsets import text_encoding
from satellite.homeassistant.inbound import NO_JSON, parse_json
from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.templates.sizes import check_nodes
from satellite.homeassistant.templates.time import NO_DEFAULT
from satellite.homeassistant.values import Value


def to_json(
    value: Value, ensure_ascii: bool = False, pretty_print: bool = False, sort_keys: bool = False
) -> str:
    if ensure_ascii:
        return json.dumps(value, indent=2 if pretty_print else None, sort_keys=sort_keys)
    data = msgspec.json.encode(
        value, enc_hook=_not_json, order="deterministic" if sort_keys else None
    )
    return (msgspec.json.format(data, indent=2) if pretty_print else data).decode()


def _not_json(value: Value) -> Value:
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def from_json(value: Value, default: Value = NO_DEFAULT) -> Value:
    if not isinstance(value, str | bytes):
        if default is not NO_DEFAULT:
            return default
        raise TypeError("from_json needs a text")
    check_nodes(value.count(",") if isinstance(value, str) else value.count(b","))
    parsed = parse_json(value)
    if parsed is NO_JSON:
        if default is NO_DEFAULT:
            raise ValueError("from_json got a text that is no JSON")
        return default
    return parsed


def base64_decode(value: Value, encoding: str | None = "utf-8") -> Value:
    data = base64.b64decode(value)
    return data.decode(text_encoding(encoding)) if encoding else data


def base64_encode(value: Value) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def from_hex(value: Value) -> bytes:
    return bytes.fromhex(value)


def hashed(name: str) -> Callable[[Any], str]:
    def run(value: Value) -> str:
        return hashlib.new(name, str(value).encode(), usedforsecurity=False).hexdigest()

    return run


def _checked_struct(layout: Value) -> str:
    if not isinstance(layout, str) or len(layout) > 32 or any(map(str.isdigit, layout[4:])):
        raise BudgetExceeded("it packs too much")
    return layout


def pack(value: Value, format_string: Value) -> bytes | None:
    try:
        return struct.pack(_checked_struct(format_string), value)
    except struct.error:
        return None


def unpack(value: Value, format_string: Value, offset: int = 0) -> Value:
    try:
        return struct.unpack_from(_checked_struct(format_string), value, offset)[0]
    except (struct.error, TypeError):
        return None


def ord_of(value: str) -> int:
    return ord(value)


def url_parameters(query: Value, doseq: bool = False) -> str:
    return urlencode(query, doseq=doseq)
