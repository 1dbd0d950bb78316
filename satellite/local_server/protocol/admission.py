"""Whether a client may open a session: path, key, model, dialect. Pure.

Like the original server this one accepts the upgrade and refuses afterwards, with an ``error``
event and a close code. The original has switched the beta dialect off; here it is still spoken, so
that older clients can be used and tried.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from satellite.local_server.protocol.beta.requests import Dialect
from satellite.local_server.protocol.client_secrets import (
    DEFAULT_MODEL,
    PREFIX,
    ClientSecret,
    no_such_model,
)
from satellite.local_server.protocol.schema import RequestRefused

PATHS = ("/v1/realtime", "/openai/v1/realtime")
_KEY_TOKEN = "openai-insecure-api-key."


@dataclass(frozen=True, slots=True)
class ClientHandshake:
    """The client's handshake. ``keys`` are its credentials, usually one; ``beta``: it asks for the
    Beta API."""

    path: str
    keys: Sequence[str] = ()
    beta: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the session begins with; the dialect is ``None`` where the handshake shows none."""

    model: str
    transcription: bool = False
    dialect: Dialect | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The client gets ``why`` as an error event, then ``code`` and ``reason`` as a close frame."""

    why: RequestRefused
    code: int

    @property
    def reason(self) -> str:
        return f"{self.why.kind}.{self.why.code}"


def known_path(path: str) -> bool:
    return path.partition("?")[0].rstrip("/") in PATHS


def read_handshake(
    path: str, authorization: str | None, api_key: str | None, beta: str | None, offered: str
) -> ClientHandshake:
    """``offered`` are the subprotocols; the other headers are ``None`` where they are absent."""
    tokens = [token.strip() for token in offered.split(",")]
    keys = [token.removeprefix(_KEY_TOKEN) for token in tokens if token.startswith(_KEY_TOKEN)]
    if authorization is not None:
        scheme, _, secret = authorization.partition(" ")
        keys.append(secret.strip() if scheme.lower() == "bearer" else "")
    if api_key is not None:
        keys.append(api_key.strip())
    old = "realtime=" in (beta or "") or "openai-beta.realtime-v1" in tokens
    return ClientHandshake(path, keys, old)


def is_good_key(keys: Sequence[str], *, expected_key: str | None, need_key: bool) -> bool:
    """Whether a client may use the server with these credentials.

    A client secret is no key: it opens sessions, until it expires, and nothing else.
    """
    if any(not key or key.startswith(PREFIX) for key in keys) or (need_key and not keys):
        return False
    given = keys[0] if keys else ""
    return expected_key is None or hmac.compare_digest(given.encode(), expected_key.encode())


def admit(
    client: ClientHandshake,
    *,
    expected_key: str | None,
    need_key: bool,
    models: Collection[str] | None,
    find_secret: Callable[[str], ClientSecret | None] = lambda _: None,
) -> Admitted | Rejected:
    """``models`` are the accepted models; ``None`` accepts any name. ``find_secret`` knows the
    client secrets that have not expired."""
    secret = find_secret(client.keys[0]) if client.keys else None
    if secret is None and not is_good_key(
        client.keys, expected_key=expected_key, need_key=need_key
    ):
        return Rejected(RequestRefused("invalid_api_key", "Incorrect API key provided."), 3000)
    query = parse_qs(urlsplit(client.path).query)
    model = query.get("model", [""])[0]
    dialect: Dialect | None = "beta" if client.beta else None
    if secret is not None:
        own = secret.model or model or DEFAULT_MODEL
        return Admitted(own, secret.transcription, dialect or secret.dialect, secret.settings)
    if query.get("intent", [""])[0] == "transcription":
        return Admitted("", transcription=True, dialect=dialect)
    if not model:
        text = "You must provide a model parameter."
        return Rejected(RequestRefused("missing_model", text, "model"), 4000)
    if models is not None and model not in models:
        return Rejected(no_such_model(model, "model"), 4000)
    return Admitted(model, dialect=dialect)
