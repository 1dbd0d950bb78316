"""The conversation: its items in order, and what may be done to them. Pure."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from satellite.local_server.interpretation import ToolCalled, ToolOutput, Turn, UserMessage
from satellite.local_server.protocol.buffer import BYTES_PER_MS
from satellite.local_server.protocol.schema import RequestRefused

MAX_ITEMS = 1_000
"""Beyond this the oldest item is removed, as ``truncation`` ``auto`` allows."""
MAX_KEPT_CHARS = 4 * 1024 * 1024
"""Limit of the items' JSON without audio, far more than any context window. The oldest items are
removed first."""
MAX_KEPT_AUDIO_BYTES = 4 * 1024 * 1024
"""User audio kept for ``conversation.item.retrieve``, oldest dropped first: about 90 seconds."""


@dataclass(slots=True)
class HistoryItem:
    """One item: its JSON without audio (``wire``), and the audio.

    ``heard`` is what the recogniser found in the user's audio, ``None`` until it is known.
    """

    wire: dict[str, Any]
    input_audio: bytes = b""
    audio_bytes: int = 0
    waiting_for_text: bool = False
    heard: UserMessage | None = None
    truncated: bool = False
    output_audio: bytearray = field(default_factory=bytearray)
    chars: int = field(init=False)
    """Size of the JSON that the item was made with. Its response limits what is added later."""

    def __post_init__(self) -> None:
        self.chars = len(msgspec.json.encode(self.wire))

    @property
    def id(self) -> str:
        return str(self.wire["id"])

    @property
    def audio_ms(self) -> int:
        """Length of the assistant's audio, rounded up to a whole millisecond."""
        return -(-self.audio_bytes // BYTES_PER_MS)

    def to_wire(self, *, with_audio: bool = False) -> dict[str, Any]:
        item = copy.deepcopy(self.wire)
        if with_audio:
            kept = self.input_audio or bytes(self.output_audio)
            for part in item.get("content", []):
                if part["type"] in ("input_audio", "output_audio") and kept:
                    part["audio"] = base64.b64encode(kept).decode("ascii")
        return item


class History:
    """Items in order; refuses what the original server refuses."""

    def __init__(self) -> None:
        self._items: list[HistoryItem] = []
        self._by_id: dict[str, HistoryItem] = {}
        self._chars = 0

    def __iter__(self) -> Iterator[HistoryItem]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: str) -> HistoryItem | None:
        return self._by_id.get(item_id)

    def previous_id(self, item_id: str) -> str | None:
        for before, item in zip([None, *self._items], self._items, strict=False):
            if item.id == item_id:
                return before.id if before is not None else None
        return None

    def add(self, item: HistoryItem, after: str | None = None) -> str | None:
        """Inserts an item at the end, at the start (``root``) or after another one.

        Returns the id of the item before it. Raises ``RequestRefused``.
        """
        if item.id in self._by_id:
            raise RequestRefused(
                "invalid_value",
                f"Error adding item: an item with id {item.id!r} already exists.",
                "item.id",
            )
        if after is None:
            index = len(self._items)
        elif after == "root":
            index = 0
        elif after in self._by_id:
            index = self._items.index(self._by_id[after]) + 1
        else:
            raise RequestRefused(
                "item_create_invalid_previous_item_id",
                f"Error adding item: the previous item with id {after!r} does not exist.",
                "previous_item_id",
            )
        self._items.insert(index, item)
        self._by_id[item.id] = item
        previous = self._items[index - 1].id if index else None
        self._chars += item.chars
        while len(self._items) > MAX_ITEMS or (
            self._chars > MAX_KEPT_CHARS and len(self._items) > 1
        ):
            self._remove(self._items[0] if self._items[0] is not item else self._items[1])
        self._drop_old_audio()
        return previous

    def delete(self, item_id: str) -> None:
        self._remove(self._existing(item_id, "delete", "deleting"))

    def retrieve(self, item_id: str) -> HistoryItem:
        return self._existing(item_id, "retrieve", "retrieving")

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cuts assistant audio and removes its transcript, which is longer than what was heard."""
        item = self._existing(item_id, "truncate", "truncating")
        spoken = item.wire.get("role") == "assistant" and item.audio_bytes > 0
        if not spoken:
            raise RequestRefused(
                "unsupported_content_type",
                "Only model output audio messages can be truncated",
                "item_id",
            )
        if content_index >= len(item.wire["content"]):
            raise RequestRefused(
                "invalid_value",
                f"Content index {content_index} is out of range for item {item_id!r}.",
                "content_index",
            )
        if audio_end_ms > item.audio_ms:
            raise RequestRefused(
                "invalid_value",
                f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms",
                "audio_end_ms",
            )
        item.audio_bytes = min(item.audio_bytes, audio_end_ms * BYTES_PER_MS)
        del item.output_audio[item.audio_bytes :]
        item.wire["content"][content_index].pop("transcript", None)
        item.truncated = True

    def has_call(self, call_id: str) -> bool:
        return any(
            item.wire["type"] == "function_call" and item.wire.get("call_id") == call_id
            for item in self._items
        )

    def _existing(self, item_id: str, verb: str, doing: str) -> HistoryItem:
        item = self._by_id.get(item_id)
        if item is None:
            raise RequestRefused(
                f"item_{verb}_invalid_item_id",
                f"Error {doing} item: the item with id {item_id!r} does not exist.",
                "item_id",
            )
        return item

    def _remove(self, item: HistoryItem) -> None:
        self._chars -= item.chars
        self._items.remove(item)
        del self._by_id[item.id]

    def _drop_old_audio(self) -> None:
        kept = sum(len(item.input_audio) + len(item.output_audio) for item in self._items)
        for item in self._items:
            if kept <= MAX_KEPT_AUDIO_BYTES:
                return
            kept -= len(item.input_audio) + len(item.output_audio)
            item.input_audio = b""
            item.output_audio.clear()


def turns_of(items: Sequence[HistoryItem]) -> list[Turn]:
    """The items as the interpreter gets them; types that it does not know are left out."""
    turns: list[Turn] = []
    for item in items:
        turn = _turn_of(item)
        if turn is not None:
            turns.append(turn)
    return turns


def _turn_of(item: HistoryItem) -> Turn | None:
    wire = item.wire
    if wire["type"] == "function_call":
        return ToolCalled(str(wire.get("call_id", "")), wire["name"], wire["arguments"])
    if wire["type"] == "function_call_output":
        return ToolOutput(wire["call_id"], wire["output"])
    if wire["type"] != "message":
        return None
    if item.heard is not None:
        return item.heard
    cut = wire["role"] == "assistant" and (item.truncated or wire["status"] == "incomplete")
    return UserMessage(wire["role"], _text_of(wire["content"]), cut=cut)


def _text_of(content: Sequence[Mapping[str, Any]]) -> str:
    words = (part.get("text") or part.get("transcript") or "" for part in content)
    return " ".join(word for word in words if word)
