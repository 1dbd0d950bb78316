"""Every event that a client may send, and the response that it may ask for."""

from __future__ import annotations

from satellite.local_server.protocol.schema import (
    Check,
    Obj,
    array,
    boolean,
    integer,
    text,
    wrong_type,
)
from satellite.local_server.protocol.shapes.items import INPUT_ITEM, ITEM
from satellite.local_server.protocol.shapes.session import PROMPT, REASONING, SESSION
from satellite.local_server.protocol.shapes.tools import tool_choice, tools
from satellite.local_server.protocol.shapes.values import (
    AUDIO_FORMAT,
    MAX_APPEND_CHARS,
    MAX_EVENT_ID_CHARS,
    instructions,
    literal,
    max_tokens,
    metadata,
    modalities,
    voice,
)

RESPONSE = Obj(
    {
        "conversation": text(),
        "input": array(INPUT_ITEM),
        "instructions": instructions,
        "output_modalities": modalities,
        "audio": Obj({"output": Obj({"format": AUDIO_FORMAT, "voice": voice})}),
        "max_output_tokens": max_tokens,
        "metadata": metadata,
        "tools": tools,
        "tool_choice": tool_choice,
        "parallel_tool_calls": boolean,
        "reasoning": REASONING,
        "prompt": PROMPT,
    }
)

_EVENT_COMMON: dict[str, Check] = {"type": literal, "event_id": text(MAX_EVENT_ID_CHARS)}


def event(required: tuple[str, ...] = (), **fields: Check) -> Check:
    """An event with these fields besides those of every event."""
    return Obj({**_EVENT_COMMON, **fields}, required)


def _audio(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(value, path, "a base64 string")
    chunk: str = text(MAX_APPEND_CHARS)(value, path)
    return chunk


EVENTS: dict[str, Check] = {
    "session.update": event(("session",), session=SESSION),
    "input_audio_buffer.append": event(("audio",), audio=_audio),
    "input_audio_buffer.commit": event(),
    "input_audio_buffer.clear": event(),
    "conversation.item.create": event(("item",), item=ITEM, previous_item_id=text()),
    "conversation.item.retrieve": event(("item_id",), item_id=text()),
    "conversation.item.delete": event(("item_id",), item_id=text()),
    "conversation.item.truncate": event(
        ("item_id", "content_index", "audio_end_ms"),
        item_id=text(),
        content_index=integer(0),
        audio_end_ms=integer(0),
    ),
    "response.create": event(response=RESPONSE),
    "response.cancel": event(response_id=text()),
}
