"""The session's events in the beta dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satellite.local_server.protocol.beta.shapes import FORMATS, PATHS

_NAMES = {
    "conversation.item.added": "conversation.item.created",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
}
_UNKNOWN = ("conversation.item.done", "input_audio_buffer.timeout_triggered")
"""The beta has no such events."""
_FORMAT_NAMES = {ga: beta for beta, ga in FORMATS.items()}
_PARTS = {"output_text": "text", "output_audio": "audio"}
_DEFAULT_TEMPERATURE = 0.8
_KEPT = ("id", "object", "expires_at", "model", "instructions", "tools", "tool_choice", "tracing",
         "prompt", "include")  # fmt: skip


def beta_events(event: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """One event of the GA dialect: in the beta one event, or none."""
    kind = event["type"]
    if kind in _UNKNOWN:
        return []
    made = {**event, "type": _NAMES.get(kind, kind)}
    if "session" in made:
        if made["session"]["type"] == "transcription":
            made["type"] = f"transcription_{kind}"
        made["session"] = beta_session(made["session"])
    if "item" in made:
        made["item"] = _item(made["item"])
    if "response" in made:
        made["response"] = _response(made["response"])
    if kind == "response.function_call_arguments.done":
        del made["name"]  # the item has it
    if kind == "error":
        made["error"] = {**made["error"], "param": _param(made["error"]["param"])}
    return [made]


def beta_session(session: Mapping[str, Any]) -> dict[str, Any]:
    """The session object of the beta, which is flat."""
    flat = {name: session[name] for name in _KEPT if name in session}
    for name, path in PATHS.items():
        value: Any = session
        for part in path:
            value = value.get(part, {})
        if value != {}:
            flat[name] = value
    for name in ("input_audio_format", "output_audio_format"):
        if name in flat:
            flat[name] = _FORMAT_NAMES[flat[name]["type"]]
    if "modalities" in flat:
        flat["modalities"] = _modalities(flat["modalities"])
        flat["temperature"] = session.get("temperature", _DEFAULT_TEMPERATURE)
    return flat


def _modalities(ga: Sequence[str]) -> list[str]:
    return ["text"] if "text" in ga else ["audio", "text"]


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    if "content" not in item:
        return dict(item)
    parts = [{**part, "type": _PARTS.get(part["type"], part["type"])} for part in item["content"]]
    return {**item, "content": parts}


def _response(response: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(response)
    made["modalities"] = _modalities(made.pop("output_modalities"))
    made["output"] = [_item(item) for item in made["output"]]
    output = made.pop("audio", {}).get("output")
    if output is not None:
        made["voice"] = output["voice"]
        made["output_audio_format"] = _FORMAT_NAMES[output["format"]["type"]]
    return made


def _param(param: str | None) -> str | None:
    """The beta's name of a field that only the session itself could judge."""
    for name, path in PATHS.items():
        for body in ("session", "response"):
            if param == ".".join((body, *path)):
                return f"{body}.{name}"
    return param
