"""Client secrets: short-lived credentials, each for sessions that begin with given settings. Pure.

A program that has a key makes one (``POST /v1/realtime/client_secrets``; in the beta
``/v1/realtime/sessions``) and hands it to a page or a device, which opens sessions with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from satellite.local_server.protocol.action_list import MakeId
from satellite.local_server.protocol.beta import shapes
from satellite.local_server.protocol.beta.events import beta_session
from satellite.local_server.protocol.beta.requests import Dialect
from satellite.local_server.protocol.config import SessionConfig
from satellite.local_server.protocol.schema import (
    Check,
    Obj,
    RequestRefused,
    choice,
    integer,
    wrong_type,
)
from satellite.local_server.protocol.shapes.session import SESSION

PREFIX = "ek_"
DEFAULT_MODEL = "gpt-realtime-2.1"
"""The model of a secret's session where nobody names one. It takes every field of a session."""
MAX_SECRETS = 1_000
MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Limit of the settings of all secrets as JSON: those of a large home have 2 MiB of tools."""
_LIFETIME_S = 600
_BETA_LIFETIME_S = 60
_EXPIRES_AFTER = Obj({"anchor": choice("created_at"), "seconds": integer(10, 7200)})
_BODY = Obj({"expires_after": _EXPIRES_AFTER, "session": SESSION})
_BETA_SECRET = Obj({"expires_after": _EXPIRES_AFTER})


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """``settings`` is a checked GA ``session`` object without the model, which may be ``""``."""

    value: str
    expires_at_s: int
    model: str
    settings: Mapping[str, Any]
    transcription: bool
    dialect: Dialect | None
    size_bytes: int


class ClientSecrets:
    """All secrets that have not expired. ``now`` is Unix time."""

    def __init__(
        self, make_id: MakeId, now: Callable[[], float], models: Collection[str] | None = None
    ) -> None:
        self._make_id = make_id
        self._now = now
        self._models = models
        self._secrets: dict[str, ClientSecret] = {}

    def find(self, value: str) -> ClientSecret | None:
        self._drop_expired()
        return self._secrets.get(value)

    def create(self, body: object) -> dict[str, Any]:
        """The answer to ``POST /v1/realtime/client_secrets``. Raises ``RequestRefused``."""
        wanted = _BODY(body, "")
        seconds = wanted.get("expires_after", {}).get("seconds", _LIFETIME_S)
        secret, session = self._make(wanted.get("session", {"type": "realtime"}), seconds, None)
        return {"value": secret.value, "expires_at": secret.expires_at_s, "session": session}

    def create_beta(self, body: object) -> dict[str, Any]:
        """The answer to ``POST /v1/realtime/sessions``: a beta session with its secret."""
        return self._make_beta(body, shapes.session)

    def create_beta_transcription(self, body: object) -> dict[str, Any]:
        """The answer to ``POST /v1/realtime/transcription_sessions``."""
        return self._make_beta(body, shapes.transcription_session)

    # --- inside ---------------------------------------------------------------------------------

    def _make_beta(self, body: object, check: Check) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise wrong_type(body, "", "an object")
        asked = _BETA_SECRET(body.get("client_secret") or {}, "client_secret")
        seconds = asked.get("expires_after", {}).get("seconds", _BETA_LIFETIME_S)
        secret, session = self._make(check(body, ""), seconds, "beta")
        shown = {"value": secret.value, "expires_at": secret.expires_at_s}
        return {**beta_session(session), "client_secret": shown}

    def _make(
        self, settings: dict[str, Any], lifetime_s: int, dialect: Dialect | None
    ) -> tuple[ClientSecret, dict[str, Any]]:
        """A new secret, and its effective session."""
        model = settings.pop("model", None) or ""
        transcription = settings["type"] == "transcription"
        if model and self._models is not None and model not in self._models:
            raise no_such_model(model, "model" if dialect == "beta" else "session.model")
        config = SessionConfig(
            self._make_id("sess"), model or DEFAULT_MODEL, 0, transcription=transcription
        )
        config.update(settings, audio_was_output=False, responding=False)
        size_bytes = len(msgspec.json.encode(settings))
        self._drop_expired()
        kept_bytes = sum(secret.size_bytes for secret in self._secrets.values())
        if len(self._secrets) >= MAX_SECRETS or kept_bytes + size_bytes > MAX_KEPT_BYTES:
            raise RequestRefused("rate_limit_exceeded", "Too many client secrets have not expired.")
        secret = ClientSecret(
            self._make_id("ek"),
            int(self._now()) + lifetime_s,
            model,
            settings,
            transcription,
            dialect,
            size_bytes,
        )
        self._secrets[secret.value] = secret
        return secret, config.wire()

    def _drop_expired(self) -> None:
        now = self._now()
        for secret in list(self._secrets.values()):
            if secret.expires_at_s <= now:
                del self._secrets[secret.value]


def no_such_model(model: str, param: str) -> RequestRefused:
    text = f"The model {model!r} does not exist or you do not have access to it."
    return RequestRefused("model_not_found", text, param)
