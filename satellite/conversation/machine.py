"""The conversation as a state machine: told what happened, it answers with what to do.

Rules that open clients got wrong are kept here and nowhere else: silence at once when the user
speaks, cancel exactly while a response is being generated, one response at a time, a function
once per ``call_id``, nothing of an old link in a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from satellite.conversation.announcements import Announcements
from satellite.conversation.call_context import CallContexts
from satellite.conversation.commands import (
    SendUserText,
)
from satellite.conversation.ducking import Ducking
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import (
    Effect,
    ExpectAudio,
    ShowState,
    State,
)
from satellite.conversation.events import Event, local
from satellite.conversation.events import server as server_events
from satellite.conversation.follow_up import FollowUps
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.other_satellites import OtherSatellites
from satellite.conversation.output_items import OutputItems, PlayedItem
from satellite.conversation.response_handlers import ResponseHandlers
from satellite.conversation.responses import PendingResponse, ResponseQueue
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_speech import UserSpeech
from satellite.conversation.user_turns import UserTurns

BUSY = frozenset({State.HEARING, State.THINKING, State.SPEAKING})
SHUT_THE_MICROPHONE = frozenset({"microphone", "spending"})
"""Troubles in which nothing more is sent, so that the server never hears a sentence's end."""


@dataclass(frozen=True, slots=True)
class ConversationProfile:
    """How the conversation treats the server that it talks to.

    ``interrupt``: who cancels when the user speaks; ``client`` sends ``response.cancel`` itself.
    ``echoes_metadata``: responses come back with the metadata of their request, as in GA.
    ``transcribes``: the session asks for transcripts of the user's speech.
    ``wait_for_transcript``: functions whose calls run only when the transcript is there.
    ``output``: the kind of answer that the session asks for.
    """

    interrupt: Literal["client", "server"] = "client"
    echoes_metadata: bool = True
    transcribes: bool = False
    wait_for_transcript: frozenset[str] = frozenset({"confirm"})
    output: Literal["audio", "text"] = "audio"


class Conversation:
    """One owner's view of one conversation over all its links.

    ``handle`` never raises for anything a server or a user can do, and takes no time.
    """

    def __init__(self, profile: ConversationProfile | None = None) -> None:
        self._profile = profile or ConversationProfile()
        self._effects = EffectList()
        self._turns = UserTurns()
        self._call_contexts = CallContexts(transcribed=self._profile.transcribes)
        self._output_items = OutputItems(self._effects, self._call_contexts)
        self._calls = ToolCalls(
            self._effects, self._call_contexts, self._profile.wait_for_transcript
        )
        self._responses = ResponseQueue(
            self._effects, echoes_metadata=self._profile.echoes_metadata
        )
        self._local_speech = LocalSpeech(self._effects, self._output_items)
        self._announcements = Announcements(
            self._effects,
            output_items=self._output_items,
            responses=self._responses,
            local_speech=self._local_speech,
        )
        self._unanswered = UnansweredTurns(
            self._effects,
            turns=self._turns,
            output_items=self._output_items,
            calls=self._calls,
            responses=self._responses,
            local_speech=self._local_speech,
            speaks=self._profile.output == "audio",
        )
        self._response_handlers = ResponseHandlers(
            self._effects,
            turns=self._turns,
            output_items=self._output_items,
            calls=self._calls,
            responses=self._responses,
            announcements=self._announcements,
            call_contexts=self._call_contexts,
            unanswered=self._unanswered,
            cancels=self._profile.interrupt == "client",
        )
        self._other_satellites = OtherSatellites(
            self._effects, turns=self._turns, output_items=self._output_items, calls=self._calls
        )
        self._ducking = Ducking(self._effects)
        self._follow_ups = FollowUps(self._effects)
        self._user_speech = UserSpeech(
            self._effects,
            turns=self._turns,
            call_contexts=self._call_contexts,
            output_items=self._output_items,
            calls=self._calls,
            responses=self._responses,
            announcements=self._announcements,
            local_speech=self._local_speech,
            unanswered=self._unanswered,
            other_satellites=self._other_satellites,
            ducking=self._ducking,
            follow_ups=self._follow_ups,
            cancels=self._profile.interrupt == "client",
        )
        self._tried = False
        self._failed_parts: dict[str, str] = {}
        self._complete = False
        self._shown: State | None = None
        self._now_s = 0.0
        self._handlers: dict[type, Callable[[Any], object]] = {
            local.LinkUp: self._link_up,
            local.LinkDown: self._link_down,
            server_events.SpeechStarted: self._user_speech.speech_started,
            server_events.SpeechStopped: self._user_speech.speech_stopped,
            local.SpeechCut: self._user_speech.speech_cut,
            local.SpeechDropped: self._user_speech.speech_dropped,
            server_events.InputCleared: self._user_speech.input_cleared,
            server_events.InputCommitted: self._user_speech.input_committed,
            server_events.ItemAdded: self._response_handlers.item_added,
            server_events.ItemDone: self._response_handlers.item_added,
            server_events.InputTranscript: self._user_speech.input_transcript,
            server_events.TranscriptFailed: self._user_speech.transcript_failed,
            local.PeerSpeaks: self._other_satellites.peer_speaks,
            local.Addressed: self._addressed,
            local.RoomSilent: self._other_satellites.room_silent,
            server_events.ResponseCreated: self._response_handlers.created,
            server_events.OutputItemAdded: self._response_handlers.output_item_added,
            server_events.OutputItemDone: self._response_handlers.output_item_done,
            server_events.AudioDelta: self._response_handlers.audio_delta,
            server_events.AudioDone: self._response_handlers.audio_done,
            server_events.TextDelta: self._response_handlers.text,
            server_events.TextDone: self._response_handlers.text,
            server_events.CallArgumentsDone: self._response_handlers.call_arguments_done,
            server_events.ResponseDone: self._response_handlers.response_done,
            server_events.ServerError: self._response_handlers.server_error,
            local.PlaybackStarted: lambda event: self._unanswered.heard(event.item_id),
            local.PlaybackFinished: lambda event: self._played(
                self._output_items.playback_finished(event)
            ),
            local.Flushed: lambda event: self._played(self._output_items.flushed(event)),
            local.VoiceOnset: self._user_speech.voice_onset,
            local.RoomVoice: self._room_voice,
            local.AddressedWhileUnavailable: self._addressed_while_unavailable,
            local.ServerRefused: lambda event: self._unanswered.server_refuses(event.reason),
            local.StopPressed: self._stop_pressed,
            local.MuteSet: self._user_speech.mute_set,
            local.AskRequested: self._ask_requested,
            local.SayRequested: self._announcements.add,
            local.LocalAudio: self._local_audio,
            local.LocalSpeechEnded: self._local_speech_ended,
            local.CallFinished: self._call_finished,
            local.PartFailed: self._part_failed,
            local.Tick: self._tick,
        }

    # --- the whole surface ----------------------------------------------------------------------

    @property
    def turn(self) -> int:
        """How many turns the user has taken; a confirmation must come in a later one."""
        return self._turns.count

    @property
    def quiet(self) -> bool:
        """Nobody speaks, thinks or waits for a result."""
        return self._shown not in BUSY

    @property
    def deadline_s(self) -> float | None:
        """When ``handle`` wants a ``Tick`` at the latest, on the clock of ``now_s``."""
        times = self._responses.deadlines() + self._turns.deadlines() + self._calls.deadlines()
        times += self._announcements.deadlines() + self._local_speech.deadlines()
        times += self._other_satellites.deadlines() + self._unanswered.deadlines()
        times += self._ducking.deadlines()
        return min(times, default=None)

    def handle(self, event: Event, now_s: float) -> list[Effect]:
        """What to do about ``event``; ``now_s`` is any monotonic clock, in seconds."""
        self._now_s = self._response_handlers.now_s = self._calls.now_s = now_s
        self._announcements.now_s = self._unanswered.now_s = self._other_satellites.now_s = now_s
        self._user_speech.now_s = now_s
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        self._unanswered.check()
        self._announcements.start_next(
            server=self._server_speaks, loudspeaker="speaker" not in self._failed_parts
        )
        self._response_handlers.start_next()
        self._other_satellites.show()
        self._show_state()
        if self._announcements.take_listen_request():
            self._follow_ups.addressed()
        return self._effects.take()

    @property
    def _server_speaks(self) -> bool:
        """There is a server that may be asked to say something, and would do so aloud."""
        allowed = "spending" not in self._failed_parts
        return self._effects.linked and allowed and self._profile.output == "audio"

    # --- the link -------------------------------------------------------------------------------

    def _link_up(self, event: local.LinkUp) -> None:
        self._forget_link()
        self._unanswered.link_up()
        self._effects.epoch = event.epoch
        self._effects.linked = True
        self._tried = True

    def _link_down(self, event: local.LinkDown) -> None:
        self._tried = True
        if not self._effects.linked or event.epoch != self._effects.epoch:
            return
        self._unanswered.link_down(waiting=self._responses.answering or self._calls.running)
        self._effects.linked = False
        self._forget_link()

    def _forget_link(self) -> None:
        self._effects.forget()
        self._responses.reset()
        self._calls.reset()
        self._announcements.link_lost()
        self._output_items.end_all()
        self._response_handlers.reset()
        self._call_contexts.reset()
        self._turns.reset()
        self._other_satellites.link_lost()
        self._follow_ups.link_lost()
        self._ducking.end()

    # --- the user -------------------------------------------------------------------------------

    def _room_voice(self, _: local.RoomVoice) -> None:
        self._unanswered.room_voice()
        if self._tried and (not self._effects.linked or "spending" in self._failed_parts):
            self._addressed_while_unavailable(local.AddressedWhileUnavailable("voice"))

    def _addressed(self, event: local.Addressed) -> None:
        self._other_satellites.addressed(event)
        self._follow_ups.addressed()

    def _addressed_while_unavailable(self, event: local.AddressedWhileUnavailable) -> None:
        spending = self._failed_parts.get("spending", "")
        muted = self._user_speech.muted and event.by != "text"
        if muted or spending or not self._effects.linked:
            self._unanswered.addressed_while_unavailable(event.by, muted=muted, spending=spending)

    def _stop_pressed(self, _: local.StopPressed) -> None:
        self._announcements.stopped()
        self._output_items.flush()
        self._local_speech.stop()
        self._ducking.end()
        self._responses.interrupt()
        self._responses.drop_all()
        self._calls.cancel_waiting()
        self._calls.silence()
        self._turns.cancel_answer(self._now_s)
        self._unanswered.stop_waiting()

    def _ask_requested(self, event: local.AskRequested) -> None:
        if not self._effects.linked or "spending" in self._failed_parts:
            why = self._failed_parts.get("spending", "there is no server")
            self._effects.note("warning", f"A question is not asked: {why}.")
            self._addressed_while_unavailable(local.AddressedWhileUnavailable("text"))
            return
        self._other_satellites.person_present()
        self._follow_ups.addressed()
        self._user_speech.barge_in(cancel=True)
        self._turns.typed()
        self._call_contexts.typed(event.text)
        self._calls.cancel_waiting()
        self._unanswered.await_answer(self._turns.count)
        self._effects.send(SendUserText(event.text))
        self._response_handlers.typed()
        self._responses.request(PendingResponse())
        self._effects.add(ExpectAudio())

    # --- the loudspeaker ------------------------------------------------------------------------

    def _played(self, items: list[PlayedItem]) -> None:
        for item in items:
            self._other_satellites.replied(item)
            if not self._announcements.played(item):
                self._follow_ups.answered(item)

    def _local_audio(self, event: local.LocalAudio) -> None:
        if self._local_speech.expects(event):
            self._announcements.local_audio(event.item_id)
            self._local_speech.audio(event, self._now_s)

    def _local_speech_ended(self, event: local.LocalSpeechEnded) -> None:
        spoken = self._local_speech.ended(event, self._now_s)
        if spoken is not None:
            self._announcements.local_speech_ended(event.item_id, spoken=spoken)
            self._unanswered.local_speech_ended(event.item_id, spoken=spoken)

    # --- the house ------------------------------------------------------------------------------

    def _call_finished(self, event: local.CallFinished) -> None:
        self._other_satellites.call_finished(event)
        self._follow_ups.acted()
        self._response_handlers.call_finished(event)

    def _part_failed(self, event: local.PartFailed) -> None:
        if event.reason:
            fresh = event.source not in self._failed_parts
            self._failed_parts[event.source] = event.reason
            if self._complete and fresh:
                self._unanswered.part_broken(event.source, event.reason)
            if fresh and event.source in SHUT_THE_MICROPHONE:
                self._user_speech.drop_sentence()
        else:
            self._failed_parts.pop(event.source, None)
            self._unanswered.part_broken(event.source, "")

    # --- time and state -------------------------------------------------------------------------

    def _tick(self, _: local.Tick) -> None:
        self._ducking.tick(self._now_s)
        if self._turns.tick(self._now_s):
            self._unanswered.ask_to_repeat(
                "Nobody said that the speech has ended; going on without that."
            )
        self._response_handlers.tick()
        self._other_satellites.tick()
        overdue = self._local_speech.expire(self._now_s)
        if overdue is not None:
            self._local_speech_ended(overdue)
        self._calls.release()

    def _show_state(self) -> None:
        state = self._state()
        if state not in BUSY:
            self._follow_ups.idle()
        if state is not self._shown:
            self._shown = state
            self._effects.add(ShowState(state))

    def _state(self) -> State:
        if self._output_items.sounding:
            return State.SPEAKING
        if not self._effects.linked:
            return State.WAITING if self._tried else State.STARTING
        if self._turns.person_speaking:
            return State.HEARING
        due = self._turns.answer_due_s is not None
        if due or self._responses.busy or self._calls.running:
            return State.THINKING
        if self._failed_parts:
            return State.ERROR if self._complete else State.STARTING
        self._complete = True
        return State.MUTED if self._user_speech.muted else State.LISTENING
