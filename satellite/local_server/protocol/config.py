"""The configuration of one session, as the ``session`` object of the API, and its updates.

Only fields that are present change; null resets a field to its default. A refused update changes
nothing, not even its valid fields.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from satellite.local_server.protocol.schema import RequestRefused

DEFAULT_INSTRUCTIONS = (
    "You are a voice satellite at home. Do what is asked with the functions given and say briefly "
    "what happened."
)
_SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
_SEMANTIC_VAD: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_NOISE_REDUCTION: dict[str, Any] = {"strength": 1}
_EAGER_SILENCE_MS = {"high": 300, "medium": 500, "auto": 500, "low": 900}
"""The pause that ends a turn. This server does not judge whether a sentence is complete, so that
``eagerness`` only chooses the pause."""
_PCM = {"type": "audio/pcm", "rate": 24_000}
_OLD_FAMILY = ("gpt-realtime-mini", "gpt-realtime-1.5", "gpt-realtime-2025")


@dataclass(frozen=True, slots=True)
class TurnDetection:
    """When speech begins and ends; names and units of the API."""

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    idle_timeout_ms: int | None = None
    create_response: bool = True
    interrupt_response: bool = True


def can_reason(model: str) -> bool:
    """Whether the model takes ``reasoning``; for older models the update is refused."""
    return model != "gpt-realtime" and not model.startswith(_OLD_FAMILY)


class SessionConfig:
    """The effective session object."""

    def __init__(
        self, session_id: str, model: str, expires_at_s: int, *, transcription: bool = False
    ) -> None:
        self._defaults = _defaults(model, transcription=transcription) | {
            "id": session_id,
            "expires_at": expires_at_s,
        }
        self._session = copy.deepcopy(self._defaults)

    def wire(self) -> dict[str, Any]:
        """A copy of the session object as ``session.updated`` shows it."""
        return copy.deepcopy(self._session)

    @property
    def transcription_only(self) -> bool:
        return bool(self._session["type"] == "transcription")

    @property
    def model(self) -> str:
        return str(self._session.get("model", ""))

    @property
    def id(self) -> str:
        return str(self._session["id"])

    @property
    def input_format(self) -> str:
        return str(self._session["audio"]["input"]["format"]["type"])

    @property
    def transcribes(self) -> bool:
        return self._session["audio"]["input"]["transcription"] is not None

    @property
    def noise_level(self) -> int:
        """Noise reduction of the client's audio, in the levels of ``ConfigureDetection``."""
        wire = self._session["audio"]["input"]["noise_reduction"]
        if wire is None or not wire["strength"]:
            return 0
        return 1 if wire.get("type") == "near_field" else 2

    @property
    def output(self) -> dict[str, Any]:
        """``format``, ``voice`` and ``speed`` of the replies."""
        return dict(self._session["audio"].get("output", {}))

    def get(self, name: str) -> Any:  # noqa: ANN401 - the wire's own values
        return self._session.get(name)

    @property
    def turn_detection(self) -> TurnDetection | None:
        wire = self._session["audio"]["input"]["turn_detection"]
        if wire is None:
            return None
        if wire["type"] == "semantic_vad":
            return TurnDetection(
                silence_duration_ms=_EAGER_SILENCE_MS[wire["eagerness"]],
                create_response=wire["create_response"],
                interrupt_response=wire["interrupt_response"],
            )
        return TurnDetection(
            threshold=float(wire["threshold"]),
            prefix_padding_ms=wire["prefix_padding_ms"],
            silence_duration_ms=wire["silence_duration_ms"],
            idle_timeout_ms=wire["idle_timeout_ms"],
            create_response=wire["create_response"],
            interrupt_response=wire["interrupt_response"],
        )

    def update(self, changes: dict[str, Any], *, audio_was_output: bool, responding: bool) -> None:
        """Applies a checked ``session`` object, or raises ``RequestRefused`` and changes nothing.

        ``audio_was_output`` locks the voice, ``responding`` the speed.
        """
        session = self._changed(changes)
        self._refuse_fixed(changes, session)
        self._refuse_for_now(session, audio_was_output=audio_was_output, responding=responding)
        self._session = session

    def refuse_other_type(self, changes: object) -> None:
        """Refuses to change the session's type; checked before the other fields."""
        wanted = changes.get("type") if isinstance(changes, dict) else None
        if wanted in ("realtime", "transcription") and wanted != self._session["type"]:
            raise RequestRefused(
                "invalid_value",
                f"Passing a {wanted} session update to a {self._session['type']} session is not "
                "allowed.",
                "session.type",
            )

    def _changed(self, changes: dict[str, Any]) -> dict[str, Any]:
        session, defaults = self.wire(), copy.deepcopy(self._defaults)
        for name, value in changes.items():
            if value is not None and name != "audio":
                session[name] = value
            elif value is None and name in defaults:
                session[name] = defaults[name]
            elif value is None:
                session.pop(name, None)
        for part, fields in (changes.get("audio") or {}).items():
            if fields is None:
                session["audio"][part] = defaults["audio"][part]
            for name, value in (fields or {}).items():
                known = session["audio"][part]
                known[name] = _merged(known[name], name, value, defaults["audio"][part][name])
        return session

    def _refuse_fixed(self, changes: dict[str, Any], session: dict[str, Any]) -> None:
        if session.get("model", "") != self.model:
            raise RequestRefused(
                "invalid_value",
                f"The model of a session cannot be changed; it is {self.model!r}.",
                "session.model",
            )
        for name in ("reasoning", "parallel_tool_calls"):
            if changes.get(name) is not None and not can_reason(self.model):
                raise RequestRefused(
                    "invalid_value",
                    f"'{name}' is not supported with the model {self.model!r}.",
                    f"session.{name}",
                )
        tracing = self._session.get("tracing")
        if tracing is not None and session["tracing"] != tracing:
            raise RequestRefused(
                "cannot_update_tracing",
                "Tracing cannot be changed once it is enabled.",
                "session.tracing",
            )

    def _refuse_for_now(
        self, session: dict[str, Any], *, audio_was_output: bool, responding: bool
    ) -> None:
        current, wanted = self.output, session["audio"].get("output", {})
        if audio_was_output and wanted.get("voice") != current.get("voice"):
            raise RequestRefused(
                "cannot_update_voice",
                "Cannot update a conversation's voice if assistant audio is present.",
                "session.audio.output.voice",
            )
        if responding and wanted.get("speed") != current.get("speed"):
            raise RequestRefused(
                "cannot_update_speed",
                "The speed can only be changed between responses.",
                "session.audio.output.speed",
            )


def _defaults(model: str, *, transcription: bool) -> dict[str, Any]:
    """A new session object without its id and its expiry."""
    listening: dict[str, Any] = {
        "format": dict(_PCM),
        "transcription": None,
        "noise_reduction": None,
        "turn_detection": dict(_SERVER_VAD),
    }
    if transcription:
        return {
            "type": "transcription",
            "object": "realtime.transcription_session",
            "include": None,
            "audio": {"input": listening},
        }
    return {
        "type": "realtime",
        "object": "realtime.session",
        "include": None,
        "audio": {
            "input": listening,
            "output": {"format": dict(_PCM), "voice": "alloy", "speed": 1.0},
        },
        "model": model,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "truncation": "auto",
        "tracing": None,
        "prompt": None,
    }


def _merged(current: Any, name: str, value: Any, default: Any) -> Any:  # noqa: ANN401
    """One field of ``audio.input`` or ``audio.output`` after an update."""
    if value is None:
        # For turn detection null does not mean the default, but none.
        return None if name == "turn_detection" else default
    if name == "turn_detection":
        kind = value["type"]
        defaults = _SEMANTIC_VAD if kind == "semantic_vad" else _SERVER_VAD
        base = current if current is not None and current["type"] == kind else defaults
        return {**base, **_cleared(value, defaults)}
    if name == "format" and value["type"] == "audio/pcm":
        return {**_PCM, **value}
    if name == "noise_reduction":
        merged = {**_NOISE_REDUCTION, **(current or {}), **_cleared(value, _NOISE_REDUCTION)}
        return {field: one for field, one in merged.items() if one is not None}
    return copy.deepcopy(value)


def _cleared(fields: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    return {name: defaults.get(name) if value is None else value for name, value in fields.items()}
