"""The responses of one session: one in the conversation, several out of band. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from satellite.local_server.interpretation import Context, Fail, Interpreter, Spoken, ToolCall
from satellite.local_server.protocol import billing
from satellite.local_server.protocol.action_list import ActionList
from satellite.local_server.protocol.actions import Speak, StopSpeaking, WaitIdle
from satellite.local_server.protocol.config import SessionConfig
from satellite.local_server.protocol.history import HistoryItem, turns_of
from satellite.local_server.protocol.items import Items
from satellite.local_server.protocol.response import Response, Status
from satellite.local_server.protocol.schema import RequestRefused

MAX_OUT_OF_BAND = 16
_WORDS = re.compile(r"\s*\S+\s*\Z|\s*\S+")
"""Words, each with the space before it, the last one also with that behind it."""


@dataclass(slots=True)
class _Running:
    response: Response
    input: list[HistoryItem] | None
    tools: Sequence[Mapping[str, Any]]
    tool_choice: Any
    instructions: str
    interpreted: bool = False
    read: billing.Tokens = (0, 0)


class Responses:
    """Starts, advances, cancels and ends responses."""

    def __init__(
        self, config: SessionConfig, items: Items, interpreter: Interpreter, out: ActionList
    ) -> None:
        self._config = config
        self._items = items
        self._history = items.history
        self._interpreter = interpreter
        self._out = out
        self.conversation_id = out.make_id("conv")
        self._running: dict[str, _Running] = {}
        self._seen: billing.Tokens = (0, 0)
        self.audio_was_output = False

    @property
    def active(self) -> Response | None:
        """The one response of the conversation that is being generated."""
        for running in self._running.values():
            if running.response.in_conversation:
                return running.response
        return None

    @property
    def any_running(self) -> bool:
        return bool(self._running)

    def create(self, event: Mapping[str, Any]) -> None:
        """The client's ``response.create``. Raises ``RequestRefused``."""
        if self._config.transcription_only:
            raise RequestRefused(
                "invalid_value", "A transcription session creates no responses.", "type"
            )
        self._start(event.get("response") or {})

    def start_after_turn(self) -> None:
        """Responds to a turn that has ended; if that is impossible, emits an error."""
        if self._config.transcription_only:
            return
        try:
            self._start({})
        except RequestRefused as why:
            self._out.refuse(why, None)

    def text_arrived(self) -> None:
        """An item was transcribed or deleted: responses that waited for it go on."""
        for running in list(self._running.values()):
            self._interpret_if_ready(running)

    def spoken(self, response_id: str, item_id: str, words: str, pcm: bytes) -> None:
        running = self._speaking(response_id, item_id)
        if running is None:
            return
        response = running.response
        if words:
            self._out.emit_all(response.text(words))
        if pcm:
            self.audio_was_output = True
            self._out.emit_all(response.audio(pcm))
        if response.exhausted:
            self._out.add(StopSpeaking(response_id))
            self._end(running, "incomplete", {"reason": "max_output_tokens"})

    def speech_ended(self, response_id: str, item_id: str, failure: str = "") -> None:
        """The synthesis of this item ended, with ``failure`` if it failed."""
        running = self._speaking(response_id, item_id)
        if running is None:
            return
        if failure:
            error = {"type": "server_error", "code": "voice_failed", "message": failure}
            self._end(running, "failed", {"error": error})
            return
        self._emit(running.response, running.response.close_message("completed"))
        self._advance(running)

    def cancel(
        self,
        response_id: str | None,
        reason: Literal["turn_detected", "client_cancelled"],
    ) -> None:
        active = self.active
        wanted = response_id or (active.id if active is not None else "")
        running = self._running.get(wanted)
        if running is None:
            raise RequestRefused(
                "response_cancel_not_active", "Cancellation failed: no active response found"
            )
        self._out.add(StopSpeaking(running.response.id))
        self._end(running, "cancelled", {"reason": reason})

    # --- inside ---------------------------------------------------------------------------------

    def _start(self, wanted: Mapping[str, Any]) -> None:
        """``wanted`` is a checked ``response`` object."""
        conversation = wanted.get("conversation", "auto")
        if conversation not in ("auto", "none", self.conversation_id):
            raise RequestRefused(
                "invalid_value",
                f"Invalid value: {conversation!r}. Supported values are: 'auto' and 'none'.",
                "response.conversation",
            )
        self._refuse_busy(out_of_band=conversation == "none")
        output = self._output_of(wanted)
        items = None
        if "input" in wanted:
            items = [self._input_item(one, i) for i, one in enumerate(wanted["input"])]
        modalities = wanted.get("output_modalities", self._config.get("output_modalities"))
        response = Response(
            self._out.make_id("resp"),
            self._out.make_id,
            conversation_id=None if conversation == "none" else self.conversation_id,
            modality=modalities[0],
            output=output,
            metadata=wanted.get("metadata"),
            max_output_tokens=wanted.get(
                "max_output_tokens", self._config.get("max_output_tokens")
            ),
        )
        running = _Running(
            response,
            items,
            wanted.get("tools", self._config.get("tools")),
            wanted.get("tool_choice", self._config.get("tool_choice")),
            wanted.get("instructions", self._config.get("instructions")),
        )
        self._running[response.id] = running
        self._out.add(WaitIdle(None))
        self._out.emit_all([response.created()])
        self._interpret_if_ready(running)

    def _refuse_busy(self, *, out_of_band: bool) -> None:
        active = self.active
        if active is not None and not out_of_band:
            raise RequestRefused(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {active.id}. Wait "
                "until the response is finished before creating a new one.",
            )
        if len(self._running) >= MAX_OUT_OF_BAND:
            raise RequestRefused(
                "rate_limit_exceeded", f"More than {MAX_OUT_OF_BAND} responses are in progress."
            )

    def _output_of(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        output = self._config.output
        asked = wanted.get("audio", {}).get("output", {})
        voice = asked.get("voice", output["voice"])
        if self.audio_was_output and voice != output["voice"]:
            raise RequestRefused(
                "cannot_update_voice",
                "Cannot update a conversation's voice if assistant audio is present.",
                "response.audio.output.voice",
            )
        if asked.get("format", {}).get("type") == "audio/pcm":
            asked = {**asked, "format": {"type": "audio/pcm", "rate": 24_000}}
        return {**output, **asked}

    def _input_item(self, wire: Mapping[str, Any], index: int) -> HistoryItem:
        if wire["type"] != "item_reference":
            return self._items.add_out_of_band(wire, f"response.input[{index}]")
        known = self._history.get(wire["id"])
        if known is None:
            raise RequestRefused(
                "invalid_value",
                f"Item with id {wire['id']!r} not found.",
                f"response.input[{index}].id",
            )
        return known

    def _speaking(self, response_id: str, item_id: str) -> _Running | None:
        running = self._running.get(response_id)
        if running is None or running.response.open_item is None:
            return None
        return running if running.response.open_item.id == item_id else None

    def _interpret_if_ready(self, running: _Running) -> None:
        items = running.input if running.input is not None else list(self._history)
        if running.interpreted or any(item.waiting_for_text for item in items):
            return
        running.interpreted = True
        running.input = []  # read once, and perhaps large
        running.read = billing.read(items, running.instructions, running.tools)
        context = Context(
            turns_of(items),
            running.tools,
            running.tool_choice,
            running.instructions,
            running.response.metadata,
        )
        running.response.steps = list(self._interpreter.interpret(context))
        self._advance(running)

    def _advance(self, running: _Running) -> None:
        response = running.response
        while (step := response.next_step()) is not None:
            if isinstance(step, Fail):
                error = {
                    "type": "invalid_request_error",
                    "code": step.code,
                    "message": step.message,
                }
                self._end(running, "failed", {"error": error})
                return
            if isinstance(step, ToolCall):
                item, events = response.call(step)
                self._join(response, item)
                self._emit(response, events)
            else:
                self._begin_message(response, step)
                if response.modality == "audio":
                    return
                for words in _WORDS.findall(step.text):
                    self._emit(response, response.text(words))
                    if response.exhausted:
                        self._end(running, "incomplete", {"reason": "max_output_tokens"})
                        return
                self._emit(response, response.close_message("completed"))
        self._end(running, "completed", None)

    def _begin_message(self, response: Response, step: Spoken) -> None:
        item, events = response.open_message()
        self._join(response, item)
        self._emit(response, events)
        if response.modality == "audio":
            speed = float(response.output["speed"])
            self._out.add(Speak(response.id, item.id, step.text, response.voice, speed))

    def _join(self, response: Response, item: HistoryItem) -> None:
        if response.in_conversation:
            self._history.add(item)

    def _emit(self, response: Response, events: Sequence[dict[str, Any]]) -> None:
        """Items of an out-of-band response are not part of the conversation."""
        for event in events:
            if not event["type"].startswith("conversation."):
                self._out.emit_all([event])
            elif response.in_conversation:
                previous = self._history.previous_id(event["item"]["id"])
                self._out.emit_all([{**event, "previous_item_id": previous}])

    def _end(self, running: _Running, status: Status, details: Mapping[str, Any] | None) -> None:
        response = running.response
        if response.open_item is not None:
            self._emit(response, response.close_message("incomplete"))
        del self._running[response.id]
        usage = billing.usage(self._seen, running.read, response.written)
        if response.in_conversation and running.interpreted:
            self._seen = running.read
        self._out.emit_all([response.done(status, details, usage)])
        limits = billing.rate_limits(usage["total_tokens"])
        self._out.emit("rate_limits.updated", rate_limits=limits)
        listening = self._config.turn_detection
        if response.in_conversation and listening is not None and listening.idle_timeout_ms:
            self._out.add(WaitIdle(listening.idle_timeout_ms + response.audio_ms))
