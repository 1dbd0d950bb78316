"""One response: the order of its events, its output items and its usage. Pure.

The order is the original server's: item, part, deltas; each is closed again, also when the
response is cancelled.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from typing import Any, Literal

from satellite.local_server.interpretation import Step, ToolCall
from satellite.local_server.protocol import billing, g711
from satellite.local_server.protocol.action_list import MakeId
from satellite.local_server.protocol.buffer import BYTES_PER_MS
from satellite.local_server.protocol.history import HistoryItem

Event = dict[str, Any]
Status = Literal["completed", "cancelled", "incomplete", "failed"]


class Response:
    """Turns steps into wire events.

    ``conversation_id`` is ``None`` for an out-of-band response, whose items do not belong to the
    history. ``output`` has ``format``, ``voice`` and ``speed``. ``max_output_tokens`` limits audio
    and text together.
    """

    def __init__(
        self,
        response_id: str,
        make_id: MakeId,
        *,
        conversation_id: str | None,
        modality: Literal["audio", "text"],
        output: Mapping[str, Any],
        metadata: Mapping[str, str] | None = None,
        max_output_tokens: int | Literal["inf"] = "inf",
    ) -> None:
        self.id = response_id
        self.conversation_id = conversation_id
        self.modality = modality
        self.output = output
        self.metadata = metadata
        self.max_output_tokens = max_output_tokens
        self.items: list[HistoryItem] = []
        self.steps: list[Step] | None = None
        self.open_item: HistoryItem | None = None
        self.audio_ms = 0
        self._make_id = make_id
        self._text_chars = 0
        self._carry = b""

    @property
    def in_conversation(self) -> bool:
        return self.conversation_id is not None

    @property
    def written(self) -> billing.Tokens:
        """Output tokens so far."""
        return billing.written(self._text_chars, self.audio_ms)

    @property
    def exhausted(self) -> bool:
        return self.max_output_tokens != "inf" and sum(self.written) >= self.max_output_tokens

    def created(self) -> Event:
        return {"type": "response.created", "response": self._to_wire("in_progress")}

    # --- a spoken or written message ------------------------------------------------------------

    def open_message(self) -> tuple[HistoryItem, list[Event]]:
        part_type = "output_audio" if self.modality == "audio" else "output_text"
        item = self._new_item({"type": "message", "role": "assistant", "content": []})
        events = self._added(item)
        item.wire["content"] = [
            {"type": part_type, "transcript" if self.modality == "audio" else "text": ""}
        ]
        self.open_item = item
        events.append({"type": "response.content_part.added", **self._at(0), "part": self._part()})
        return item, events

    def text(self, words: str) -> list[Event]:
        """The next words of the open message."""
        item = self._opened()
        key = "transcript" if self.modality == "audio" else "text"
        kind = "output_audio_transcript" if self.modality == "audio" else "output_text"
        part = item.wire["content"][0]
        if not item.truncated:
            part[key] = part.get(key, "") + words
        self._text_chars += len(words)
        return [{"type": f"response.{kind}.delta", **self._at(0), "delta": words}]

    def audio(self, pcm: bytes) -> list[Event]:
        """The next audio of the open message, PCM16 mono 24 kHz. For G.711 up to 5 bytes wait for
        the next call, as three samples become one."""
        item = self._opened()
        law = self.output["format"]["type"]
        if law == "audio/pcm":
            data = pcm
        else:
            whole = self._carry + pcm
            used = len(whole) // 6 * 6
            data, self._carry = g711.encode(whole[:used], law), whole[used:]
        if not item.truncated:
            item.audio_bytes += len(pcm)
            item.output_audio += pcm
        self.audio_ms += len(pcm) // BYTES_PER_MS
        if not data:
            return []
        delta = base64.b64encode(data).decode("ascii")
        return [{"type": "response.output_audio.delta", **self._at(0), "delta": delta}]

    def close_message(self, status: Literal["completed", "incomplete"]) -> list[Event]:
        item = self._opened()
        part = self._part()
        events: list[Event] = []
        if self.modality == "audio":
            events.append({"type": "response.output_audio.done", **self._at(0)})
            events.append(
                {
                    "type": "response.output_audio_transcript.done",
                    **self._at(0),
                    "transcript": part["transcript"],
                }
            )
        else:
            done = {"type": "response.output_text.done", **self._at(0), "text": part["text"]}
            events.append(done)
        events.append({"type": "response.content_part.done", **self._at(0), "part": part})
        events += self._done(item, status)
        self.open_item = None
        return events

    # --- a function call ------------------------------------------------------------------------

    def call(self, step: ToolCall) -> tuple[HistoryItem, list[Event]]:
        arguments = json.dumps(step.arguments, ensure_ascii=False)
        call_id = self._make_id("call")
        wire = {"type": "function_call", "name": step.name, "call_id": call_id, "arguments": ""}
        item = self._new_item(wire)
        events = self._added(item)
        where = {
            "response_id": self.id,
            "item_id": item.id,
            "output_index": len(self.items) - 1,
            "call_id": call_id,
        }
        kind = "response.function_call_arguments"
        middle = -(-len(arguments) // 2)
        for piece in (arguments[:middle], arguments[middle:]):
            if piece:
                events.append({"type": f"{kind}.delta", **where, "delta": piece})
        item.wire["arguments"] = arguments
        self._text_chars += len(arguments) + len(step.name)
        events.append({"type": f"{kind}.done", **where, "name": step.name, "arguments": arguments})
        return item, events + self._done(item, "completed")

    # --- the end --------------------------------------------------------------------------------

    def done(
        self, status: Status, details: Mapping[str, Any] | None, usage: Mapping[str, Any]
    ) -> Event:
        shown = self._to_wire(status)
        if details is not None:
            shown["status_details"] = {"type": status, **details}
        shown["usage"] = usage
        return {"type": "response.done", "response": shown}

    def next_step(self) -> Step | None:
        if not self.steps:
            return None
        return self.steps.pop(0)

    # --- inside ---------------------------------------------------------------------------------

    def _opened(self) -> HistoryItem:
        assert self.open_item is not None, "no message is open"
        return self.open_item

    def _new_item(self, wire: dict[str, Any]) -> HistoryItem:
        head = {"id": self._make_id("item"), "object": "realtime.item", "status": "in_progress"}
        item = HistoryItem({**head, **wire})
        self.items.append(item)
        return item

    def _at(self, content_index: int) -> dict[str, Any]:
        return {
            "response_id": self.id,
            "item_id": self._opened().id,
            "output_index": len(self.items) - 1,
            "content_index": content_index,
        }

    def _part(self) -> dict[str, Any]:
        """The open part for part events, which call its type ``audio`` or ``text``."""
        content = self._opened().wire["content"][0]
        if self.modality == "audio":
            return {"type": "audio", "transcript": content.get("transcript", "")}
        return {"type": "text", "text": content["text"]}

    def _added(self, item: HistoryItem) -> list[Event]:
        return [
            {
                "type": "response.output_item.added",
                "response_id": self.id,
                "output_index": len(self.items) - 1,
                "item": item.to_wire(),
            },
            {"type": "conversation.item.added", "item": item.to_wire()},
        ]

    def _done(self, item: HistoryItem, status: Literal["completed", "incomplete"]) -> list[Event]:
        item.wire["status"] = status
        return [
            {"type": "conversation.item.done", "item": item.to_wire()},
            {
                "type": "response.output_item.done",
                "response_id": self.id,
                "output_index": len(self.items) - 1,
                "item": item.to_wire(),
            },
        ]

    def _to_wire(self, status: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": None,
            "output": [item.to_wire() for item in self.items],
            "conversation_id": self.conversation_id,
            "output_modalities": [self.modality],
            "max_output_tokens": self.max_output_tokens,
            "usage": None,
            "metadata": dict(self.metadata) if self.metadata is not None else None,
        }
        if self.modality == "audio":
            wanted = {"format": self.output["format"], "voice": self.voice}
            shown["audio"] = {"output": copy.deepcopy(wanted)}
        return shown

    @property
    def voice(self) -> str:
        """The name of the voice, or the id of a custom one."""
        voice = self.output["voice"]
        name: str = voice["id"] if isinstance(voice, dict) else voice
        return name
