"""What a server refuses in a session object, and what can be sent instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from satellite.conversation.events.server import ServerError

OPTIONAL_FIELDS = frozenset(
    {
        "create_response",
        "eagerness",
        "idle_timeout_ms",
        "include",
        "input_audio_noise_reduction",
        "input_audio_transcription",
        "interrupt_response",
        "keywords",
        "language",
        "max_output_tokens",
        "max_response_output_tokens",
        "noise_reduction",
        "parallel_tool_calls",
        "prefix_padding_ms",
        "prompt",
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
"""Session fields that can be left out."""


def remove_refused(session: dict[str, Any], error: ServerError) -> str:
    """Removes from ``session`` what the error names, if that is optional.

    Returns a note about it for the log, empty when nothing was removed.
    """
    if error.code == "cannot_update_voice":
        path = _path_of(session, "voice")
        return _remove(session, path) if path else ""
    for path in _paths(error):
        if note := _remove(session, path):
            return note
    return ""


def wanted_shape(error: ServerError) -> str:
    """The shape that the server expects (``ga`` or ``beta``) if the error shows it, else empty."""
    text = f"{error.code} {error.message}".lower()
    missing = any(word in text for word in _MISSING)
    unknown = any(word in text for word in _UNKNOWN) and not missing and "value" not in text
    for path in _paths(error):
        name = path[-1] if path and path[:-1] in ([], ["session"]) else ""
        if unknown and name in _GA_ONLY:
            return "beta"
        if (missing and name == "type") or (unknown and name in _BETA_ONLY):
            return "ga"
    return ""


_GA_ONLY = frozenset({"type", "audio", "output_modalities"})
_BETA_ONLY = frozenset({"modalities", "input_audio_format", "output_audio_format"})
"""Session fields that only one of the shapes has."""
_UNKNOWN = (
    "unknown",
    "unexpected",
    "unrecogni",
    "extra",
    "unsupported",
    "not supported",
    "not permitted",
    "not allowed",
)
_MISSING = ("missing", "required")
"""Words in messages about a field that is not known, and about one that is missing."""


def _paths(error: ServerError) -> list[list[str]]:
    """The fields that an error names, by ``param`` or else in its message, as lists of names."""
    named = [error.param] if error.param else _NAMED.findall(error.message)
    return [[part for part in re.split(r"[.\[\]]+", name) if part] for name in named]


_NAMED = re.compile(r"(?<=['\"`])[\w.\[\]]+(?=['\"`])|\bsession\.[\w.\[\]]+")
"""A name in quotation marks, or a path that begins with ``session``."""


def _path_of(session: Mapping[str, Any], name: str) -> list[str]:
    """The path of the field ``name``, wherever it stands; empty when it is not there."""
    for key, value in session.items():
        if key == name:
            return [key]
        if isinstance(value, dict) and (rest := _path_of(value, name)):
            return [key, *rest]
    return []


def _remove(session: dict[str, Any], path: list[str]) -> str:
    """Removes the innermost optional field on a path; returns a note, empty when there is none."""
    if path[:1] == ["session"]:
        path = path[1:]
    if path[:1] == ["tools"]:
        return _remove_tool(session, path)
    chain = _walk(session, path)
    if path and not chain and path[-1] in OPTIONAL_FIELDS:  # named without its place
        chain = _walk(session, _path_of(session, path[-1]))
    if path[-2:] == ["turn_detection", "type"] and len(chain) == len(path):
        return _plain_detection(*chain[-2])
    for holder, name in reversed(chain):
        if name in OPTIONAL_FIELDS:
            del holder[name]
            return f"going without {name}"
    return ""


def _walk(session: dict[str, Any], path: list[str]) -> list[tuple[dict[str, Any], str]]:
    """Each object along the path with the name of its next field, as far as the path exists."""
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
    """Replaces the turn detection by the kind that every server has."""
    wanted = holder[name]
    if wanted.get("type") == "server_vad":
        return ""
    holder[name] = {
        "type": "server_vad",
        **{key: wanted[key] for key in ("create_response", "interrupt_response") if key in wanted},
    }
    return "taking server_vad for turn_detection.type"
