"""Checks of single settings, beyond their types. Each takes a value and returns the one to keep.

They raise ``ValueError`` with words that follow the name of the setting: "must be …".
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from satellite.settings.base import Check, Secret
from satellite.settings.text import cleaned_key, stripped

OFFLINE = "offline"
"""The value of ``realtime.url`` that stands for the Realtime server on this machine."""
SCHEMES = frozenset({"ws", "wss", "http", "https"})
"""The link takes http for ws, because addresses are copied from browsers."""
RATES_HZ = (8_000, 96_000)
MAX_OUTPUT_TOKENS = 4096
PROXY_SCHEMES = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OF_THE_UPGRADE = ("sec-websocket-", "upgrade", "connection", "host", "content-", "transfer-")
"""Beginnings of the headers that make the connection."""
MAX_WORDS = 60
MAX_WORD_CHARS = 40
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?")
"""Names of hosts, in any script and with underscores."""
_FREE = frozenset({"type", "properties", "additionalProperties"})
"""A schema with these keys only has no parameters, and nothing to check."""


def matching(pattern: str, told: str) -> Check:
    """A check that the whole text matches ``pattern``; ``told`` is the message."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(told)
        return value

    return Check(check)


ID = matching(
    r"[a-zA-Z0-9_-]{1,64}",
    "must be 1 to 64 letters, digits, hyphens or underscores, for it is part of MQTT topics",
)
FUNCTION = matching(
    r"[a-zA-Z0-9_-]{1,64}", "must be 1 to 64 letters, digits, hyphens or underscores"
)
HEADER_TEXT = matching(r"[!-~]{0,200}", "must be an id without blanks")
LANGUAGE = matching(
    r"([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?", 'must be a language code such as "en" or "pt-BR"'
)
DIALECT = matching(
    r"[a-z0-9-]{1,40}", 'must be "auto" or the name of a dialect such as "ga" or "azure"'
)
TOPIC = matching(r"[^+#\x00]+", "must be an MQTT topic without + and #")
TOPIC_OR_NONE = matching(r"[^+#\x00]*", "must be an MQTT topic without + and #")
PREFIX_OF_TOPICS = matching(
    r"[^+#\x00/]+(/[^+#\x00/]+)*",
    "must be an MQTT topic without + and #, and no slash at its ends",
)


def no_shared_topic(value: str) -> str:
    if value == "turns":
        raise ValueError('must not be "turns": all satellites of a broker share that topic')
    return value


def command_line(value: str) -> str:
    if not value:
        return value
    import shlex

    try:
        shlex.split(value)
    except ValueError as error:
        raise ValueError(f"is no command line: {str(error).lower()}") from None
    return value.strip()


def plain_headers(value: dict[str, Secret]) -> dict[str, Secret]:
    for name, content in value.items():
        if not _HEADER.fullmatch(name) or name.lower().startswith(_OF_THE_UPGRADE):
            raise ValueError(f"must not hold {name!r}: it is no header that can be added")
        text = content.get_secret_value()
        if not text or not (text.isascii() and text.isprintable()):
            raise ValueError(f"must have one line of plain characters for {name}")
    return value


def proxy_address(value: Secret) -> Secret:
    address = stripped(value.get_secret_value())
    if address not in ("", "none", "off"):
        try:
            parts = urlsplit(address)
            known = parts.scheme in PROXY_SCHEMES and _is_host(parts.hostname or "")
            known = known and parts.path in ("", "/") and not parts.query and parts.port != 0
            known = known and (parts.username is None) == (parts.password is None)
        except ValueError:
            known = False
        if not known:
            raise ValueError(
                'must be an address such as "http://proxy.lan:3128" or '
                '"http://name:password@proxy.lan:3128", or "none"'
            )
    return Secret(address)


def spoken_words(value: tuple[str, ...]) -> tuple[str, ...]:
    """Words for a recogniser, each on one line; 60 of 40 characters are what it takes."""
    words = tuple(" ".join(word.split()) for word in value)
    if len(words) > MAX_WORDS or any(not 0 < len(word) <= MAX_WORD_CHARS for word in words):
        raise ValueError(
            f"must be at most {MAX_WORDS} words or names of 1 to {MAX_WORD_CHARS} characters"
        )
    return words


def possible_length(value: int | None) -> int | None:
    if value is not None and not 0 <= value <= MAX_OUTPUT_TOKENS:
        raise ValueError(f"must be 0 (the model's own limit) or at most {MAX_OUTPUT_TOKENS}")
    return value


def possible_timeout(value: int | None) -> int | None:
    if value and not 5_000 <= value <= 30_000:
        raise ValueError("must be 0 (never) or from 5000 to 30000")
    return value or None


def possible_rate(value: int) -> int:
    low, high = RATES_HZ
    if value and not low <= value <= high:
        raise ValueError(f"must be 0 (the card's own rate) or from {low} to {high} Hz")
    return value


def key_only(value: Secret) -> Secret:
    return Secret(cleaned_key(value.get_secret_value()))


def digits(value: Secret) -> Secret:
    pin = value.get_secret_value()
    if pin and not re.fullmatch(r"[0-9]{4,12}", pin):
        raise ValueError(
            "must be 4 to 12 digits, or empty for no PIN (three digits, which earlier versions "
            "took, are guessed too soon: choose a longer one)"
        )
    return value


def websocket(value: str) -> str:
    value = stripped(value)
    if value == OFFLINE:
        return value
    try:
        parts = urlsplit(value)
        known = parts.scheme in SCHEMES and _is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            f'must be "{OFFLINE}" or an address that begins with wss:// '
            "(ws:// for a server at home)"
        )
    return value


def host_alone(value: str) -> str:
    """Refuses what other programs want, such as ``mqtt://box:1883``."""
    if _is_host(value):
        return value
    name, _, port = value.rpartition(":")
    name = name.strip("[]")
    if port.isdecimal() and _is_host(name):
        raise ValueError(f"must be a name or an address alone: {name}, and mqtt.port {port}")
    also = " (mqtt.username and mqtt.password are settings of their own)" if "@" in value else ""
    raise ValueError(f"must be a name or an address alone, such as homeassistant.local{also}")


def none_or_file(value: Path | None) -> Path | None:
    if value is not None and not os.path.isfile(value):  # unlike Path's, it never raises
        raise ValueError(f"names no file: {value}")
    return value


def empty_is_none(value: object) -> object:
    return None if value == "" else value


def schema_of_object(value: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema for the parameters of a function."""
    if value.get("type", "object") != "object":
        raise ValueError('must be a JSON Schema of type "object"')
    schema = {"type": "object", "properties": {}, **value}
    if schema["properties"] or schema.keys() - _FREE:
        from satellite.core.json_schema import check_schema

        check_schema(schema)
    return schema


def web_address_or_none(value: str) -> str:
    """For the address of a server that others than the satellite connect to."""
    if value and not value.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return value


def no_name_twice(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """For tuples of things that have names."""
    names = [one.name for one in value]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"has the same name twice: {', '.join(doubled)}")
    return value


def _is_host(value: str) -> bool:
    """Whether it is a name or an address, also of version 6 with its zone (``fe80::1%eth0``)."""
    try:
        return bool(_HOST.fullmatch(value) or ipaddress.ip_address(value))
    except ValueError:
        return False
