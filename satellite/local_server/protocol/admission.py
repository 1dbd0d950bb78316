"""Whether a client may open a session: path, key, model, dialect. Pure.

Like the original server this one accepts the upgrade and refuses afterwards, with an ``error``
event and a close code.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

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
    model: str
    transcription: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The client gets ``why`` as an error event, then ``code`` and ``reason`` as a close frame."""

    why: RequestRefused
    code: int

    @property
    def reason(self) -> str:
        return f"{self.why.kind}.{self.why.code}"


def known_path(path: str) -> bool:
    return urlsplit(path).path.rstrip("/") in PATHS


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


def admit(
    client: ClientHandshake,
    *,
    expected_key: str | None,
    need_key: bool,
    models: Collection[str] | None,
) -> Admitted | Rejected:
    """``models`` are the accepted models; ``None`` accepts any name."""
    bad_key = any(not key for key in client.keys) or (need_key and not client.keys)
    if expected_key is not None:
        given = client.keys[0] if client.keys else ""
        bad_key = bad_key or not hmac.compare_digest(given.encode(), expected_key.encode())
    if bad_key:
        return Rejected(RequestRefused("invalid_api_key", "Incorrect API key provided."), 3000)
    if client.beta:
        text = (
            "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
        )
        return Rejected(RequestRefused("beta_api_shape_disabled", text), 4000)
    query = parse_qs(urlsplit(client.path).query)
    if query.get("intent", [""])[0] == "transcription":
        return Admitted("", transcription=True)
    model = query.get("model", [""])[0]
    if not model:
        text = "You must provide a model parameter."
        return Rejected(RequestRefused("missing_model", text, "model"), 4000)
    if models is not None and model not in models:
        text = f"The model {model!r} does not exist or you do not have access to it."
        return Rejected(RequestRefused("model_not_found", text, "model"), 4000)
    return Admitted(model)
