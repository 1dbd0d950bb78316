"""The session and response objects of the beta dialect, and what they are in the GA dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.local_server.protocol.schema import (
    Check,
    Obj,
    RequestRefused,
    Tagged,
    anything,
    array,
    choice,
    decimal,
    text,
)
from satellite.local_server.protocol.shapes.items import input_item_of, item_of, text_part
from satellite.local_server.protocol.shapes.session import (
    INCLUDE,
    NOISE_REDUCTION,
    PROMPT,
    TRACING,
    TRANSCRIPTION,
    TURN_DETECTION,
)
from satellite.local_server.protocol.shapes.tools import tool_choice, tools
from satellite.local_server.protocol.shapes.values import (
    function_name,
    instructions,
    max_tokens,
    metadata,
    voice,
)

FORMATS = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
PATHS = {
    "modalities": ("output_modalities",),
    "max_response_output_tokens": ("max_output_tokens",),
    "input_audio_format": ("audio", "input", "format"),
    "input_audio_noise_reduction": ("audio", "input", "noise_reduction"),
    "input_audio_transcription": ("audio", "input", "transcription"),
    "turn_detection": ("audio", "input", "turn_detection"),
    "output_audio_format": ("audio", "output", "format"),
    "voice": ("audio", "output", "voice"),
    "speed": ("audio", "output", "speed"),
}
"""Fields that have another place in the GA dialect."""
BETA_ONLY = frozenset((*PATHS, "temperature"))
GA_ONLY = frozenset(
    ("audio", "output_modalities", "parallel_tool_calls", "reasoning", "truncation")
)

_SPOKEN = ["audio", "text"]
_TEMPERATURE = decimal(0.6, 1.2)


def _format(value: object, path: str) -> dict[str, Any]:
    name = choice(*FORMATS)(value, path)
    return {"type": FORMATS[name]}


def _modalities(value: object, path: str) -> list[str]:
    chosen: list[str] = array(choice("text", "audio"))(value, path)
    if sorted(set(chosen)) not in (_SPOKEN, ["text"]):
        raise RequestRefused(
            "invalid_value",
            f"Invalid modalities: {chosen!r}. Supported combinations are: ['text'] and "
            "['audio', 'text'].",
            path,
        )
    return ["audio"] if "audio" in chosen else ["text"]


def _tool_choice(value: object, path: str) -> Any:  # noqa: ANN401
    """Also a function that is named as in chat completions: ``{"function": {"name": …}}``."""
    if isinstance(value, dict) and "function" in value:
        named = Obj({"name": function_name}, ("name",))
        wanted = Obj({"type": choice("function"), "function": named}, ("type", "function"))
        name = wanted(value, path)["function"]["name"]
        return {"type": "function", "name": name}
    return tool_choice(value, path)


_LISTENING: dict[str, Check] = {
    "input_audio_format": _format,
    "input_audio_noise_reduction": NOISE_REDUCTION,
    "input_audio_transcription": TRANSCRIPTION,
    "turn_detection": TURN_DETECTION,
    "include": INCLUDE,
    "client_secret": anything,
}
_SESSION = Obj(
    {
        **_LISTENING,
        "model": text(128),
        "modalities": _modalities,
        "instructions": instructions,
        "voice": voice,
        "output_audio_format": _format,
        "speed": decimal(0.25, 1.5),
        "temperature": _TEMPERATURE,
        "max_response_output_tokens": max_tokens,
        "tools": tools,
        "tool_choice": _tool_choice,
        "tracing": TRACING,
        "prompt": PROMPT,
    },
    clears=True,
)
_TRANSCRIPTION_SESSION = Obj({**_LISTENING, "modalities": _modalities}, clears=True)
_ASSISTANT_PART = Tagged({"text": text_part})
ITEM = item_of(_ASSISTANT_PART)
_RESPONSE = Obj(
    {
        "conversation": text(),
        "input": array(input_item_of(_ASSISTANT_PART)),
        "instructions": instructions,
        "modalities": _modalities,
        "voice": voice,
        "output_audio_format": _format,
        "temperature": _TEMPERATURE,
        "max_response_output_tokens": max_tokens,
        "max_output_tokens": max_tokens,
        "metadata": metadata,
        "tools": tools,
        "tool_choice": _tool_choice,
    }
)


def session(value: object, path: str) -> dict[str, Any]:
    """A check of the beta's session object; the result is a GA one."""
    return {"type": "realtime", **_nested(_SESSION(value, path))}


def transcription_session(value: object, path: str) -> dict[str, Any]:
    accepted = _TRANSCRIPTION_SESSION(value, path)
    accepted.pop("modalities", None)
    return {"type": "transcription", **_nested(accepted)}


def response(value: object, path: str) -> dict[str, Any]:
    accepted = _nested(_RESPONSE(value, path))
    accepted.pop("temperature", None)  # nobody here draws words by chance
    if "input" in accepted:
        accepted["input"] = [ga_item(item) for item in accepted["input"]]
    return accepted


def ga_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The assistant's written words are of the type ``text`` in the beta."""
    parts = item.get("content")
    if parts is None:
        return dict(item)
    renamed = [{**part, "type": "output_text"} if part["type"] == "text" else part
               for part in parts]  # fmt: skip
    return {**item, "content": renamed}


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        if name == "client_secret":  # says how a new secret is made, and nothing of the session
            continue
        *parents, last = PATHS.get(name, (name,))
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return nested
