"""Reads an HTTP response that came in place of the upgrade: its status, headers and body."""

from __future__ import annotations

import contextlib
import time
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec.json
from websockets.http11 import Response

from satellite.realtime.errors import LinkFailure, from_status
from satellite.realtime.fields import mapping, printable, text

MAX_BODY_BYTES = 4_096
"""How much of a body that is no JSON is read; a reason in words is shorter."""


def from_response(response: Response) -> LinkFailure:
    """Why the upgrade was refused. Never raises, whatever the response holds."""
    code, kind, message = _error_in_body(response.body or b"")
    page = "html" in _header(response, "Content-Type").lower() or message.startswith("<")
    if page:
        message = ""
    location = _header(response, "Location")
    if 300 <= response.status_code < 400 and location:
        message = f"the address moved to {printable(location, 200)}"
    asked_s = _retry_after_s(response)
    return from_status(response.status_code, code, message, asked_s, kind=kind, page=page)


def _error_in_body(body: bytes | bytearray) -> tuple[str, str, str]:
    """Code, type and message of an error.

    The body is an object as OpenAI sends it, or has a text under one of the usual names (``detail``
    of FastAPI), or is no JSON.
    """
    with contextlib.suppress(msgspec.DecodeError, UnicodeError, RecursionError):
        whole = msgspec.json.decode(body, type=dict[str, Any])
        error = mapping(whole, "error") or whole
        names = ("message", "detail", "error", "error_description", "title")
        message = next((text(error, name, 1000) for name in names if text(error, name)), "")
        return text(error, "code"), text(error, "type"), message
    return "", "", printable(bytes(body[:MAX_BODY_BYTES]).decode(errors="replace"), 200)


def _retry_after_s(response: Response) -> float:
    """How long the server asks to wait: given in seconds, milliseconds or as a date.

    A date is compared with the server's own clock where it sends that, for ours may be wrong.
    """
    for name, unit_s in (("Retry-After-Ms", 0.001), ("Retry-After", 1.0)):
        with contextlib.suppress(ValueError):
            seconds = float(_header(response, name)) * unit_s
            return seconds if 0 < seconds < 1e6 else 0.0
    with contextlib.suppress(ValueError, TypeError):
        until_s = parsedate_to_datetime(_header(response, "Retry-After")).timestamp()
        now_s = time.time()
        with contextlib.suppress(ValueError, TypeError):
            now_s = parsedate_to_datetime(_header(response, "Date")).timestamp()
        return max(0.0, until_s - now_s)
    return 0.0


def _header(response: Response, name: str) -> str:
    """The first header of that name, else empty; some portals send two."""
    return next(iter(response.headers.get_all(name)), "")
