"""From an open socket to a configured session, without the socket.

``Handshake`` is told each server event and answers with the next step. One bad field has the
whole ``session.update`` refused, so a field that the server does not know is taken out, said
aloud, and the rest is sent again: a satellite without noise reduction is better than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from msgspec import Struct

from satellite.conversation.events import ServerError, ServerEvent, SessionCreated, SessionUpdated
from satellite.realtime.errors import Trouble, Verdict, from_event

MAX_UPDATES = 8
"""Each refused update costs a round trip and at least one field."""

DISPENSABLE = frozenset(
    {
        "create_response",
        "eagerness",
        "idle_timeout_ms",
        "include",
        "input_audio_noise_reduction",
        "input_audio_transcription",
        "interrupt_response",
        "language",
        "max_output_tokens",
        "noise_reduction",
        "parallel_tool_calls",
        "prefix_padding_ms",
        "reasoning",
        "silence_duration_ms",
        "speed",
        "threshold",
        "tool_choice",
        "tracing",
        "transcription",
        "truncation",
        "voice",
    }
)
"""Session fields that a conversation can do without."""


class SendUpdate(Struct, frozen=True):
    """Configure the session with this object, under this ``event_id``."""

    session: Mapping[str, Any]
    event_id: str
    note: str = ""
    """What had to be left out, for the person who asked for it."""


class Ready(Struct, frozen=True):
    """The session is what it is going to be."""

    session: SessionCreated


class Refused(Struct, frozen=True):
    """The server does not take this client; ``trouble`` says whether it ever will."""

    trouble: Trouble


Step = SendUpdate | Ready | Refused | None
"""``None`` is: wait for more."""


class Handshake:
    """One admission.

    ``wanted`` is the session object of the first update; ``prefix`` begins the ``event_id`` of
    each update, so that answers to another connection's cannot be taken for ours.
    """

    def __init__(self, wanted: Mapping[str, Any], prefix: str = "session") -> None:
        self.created: SessionCreated | None = None
        self.updates = 0
        self._wanted = wanted
        self._prefix = prefix
        self._session: dict[str, Any] = {}

    def handle(self, event: ServerEvent) -> Step:
        match event:
            case SessionCreated() if self.created is None:
                self.created = event
                self._session = deepcopy(dict(self._wanted))
                return self._update()
            case SessionCreated() if event.expires_at_s or event.session_id:
                self.created = event  # the second of two greetings knows more
            case SessionUpdated() if self.created is not None and self.updates:
                return Ready(self.created)
            case ServerError():
                return self._refused(event)
            case _:
                pass
        return None

    def _update(self, note: str = "") -> SendUpdate:
        self.updates += 1
        return SendUpdate(self._session, f"{self._prefix}-{self.updates}", note)

    def _refused(self, error: ServerError) -> Step:
        trouble = from_event(error)
        if self.created is None or trouble.verdict not in {Verdict.FAULT, Verdict.HARMLESS}:
            # Before the greeting every error means that we are not wanted.
            return Refused(_at_least_transient(trouble))
        if trouble.verdict is Verdict.HARMLESS or self._is_about_another(error):
            return None
        note = leave_out(self._session, error) if self.updates < MAX_UPDATES else ""
        if note:
            return self._update(f"{note} ({trouble.reason})")
        words = f"the session settings were refused: {trouble.reason}"
        if error.param:
            words += f", field {error.param}"
        return Refused(Trouble(Verdict.FATAL, words, trouble.code))

    def _is_about_another(self, error: ServerError) -> bool:
        """An answer to an earlier update. Servers that invent ids get the benefit of the doubt."""
        ours = error.cause.startswith(f"{self._prefix}-")
        return ours and error.cause != f"{self._prefix}-{self.updates}"


def leave_out(session: dict[str, Any], error: ServerError) -> str:
    """Takes what an error complains about out of a session object, if it can be missed.

    Returns a note for the person who wanted it, empty when nothing could be taken out.
    """
    if error.code == "cannot_update_voice":
        path = _path_of(session, "voice")
        return _remove(session, path) if path else ""
    for path in _paths(error):
        if note := _remove(session, path):
            return note
    return ""


def _at_least_transient(trouble: Trouble) -> Trouble:
    if trouble.verdict in {Verdict.FATAL, Verdict.EXPIRED, Verdict.TRANSIENT}:
        return trouble
    return Trouble(Verdict.TRANSIENT, trouble.reason, trouble.code)


def _paths(error: ServerError) -> list[list[str]]:
    """The field that an error names: by ``param``, else by a quoted name in its message."""
    named = [error.param] if error.param else re.findall(r"['\"`]([\w.\[\]]+)['\"`]", error.message)
    return [[part for part in re.split(r"[.\[\]]+", name) if part] for name in named]


def _path_of(session: Mapping[str, Any], name: str) -> list[str]:
    """Where a field of that name stands, tools aside."""
    for key, value in session.items():
        if key == name:
            return [key]
        if isinstance(value, dict) and (rest := _path_of(value, name)):
            return [key, *rest]
    return []


def _remove(session: dict[str, Any], path: list[str]) -> str:
    """Removes the innermost dispensable part of a path; says what is missing now."""
    if path[:1] == ["session"]:
        path = path[1:]
    if path[:1] == ["tools"]:
        return _remove_tool(session, path)
    chain = _walk(session, path)
    if path and not chain and path[-1] in DISPENSABLE:  # named without its place
        chain = _walk(session, _path_of(session, path[-1]))
    if path[-2:] == ["turn_detection", "type"] and len(chain) == len(path):
        return _plain_detection(*chain[-2])
    for holder, name in reversed(chain):
        if name in DISPENSABLE:
            del holder[name]
            return f"going without {name}"
    return ""


def _walk(session: dict[str, Any], path: list[str]) -> list[tuple[dict[str, Any], str]]:
    """Each object on the way along the path, with the name taken there, as far as it leads."""
    chain: list[tuple[dict[str, Any], str]] = []
    inner: Any = session
    for name in path:
        if not isinstance(inner, dict) or name not in inner:
            break
        chain.append((inner, name))
        inner = inner[name]
    return chain


def _remove_tool(session: dict[str, Any], path: list[str]) -> str:
    tools = session.get("tools")
    if len(path) < 2 or not path[1].isdigit() or not isinstance(tools, list):
        return ""
    index = int(path[1])
    if index >= len(tools):
        return ""
    tool = tools.pop(index)
    name = tool.get("name") or tool.get("function", {}).get("name", "?")
    return f"going without the function {name}"


def _plain_detection(holder: dict[str, Any], name: str) -> str:
    """Falls back to the turn detection that every server has."""
    wanted = holder[name]
    if wanted.get("type") == "server_vad":
        return ""
    holder[name] = {
        "type": "server_vad",
        **{key: wanted[key] for key in ("create_response", "interrupt_response") if key in wanted},
    }
    return "taking server_vad for turn_detection.type"
