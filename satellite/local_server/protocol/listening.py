"""The input audio of a session, and the turns that are cut out of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satellite.local_server.interpretation import UserMessage
from satellite.local_server.protocol.action_list import ActionList
from satellite.local_server.protocol.actions import (
    ConfigureDetection,
    DetectSpeech,
    ForgetSpeech,
    Learn,
    RecogniseEarly,
    WaitIdle,
)
from satellite.local_server.protocol.buffer import InputBuffer
from satellite.local_server.protocol.config import SessionConfig, TurnDetection
from satellite.local_server.protocol.incoming import Incoming
from satellite.local_server.protocol.items import Items
from satellite.local_server.protocol.responses import Responses
from satellite.local_server.protocol.schema import RequestRefused

MIN_COMMIT_MS = 100
QUIET_KEPT_MS = 10_000
"""Audio without speech that stays in the buffer while turn detection is on."""

Event = Mapping[str, Any]


class Listening:
    """Turns end by the voice detector or by the client's commit."""

    def __init__(
        self, config: SessionConfig, items: Items, responses: Responses, out: ActionList
    ) -> None:
        self._config = config
        self._items = items
        self._responses = responses
        self._out = out
        self._buffer = InputBuffer()
        self._incoming = Incoming(config.input_format)
        self._speech_item: str | None = None
        self._speech_start_ms = 0

    def configured(self, before: TurnDetection | None) -> None:
        """The session was updated; ``before`` is its turn detection until now."""
        if self._config.input_format != self._incoming.audio_format:
            self._incoming = Incoming(self._config.input_format)
        now = self._config.turn_detection
        self._out.add(ConfigureDetection(now, self._config.noise_level))
        if now is None:
            self._speech_item = None
        if now != before:
            self._out.add(WaitIdle(None))

    # --- what the client asks for ---------------------------------------------------------------

    def append(self, event: Event) -> None:
        self._out.add(DetectSpeech(self._incoming.feed(event["audio"], "audio")))

    def commit(self, _event: Event) -> None:
        if self._buffer.length_ms < MIN_COMMIT_MS:
            raise RequestRefused(
                "input_audio_buffer_commit_empty",
                f"Error committing input audio buffer: buffer too small. Expected at least "
                f"{MIN_COMMIT_MS}ms of audio, but buffer only has {self._buffer.length_ms:.2f}ms "
                "of audio.",
            )
        item_id = self._speech_item or self._out.make_id("item")
        self._speech_item = None
        self._out.add(ForgetSpeech())
        self._items.commit(item_id, self._buffer.take())

    def clear(self, _event: Event) -> None:
        self._buffer.clear()
        self._speech_item = None
        self._out.add(ForgetSpeech())
        self._out.emit("input_audio_buffer.cleared")

    # --- what is heard of it --------------------------------------------------------------------

    def heard(self, pcm: bytes) -> None:
        if self._config.turn_detection is not None and self._speech_item is None:
            # Before the new audio is written, which may be the beginning of speech.
            self._buffer.keep_last(QUIET_KEPT_MS)
        self._buffer.write(pcm)

    def speech_started(self, start_ms: int) -> None:
        detection = self._config.turn_detection
        if detection is None or self._speech_item is not None:
            return
        begin = max(start_ms - detection.prefix_padding_ms, self._buffer.start_ms, 0)
        self._speech_item = self._out.make_id("item")
        self._speech_start_ms = begin
        self._out.add(WaitIdle(None))
        self._out.emit(
            "input_audio_buffer.speech_started", audio_start_ms=begin, item_id=self._speech_item
        )
        if detection.interrupt_response and self._responses.active is not None:
            self._responses.cancel(None, "turn_detected")
        self._out.add(Learn(self._config.get("tools") or ()))  # the recogniser may be resting

    def speech_stopped(self, end_ms: int) -> None:
        detection = self._config.turn_detection
        item_id = self._speech_item
        if detection is None or item_id is None:
            return
        self._speech_item = None
        end_ms = max(end_ms, self._speech_start_ms)
        self._out.emit("input_audio_buffer.speech_stopped", audio_end_ms=end_ms, item_id=item_id)
        self._items.commit(item_id, self._buffer.take(self._speech_start_ms, end_ms))
        if detection.create_response:
            self._responses.start_after_turn()

    def paused(self) -> None:
        if self._speech_item is not None:
            pcm = self._buffer.peek(self._speech_start_ms)
            self._out.add(RecogniseEarly(self._speech_item, pcm, self._config.get("tools") or ()))

    def idle(self) -> None:
        detection = self._config.turn_detection
        busy = self._speech_item is not None or self._responses.active is not None
        if detection is None or detection.idle_timeout_ms is None or busy:
            return
        item_id = self._out.make_id("item")
        end_ms = self._buffer.end_ms
        start_ms = max(self._buffer.start_ms, end_ms - detection.idle_timeout_ms)
        self._out.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=start_ms,
            audio_end_ms=end_ms,
            item_id=item_id,
        )
        silence = UserMessage("user", "", silent=True)
        self._items.commit(item_id, self._buffer.take(start_ms, end_ms), known=silence)
        self._responses.start_after_turn()
