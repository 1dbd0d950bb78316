"""The items of a session: the client's requests about them, and their transcription. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.local_server.interpretation import UserMessage
from satellite.local_server.protocol.action_list import ActionList
from satellite.local_server.protocol.actions import Recognise
from satellite.local_server.protocol.buffer import BYTES_PER_MS
from satellite.local_server.protocol.config import SessionConfig
from satellite.local_server.protocol.history import History, HistoryItem
from satellite.local_server.protocol.incoming import sound_of
from satellite.local_server.protocol.schema import RequestRefused

Event = Mapping[str, Any]


class Items:
    """``history`` has the items that belong to the conversation."""

    def __init__(self, config: SessionConfig, out: ActionList) -> None:
        self.history = History()
        self._config = config
        self._out = out
        self._recognising: dict[str, HistoryItem] = {}

    # --- what the client asks for ---------------------------------------------------------------

    def create(self, event: Event) -> None:
        wire = event["item"]
        if wire["type"] == "function_call_output" and not self.history.has_call(wire["call_id"]):
            raise RequestRefused(
                "invalid_tool_call_id",
                f"Tool call ID {wire['call_id']!r} not found in conversation.",
                "item.call_id",
            )
        item = self._made(wire, "item")
        self._join(item, event.get("previous_item_id"))
        self._recognise(item)

    def retrieve(self, event: Event) -> None:
        item = self.history.retrieve(event["item_id"])
        self._out.emit("conversation.item.retrieved", item=item.to_wire(with_audio=True))

    def delete(self, event: Event) -> None:
        self.history.delete(event["item_id"])
        self._out.emit("conversation.item.deleted", item_id=event["item_id"])

    def truncate(self, event: Event) -> None:
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self.history.truncate(**where)
        self._out.emit("conversation.item.truncated", **where)

    # --- what others bring ----------------------------------------------------------------------

    def commit(self, item_id: str, pcm: bytes, known: UserMessage | None = None) -> None:
        """Makes an item of the user's audio; with ``known`` it is not recognised."""
        item = HistoryItem(
            {
                "id": item_id,
                "object": "realtime.item",
                "type": "message",
                "status": "completed",
                "role": "user",
                "content": [{"type": "input_audio", "transcript": None}],
            },
            input_audio=pcm,
            audio_bytes=len(pcm),
            waiting_for_text=known is None,
            heard=known,
        )
        self._join(item, None, event="input_audio_buffer.committed")
        self._recognise(item)

    def add_out_of_band(self, wire: Mapping[str, Any], path: str) -> HistoryItem:
        """An item for one response only; ``path`` is its place in the client's event."""
        item = self._made(wire, path)
        self._recognise(item)
        return item

    def transcribed(self, item_id: str, heard: UserMessage | None, failure: str) -> bool:
        """Takes the recogniser's result; false if the item does not wait for one."""
        item = self._recognising.pop(item_id, None)
        if item is None:
            return False
        item.waiting_for_text = False
        item.heard = heard or UserMessage("user", "", understood=False, unheard=True)
        text = item.heard.text if item.heard.understood else ""
        part = next((p for p in item.wire["content"] if p["type"] == "input_audio"), None)
        if part is not None:
            part["transcript"] = text
        if self._config.transcribes and self.history.get(item_id) is item:
            self._tell_transcript(item, text, failure)
        return True

    # --- inside ---------------------------------------------------------------------------------

    def _made(self, wire: Mapping[str, Any], path: str) -> HistoryItem:
        """The client's item, with its audio decoded and removed from the JSON."""
        head = {"id": self._out.make_id("item"), "object": "realtime.item", "status": "completed"}
        item = HistoryItem({**head, **wire, "object": "realtime.item"})
        if wire["type"] == "function_call" and "call_id" not in wire:
            item.wire["call_id"] = self._out.make_id("call")
        if "content" not in wire:
            return item
        pcm = b""
        parts = []
        for index, part in enumerate(wire["content"]):
            if part["type"] == "input_audio" and "audio" in part:
                where = f"{path}.content[{index}].audio"
                pcm += sound_of(part["audio"], where, self._config.input_format)
                part = {key: value for key, value in part.items() if key != "audio"}  # noqa: PLW2901
            parts.append(part)
        item.wire["content"] = parts
        item.input_audio = pcm
        item.audio_bytes = len(pcm)
        has_text = any(part.get("text") or part.get("transcript") for part in parts)
        item.waiting_for_text = bool(pcm) and not has_text
        return item

    def _join(self, item: HistoryItem, after: str | None, event: str = "") -> None:
        """Adds an item to the conversation and emits its events, ``event`` first if given."""
        previous = self.history.add(item, after)
        if event:
            self._out.emit(event, previous_item_id=previous, item_id=item.id)
        for kind in ("conversation.item.added", "conversation.item.done"):
            self._out.emit(kind, previous_item_id=previous, item=item.to_wire())

    def _recognise(self, item: HistoryItem) -> None:
        if item.waiting_for_text:
            self._recognising[item.id] = item
            self._out.add(Recognise(item.id, item.input_audio, self._config.get("tools") or ()))

    def _tell_transcript(self, item: HistoryItem, text: str, failure: str) -> None:
        where = {"item_id": item.id, "content_index": 0}
        kind = "conversation.item.input_audio_transcription"
        if failure:
            error = {"type": "server_error", "code": "transcription_failed", "message": failure,
                     "param": None}  # fmt: skip
            self._out.emit(f"{kind}.failed", **where, error=error)
            return
        if text:
            self._out.emit(f"{kind}.delta", **where, delta=text)
        seconds = round(item.audio_bytes / BYTES_PER_MS / 1000, 3)
        usage = {"type": "duration", "seconds": seconds}
        self._out.emit(f"{kind}.completed", **where, transcript=text, usage=usage)
