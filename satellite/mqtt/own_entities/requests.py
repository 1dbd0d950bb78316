"""The commands that the satellite takes over MQTT, and how their payloads are read. Pure.

Publishers are not trusted: each payload is read strictly and bounded, and an invalid one becomes an
error with a sentence for its sender, never a guess.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar
from unicodedata import category

from msgspec import Struct

from satellite.core.pictures import MAX_BASE64_BYTES, PictureError, data_uri, from_base64

MAX_PAYLOAD_BYTES = 64 << 10
MAX_SAY_CHARS = 4_000
"""About five minutes of speech."""
MAX_ASK_CHARS = 1_000
"""Home Assistant's text entity sends 255 at most."""


class RequestError(ValueError):
    """The payload is invalid; the message says what is expected."""


class Request(Struct, frozen=True, tag=True):
    """A command to the satellite."""

    max_bytes: ClassVar[int] = MAX_PAYLOAD_BYTES

    @classmethod
    def read(cls, text: str) -> Request:
        """The request in the text of a message.

        Raises:
            RequestError: with what is wrong and what was expected.
        """
        raise NotImplementedError


class Mute(Request, frozen=True):
    muted: bool

    @classmethod
    def read(cls, text: str) -> Request:
        return cls(_switch(text, "the payload"))


class Volume(Request, frozen=True):
    """0 to 100."""

    percent: int

    @classmethod
    def read(cls, text: str) -> Request:
        return cls(_percent(text, "the payload"))


class Say(Request, frozen=True):
    """Text to be spoken word for word; it is never an instruction.

    ``volume`` (0 to 100) is for this text only. ``chime`` before it, ``listen`` after it: None
    where the settings decide. ``doubt`` is what may be wrong with the message, for its sender.
    """

    text: str
    volume: int | None = None
    chime: bool | None = None
    listen: bool = False
    doubt: str = ""

    @classmethod
    def read(cls, text: str) -> Request:
        """Only a JSON object has fields. Everything else is text, however much it looks like JSON:
        an announcement that is dropped is one that nobody hears."""
        fields = None
        if text.startswith("{"):
            with suppress(ValueError, RecursionError):
                fields = json.loads(text)
        if isinstance(fields, dict):
            return _say_fields(fields)
        broken = re.match(r'\{\s*"', text) is not None
        return cls(_bounded(text, MAX_SAY_CHARS), doubt=_BROKEN_JSON if broken else "")


class Ask(Request, frozen=True):
    """Text that is handled as if the user had said it; ``picture`` is a data URI, or empty."""

    max_bytes: ClassVar[int] = MAX_PAYLOAD_BYTES + MAX_BASE64_BYTES
    text: str
    picture: str = ""

    @classmethod
    def read(cls, text: str) -> Request:
        """Only a JSON object of a text and a picture is no text."""
        fields = None
        if text.startswith("{"):
            with suppress(ValueError, RecursionError):
                fields = json.loads(text)
        if not (isinstance(fields, dict) and fields.keys() == {"text", "picture"}):
            return cls(_bounded(text, MAX_ASK_CHARS))
        words, base64 = fields["text"], fields["picture"]
        if not (isinstance(words, str) and isinstance(base64, str)):
            raise RequestError('"text" and "picture" must be text in quotes')
        try:
            picture = data_uri(from_base64(base64))
        except PictureError as wrong:
            raise RequestError(f"the picture cannot be shown: it {wrong}") from None
        return cls(_bounded(words.strip(), MAX_ASK_CHARS), picture)


class Stop(Request, frozen=True):
    """Stops the reply and all that waits."""

    @classmethod
    def read(cls, text: str) -> Request:
        return _pressed(cls, text)


class Listen(Request, frozen=True):
    """The talk button: listens without a wake word. ``held``: it went down (True) or up (False);
    None for a tap."""

    held: bool | None = None

    @classmethod
    def read(cls, text: str) -> Request:
        if text.upper() in ("ON", "OFF"):
            return cls(_switch(text, "the payload"))
        if text.upper() != "PRESS":
            raise RequestError(f"expected PRESS, or ON and OFF for a hold, not {_shown(text)}")
        return cls()


def read_request(kind: type[Request], payload: bytes) -> Request:
    """The request in the payload of a message.

    Raises:
        RequestError: with what is wrong and what was expected.
    """
    if len(payload) > kind.max_bytes:
        raise RequestError(f"{len(payload)} bytes are too many; {kind.max_bytes} are allowed")
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        raise RequestError("the payload is not UTF-8 text") from None
    return kind.read(text)


def _pressed(kind: type[Request], text: str) -> Request:
    if text.upper() != "PRESS":
        raise RequestError(f"expected PRESS, not {_shown(text)}")
    return kind()


_EXAMPLE = '{"text": "Dinner is ready", "volume": 60, "chime": true, "listen": false}'
_BROKEN_JSON = (
    f"it begins like JSON but is none, so it is spoken as it stands; did you mean {_EXAMPLE}?"
)


def _say_fields(fields: Mapping[str, object]) -> Say:
    unknown = fields.keys() - {"text", "volume", "chime", "listen"}
    if unknown:
        names = ", ".join(sorted(unknown))[:100]
        raise RequestError(f"unknown: {names}; known are text, volume, chime and listen")
    if "text" not in fields:
        raise RequestError(f'"text" is missing; send plain text or {_EXAMPLE}')
    text = fields["text"]
    if isinstance(text, int | float) and not isinstance(text, bool):
        text = str(text)  # what a template made of a sensor's state
    if not isinstance(text, str):
        raise RequestError(f'"text" must be text in quotes, not {_shown(text)}')
    volume, chime, listen = fields.get("volume"), fields.get("chime"), fields.get("listen")
    return Say(
        _bounded(text.strip(), MAX_SAY_CHARS),
        volume=None if volume is None else _percent(volume, '"volume"'),
        chime=None if chime is None else _switch(chime, '"chime"'),
        listen=False if listen is None else _switch(listen, '"listen"'),
    )


def _bounded(text: str, limit: int) -> str:
    """The text with unsendable characters replaced. Raises RequestError: empty or too long."""
    if not text:
        raise RequestError("the text is empty")
    if len(text) > limit:
        raise RequestError(f"{len(text)} characters are too many; {limit} are allowed")
    if text.isprintable():
        return text
    text = "".join(c if c == "\n" or category(c) not in ("Cc", "Cs") else " " for c in text)
    if text.isspace():
        raise RequestError("the text is empty")
    return text


def _switch(value: object, what: str) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word in ("on", "true"):
        return True
    if word in ("off", "false"):
        return False
    raise RequestError(f"{what} must be ON or OFF, not {_shown(value)}")


def _percent(value: object, what: str) -> int:
    """A whole number of per cent; Home Assistant may send 30 as ``30.0``."""
    number = math.nan
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
    if not 0 <= number <= 100:
        raise RequestError(f"{what} must be a number from 0 to 100, not {_shown(value)}")
    return round(number)


def _shown(value: object) -> str:
    return repr(value)[:60]
