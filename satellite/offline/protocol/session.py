"""One Realtime session as a state machine: no socket, no clock, no sound. Pure.

Tell it what the client sent, what the voice detector found, what the recogniser understood and
what the voice produced; it answers with actions in the order in which they must happen. The
order of events and the refusals follow the GA edition of the Realtime API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from satellite.offline.mind import Heard, Mind
from satellite.offline.protocol.actions import (
    Action,
    Close,
    ForgetSpeech,
    Guess,
    Hear,
    Learn,
    Recognise,
    TuneEar,
    WaitIdle,
)
from satellite.offline.protocol.buffer import BYTES_PER_MS, InputBuffer
from satellite.offline.protocol.config import SessionConfig
from satellite.offline.protocol.history import History, Item
from satellite.offline.protocol.incoming import Incoming, sound_of
from satellite.offline.protocol.outbox import MakeId, Outbox
from satellite.offline.protocol.responses import Responses
from satellite.offline.protocol.schema import Refused, missing, wrong_type, wrong_value
from satellite.offline.protocol.shapes import EVENTS

MIN_COMMIT_MS = 100
QUIET_KEPT_MS = 10_000
"""How much audio in which nobody spoke stays in the buffer while turn detection is on."""


class Session:
    """``handle``-like methods for each thing that happens; all return the actions that follow.

    ``model`` is what the client asked for, ``expires_at_s`` Unix time. None of the methods
    raises, whatever the client sends.
    """

    def __init__(
        self,
        mind: Mind,
        make_id: MakeId,
        *,
        model: str,
        expires_at_s: int,
        transcription: bool = False,
    ) -> None:
        self._out = Outbox(make_id)
        self._config = SessionConfig(
            make_id("sess"), model, expires_at_s, transcription=transcription
        )
        self._history = History()
        self._buffer = InputBuffer()
        self._responses = Responses(self._config, self._history, mind, self._out)
        self._speech_item: str | None = None
        self._speech_start_ms = 0
        self._incoming = Incoming(self._config.input_format)
        self._cause: str | None = None
        self._recognising: dict[str, Item] = {}
        self._handlers = {
            "session.update": self._session_update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit_asked,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._item_create,
            "conversation.item.retrieve": self._item_retrieve,
            "conversation.item.delete": self._item_delete,
            "conversation.item.truncate": self._item_truncate,
            "response.create": self._response_create,
            "response.cancel": self._response_cancel,
        }

    # --- what happens ---------------------------------------------------------------------------

    def open(self) -> list[Action]:
        """The first words of the server."""
        self._out.emit("session.created", session=self._config.wire())
        self._out.add(TuneEar(self._config.turn_detection))
        return self._out.drain()

    def receive(self, message: str | bytes) -> list[Action]:
        """One WebSocket message of the client: a text frame, or bytes for a binary one."""
        self._cause = None
        try:
            self._dispatch(message)
        except Refused as why:
            self._out.refuse(why, self._cause)
        finally:
            self._cause = None
        return self._out.drain()

    def speech_started(self, start_ms: int) -> list[Action]:
        """Speech began here, prefix padding not yet counted; positions as in the buffer."""
        listening = self._config.turn_detection
        if listening is None or self._speech_item is not None:
            return self._out.drain()
        begin = max(start_ms - listening.prefix_padding_ms, self._buffer.start_ms, 0)
        self._speech_item = self._out.make_id("item")
        self._speech_start_ms = begin
        self._out.add(WaitIdle(None))
        self._out.emit(
            "input_audio_buffer.speech_started", audio_start_ms=begin, item_id=self._speech_item
        )
        if listening.interrupt_response and self._responses.active is not None:
            self._responses.cancel(None, "turn_detected")
        return self._out.drain()

    def speech_stopped(self, end_ms: int) -> list[Action]:
        """Silence lasted long enough; ``end_ms`` includes it."""
        listening = self._config.turn_detection
        item_id = self._speech_item
        if listening is None or item_id is None:
            return self._out.drain()
        self._speech_item = None
        end_ms = max(end_ms, self._speech_start_ms)
        self._out.emit("input_audio_buffer.speech_stopped", audio_end_ms=end_ms, item_id=item_id)
        self._commit(item_id, self._buffer.take(self._speech_start_ms, end_ms))
        if listening.create_response:
            self._respond_by_itself()
        return self._out.drain()

    def paused(self, heard_ms: int) -> list[Action]:
        """The speech that goes on has a pause, too short yet to end it.

        ``heard_ms``: how far the voice detector has listened; more may have been written.
        """
        if self._speech_item is not None:
            pcm = self._buffer.peek(self._speech_start_ms, heard_ms)
            self._out.add(Guess(self._speech_item, pcm, self._config.get("tools") or ()))
        return self._out.drain()

    def idle(self) -> list[Action]:
        """Nobody said anything for the session's idle timeout."""
        listening = self._config.turn_detection
        busy = self._speech_item is not None or self._responses.active is not None
        if listening is None or listening.idle_timeout_ms is None or busy:
            return self._out.drain()
        item_id = self._out.make_id("item")
        end_ms = self._buffer.end_ms
        start_ms = max(self._buffer.start_ms, end_ms - listening.idle_timeout_ms)
        self._out.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=start_ms,
            audio_end_ms=end_ms,
            item_id=item_id,
        )
        silence = Heard("user", "", silent=True)
        self._commit(item_id, self._buffer.take(start_ms, end_ms), known=silence)
        self._respond_by_itself()
        return self._out.drain()

    def transcribed(self, item_id: str, heard: Heard | None, failure: str = "") -> list[Action]:
        """The recogniser's answer to ``Recognise``; ``None`` with a reason when it failed."""
        item = self._recognising.pop(item_id, None)
        if item is None:
            return self._out.drain()
        item.waiting_for_text = False
        item.heard = heard or Heard("user", "", understood=False, unheard=True)
        text = item.heard.text if item.heard.understood else ""
        part = next((p for p in item.wire["content"] if p["type"] == "input_audio"), None)
        if part is not None:
            part["transcript"] = text
        if self._config.transcribes and self._history.get(item_id) is item:
            self._tell_transcript(item, text, failure)
        self._responses.heard_more()
        return self._out.drain()

    def spoken(self, response_id: str, item_id: str, words: str, pcm: bytes) -> list[Action]:
        """The voice produced a piece: words, sound (PCM16 mono 24 kHz), or both."""
        self._responses.spoken(response_id, item_id, words, pcm)
        return self._out.drain()

    def speech_ended(self, response_id: str, item_id: str, failure: str = "") -> list[Action]:
        self._responses.speech_ended(response_id, item_id, failure)
        return self._out.drain()

    def expire(self, limit_minutes: float) -> list[Action]:
        """The session has lasted as long as sessions may."""
        text = f"Your session hit the maximum duration of {limit_minutes:g} minutes."
        self._out.refuse(Refused("session_expired", text), None)
        self._out.add(Close(1001, text))
        return self._out.drain()

    # --- client events --------------------------------------------------------------------------

    def _dispatch(self, message: str | bytes) -> None:
        if not isinstance(message, str):
            raise Refused("invalid_event", "Binary messages are not supported; send JSON as text.")
        try:
            event = msgspec.json.decode(message)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise Refused("invalid_json", f"The message is not valid JSON: {error}") from error
        if not isinstance(event, dict):
            raise Refused("invalid_event", "The message is not a JSON object.")
        if isinstance(event.get("event_id"), str):
            self._cause = event["event_id"]
        kind = event.get("type")
        if "type" not in event:
            raise missing("type")
        if not isinstance(kind, str):
            raise wrong_type(kind, "type", "a string")
        if kind not in self._handlers:
            raise wrong_value(kind, "type", tuple(self._handlers))
        if kind == "session.update":
            self._config.refuse_other_type(event.get("session"))
        self._handlers[kind](EVENTS[kind](event, ""))

    def _session_update(self, event: Mapping[str, Any]) -> None:
        before = self._config.turn_detection
        self._config.update(
            event["session"],
            audio_was_output=self._responses.audio_was_output,
            responding=self._responses.any_running,
        )
        if self._config.input_format != self._incoming.audio_format:
            self._incoming = Incoming(self._config.input_format)
        now = self._config.turn_detection
        self._out.emit("session.updated", session=self._config.wire())
        if now != before:
            if now is None:
                self._speech_item = None
            self._out.add(TuneEar(now))
            self._out.add(WaitIdle(None))
        if "tools" in event["session"]:
            self._out.add(Learn(self._config.get("tools")))

    def _append(self, event: Mapping[str, Any]) -> None:
        pcm = self._incoming.feed(event["audio"], "audio")
        if self._config.turn_detection is not None and self._speech_item is None:
            # Only what came before: nobody has listened yet to what comes now.
            self._buffer.keep_last(QUIET_KEPT_MS)
        self._buffer.write(pcm)
        self._out.add(Hear(pcm))

    def _commit_asked(self, _event: Mapping[str, Any]) -> None:
        if self._buffer.length_ms < MIN_COMMIT_MS:
            raise Refused(
                "input_audio_buffer_commit_empty",
                f"Error committing input audio buffer: buffer too small. Expected at least "
                f"{MIN_COMMIT_MS}ms of audio, but buffer only has {self._buffer.length_ms:.2f}ms "
                "of audio.",
            )
        item_id = self._speech_item or self._out.make_id("item")
        self._speech_item = None
        self._out.add(ForgetSpeech())
        self._commit(item_id, self._buffer.take())

    def _clear(self, _event: Mapping[str, Any]) -> None:
        self._buffer.clear()
        self._speech_item = None
        self._out.add(ForgetSpeech())
        self._out.emit("input_audio_buffer.cleared")

    def _item_create(self, event: Mapping[str, Any]) -> None:
        wire = event["item"]
        if wire["type"] == "function_call_output" and not self._history.knows_call(wire["call_id"]):
            raise Refused(
                "invalid_tool_call_id",
                f"Tool call ID {wire['call_id']!r} not found in conversation.",
                "item.call_id",
            )
        item = self._make_item(wire)
        previous = self._history.add(item, event.get("previous_item_id"))
        self._show_added(item, previous)
        self._recognise(item)

    def _item_retrieve(self, event: Mapping[str, Any]) -> None:
        item = self._history.retrieve(event["item_id"])
        self._out.emit("conversation.item.retrieved", item=item.shown(with_audio=True))

    def _item_delete(self, event: Mapping[str, Any]) -> None:
        self._history.delete(event["item_id"])
        self._out.emit("conversation.item.deleted", item_id=event["item_id"])
        self._responses.heard_more()

    def _item_truncate(self, event: Mapping[str, Any]) -> None:
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self._history.truncate(**where)
        self._out.emit("conversation.item.truncated", **where)

    def _response_create(self, event: Mapping[str, Any]) -> None:
        if self._config.transcription_only:
            raise Refused("invalid_value", "A transcription session creates no responses.", "type")
        self._responses.start(event.get("response") or {}, self._make_input)

    def _response_cancel(self, event: Mapping[str, Any]) -> None:
        self._responses.cancel(event.get("response_id"), "client_cancelled")

    # --- inside ---------------------------------------------------------------------------------

    def _make_input(self, wire: dict[str, Any]) -> Item:
        item = self._make_item(wire)
        self._recognise(item)
        return item

    def _make_item(self, wire: Mapping[str, Any]) -> Item:
        """An item as the client gave it; its audio is taken out and kept apart."""
        head = {"id": self._out.make_id("item"), "object": "realtime.item", "status": "completed"}
        item = Item({**head, **wire, "object": "realtime.item"})
        if wire["type"] == "function_call" and "call_id" not in wire:
            item.wire["call_id"] = self._out.make_id("call")
        if "content" not in wire:
            return item
        pcm = b""
        parts = []
        for index, part in enumerate(wire["content"]):
            if part["type"] == "input_audio" and "audio" in part:
                where = f"item.content[{index}].audio"
                pcm += sound_of(part["audio"], where, self._config.input_format)
                part = {key: value for key, value in part.items() if key != "audio"}  # noqa: PLW2901
            parts.append(part)
        item.wire["content"] = parts
        item.input_audio = pcm
        item.audio_bytes = len(pcm)
        has_text = any(part.get("text") or part.get("transcript") for part in parts)
        item.waiting_for_text = bool(pcm) and not has_text
        return item

    def _commit(self, item_id: str, pcm: bytes, known: Heard | None = None) -> None:
        item = Item(
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
        previous = self._history.add(item)
        self._out.emit("input_audio_buffer.committed", previous_item_id=previous, item_id=item_id)
        self._show_added(item, previous)
        self._recognise(item)

    def _show_added(self, item: Item, previous: str | None) -> None:
        for kind in ("conversation.item.added", "conversation.item.done"):
            self._out.emit(kind, previous_item_id=previous, item=item.shown())

    def _recognise(self, item: Item) -> None:
        if item.waiting_for_text:
            self._recognising[item.id] = item
            self._out.add(Recognise(item.id, item.input_audio, self._config.get("tools") or ()))

    def _tell_transcript(self, item: Item, text: str, failure: str) -> None:
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

    def _respond_by_itself(self) -> None:
        if self._config.transcription_only:
            return
        try:
            self._responses.start({}, self._make_input)
        except Refused as why:
            self._out.refuse(why, None)
