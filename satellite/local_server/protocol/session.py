"""One Realtime session as a state machine. Pure.

Its methods take what the client sent, the voice detector found, the recogniser understood and the
synthesiser made, and return actions in the order in which they must be carried out. The order of
events and the refusals follow the GA dialect of the Realtime API; where the client speaks the beta
dialect, its events are read and the session's are written in that (``beta``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from satellite.local_server.interpretation import Interpreter, UserMessage
from satellite.local_server.protocol.action_list import ActionList, MakeId
from satellite.local_server.protocol.actions import (
    Action,
    Close,
    ConfigureDetection,
    Emit,
    Learn,
)
from satellite.local_server.protocol.beta.events import beta_events
from satellite.local_server.protocol.beta.requests import BETA_EVENTS, Dialect, shown_by
from satellite.local_server.protocol.config import SessionConfig
from satellite.local_server.protocol.items import Items
from satellite.local_server.protocol.listening import Listening
from satellite.local_server.protocol.responses import Responses
from satellite.local_server.protocol.schema import RequestRefused, missing, wrong_type, wrong_value
from satellite.local_server.protocol.shapes.events import EVENTS


class Session:
    """Each method takes one input and returns the actions that follow; none raises.

    ``model`` is the client's, ``expires_at_s`` Unix time. ``dialect`` is what the client's
    handshake shows; ``None``: the first event that shows one decides, and until then it is GA.
    ``settings`` is a checked ``session`` object that the session begins with; what the model does
    not take of it raises ``RequestRefused``.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        make_id: MakeId,
        *,
        model: str,
        expires_at_s: int,
        transcription: bool = False,
        dialect: Dialect | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._dialect = dialect
        out = self._out = ActionList(make_id)
        config = self._config = SessionConfig(
            make_id("sess"), model, expires_at_s, transcription=transcription
        )
        config.update(dict(settings or {}), audio_was_output=False, responding=False)
        self._items = Items(config, out)
        self._responses = Responses(config, self._items, interpreter, out)
        self._listening = Listening(config, self._items, self._responses, out)
        self._cause: str | None = None
        self._handlers = {
            "session.update": self._update,
            "transcription_session.update": self._update,
            "input_audio_buffer.append": self._listening.append,
            "input_audio_buffer.commit": self._listening.commit,
            "input_audio_buffer.clear": self._listening.clear,
            "conversation.item.create": self._items.create,
            "conversation.item.retrieve": self._items.retrieve,
            "conversation.item.delete": self._delete,
            "conversation.item.truncate": self._items.truncate,
            "response.create": self._responses.create,
            "response.cancel": self._cancel,
        }

    # --- what happens ---------------------------------------------------------------------------

    def open(self) -> list[Action]:
        """The first event of the server."""
        self._out.emit("session.created", session=self._config.wire())
        if self._dialect == "beta" and not self._config.transcription_only:
            conversation = {
                "id": self._responses.conversation_id,
                "object": "realtime.conversation",
            }
            self._out.emit("conversation.created", conversation=conversation)
        self._out.add(ConfigureDetection(self._config.turn_detection, self._config.noise_level))
        if self._config.get("tools"):
            self._out.add(Learn(self._config.get("tools")))
        return self._told()

    def receive(self, message: str | bytes) -> list[Action]:
        """A WebSocket message of the client: ``str`` if a text frame, ``bytes`` if binary."""
        self._cause = None
        try:
            self._dispatch(message)
        except RequestRefused as why:
            self._out.refuse(why, self._cause)
        finally:
            self._cause = None
        return self._told()

    def heard(self, pcm: bytes) -> list[Action]:
        """Audio of ``DetectSpeech`` after noise reduction, as the detector is about to get it."""
        self._listening.heard(pcm)
        return self._told()

    def speech_started(self, start_ms: int) -> list[Action]:
        """Speech began at this position of the buffer, prefix padding not included."""
        self._listening.speech_started(start_ms)
        return self._told()

    def speech_stopped(self, end_ms: int) -> list[Action]:
        """Speech ended; ``end_ms`` is the end of the silence after it."""
        self._listening.speech_stopped(end_ms)
        return self._told()

    def paused(self) -> list[Action]:
        """There is a pause within speech, too short to end it."""
        self._listening.paused()
        return self._told()

    def idle(self) -> list[Action]:
        """``WaitIdle`` has ended without speech."""
        self._listening.idle()
        return self._told()

    def transcribed(
        self, item_id: str, heard: UserMessage | None, failure: str = ""
    ) -> list[Action]:
        """The result of ``Recognise``; ``None`` with the reason if it failed."""
        if self._items.transcribed(item_id, heard, failure):
            self._responses.text_arrived()
        return self._told()

    def spoken(self, response_id: str, item_id: str, words: str, pcm: bytes) -> list[Action]:
        """A synthesised piece: words, PCM16 mono 24 kHz, or both."""
        self._responses.spoken(response_id, item_id, words, pcm)
        return self._told()

    def speech_ended(self, response_id: str, item_id: str, failure: str = "") -> list[Action]:
        self._responses.speech_ended(response_id, item_id, failure)
        return self._told()

    def expire(self, limit_minutes: float) -> list[Action]:
        """The session has reached its maximum duration."""
        text = f"Your session hit the maximum duration of {limit_minutes:g} minutes."
        self._out.refuse(RequestRefused("session_expired", text), None)
        self._out.add(Close(1001, text))
        return self._told()

    # --- client events --------------------------------------------------------------------------

    def _dispatch(self, message: str | bytes) -> None:
        if not isinstance(message, str):
            raise RequestRefused(
                "invalid_event", "Binary messages are not supported; send JSON as text."
            )
        try:
            event = msgspec.json.decode(message)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise RequestRefused(
                "invalid_json", f"The message is not valid JSON: {error}"
            ) from error
        if not isinstance(event, dict):
            raise RequestRefused("invalid_event", "The message is not a JSON object.")
        if isinstance(event.get("event_id"), str):
            self._cause = event["event_id"]
        kind = event.get("type")
        if "type" not in event:
            raise missing("type")
        if not isinstance(kind, str):
            raise wrong_type(kind, "type", "a string")
        self._dialect = self._dialect or shown_by(event)
        known = EVENTS if self._dialect != "beta" else BETA_EVENTS
        if kind not in known:
            raise wrong_value(kind, "type", tuple(known))
        if kind == "session.update" and known is EVENTS:
            self._config.refuse_other_type(event.get("session"))
        self._handlers[kind](known[kind](event, ""))

    def _update(self, event: Mapping[str, Any]) -> None:
        before = self._config.turn_detection
        self._config.refuse_other_type(event["session"])  # which a beta event shows by its name
        self._config.update(
            event["session"],
            audio_was_output=self._responses.audio_was_output,
            responding=self._responses.any_running,
        )
        self._out.emit("session.updated", session=self._config.wire())
        self._listening.configured(before)
        if "tools" in event["session"]:
            self._out.add(Learn(self._config.get("tools")))

    def _delete(self, event: Mapping[str, Any]) -> None:
        self._items.delete(event)
        self._responses.text_arrived()

    def _cancel(self, event: Mapping[str, Any]) -> None:
        self._responses.cancel(event.get("response_id"), "client_cancelled")

    def _told(self) -> list[Action]:
        """What is to be done, with the events in the client's dialect."""
        actions = self._out.drain()
        if self._dialect != "beta":
            return actions
        told: list[Action] = []
        for action in actions:
            if isinstance(action, Emit):
                told += [Emit(event) for event in beta_events(action.event)]
            else:
                told.append(action)
        return told
