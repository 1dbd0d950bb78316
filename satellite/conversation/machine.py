"""The conversation as a state machine: it is told what happened and answers with what to do.

Rules that open clients got wrong are kept here and nowhere else: silence at once when the user
speaks, cancel exactly while a response is being generated, one response at a time, a function once
per ``call_id``, nothing of an old link in a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from satellite.conversation.announcements import Announcements
from satellite.conversation.availability import Availability
from satellite.conversation.billing import Billing
from satellite.conversation.call_context import CallContexts
from satellite.conversation.clock import ClockItems
from satellite.conversation.commands import DeleteItem
from satellite.conversation.ducking import Ducking
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Effect, RenewSession, Send, ShowState, State
from satellite.conversation.events import Event, local, server
from satellite.conversation.follow_up import FollowUps
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.mcp_calls import McpCalls
from satellite.conversation.memory import ConversationMemory
from satellite.conversation.open_question import OpenQuestion
from satellite.conversation.other_satellites import OtherSatellites
from satellite.conversation.output_items import OutputItems, PlayedItem
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.response_handlers import ResponseHandlers
from satellite.conversation.responses import ResponseQueue
from satellite.conversation.silent_turns import SilentTurns
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.typed_questions import TypedQuestions
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_speech import UserSpeech
from satellite.conversation.user_turns import UserTurns
from satellite.conversation.wake_word_demand import WakeWordDemand
from satellite.locales.sentences import Sentences

LOOK_AGAIN_S = 1.0
"""How often it is looked whether a question that holds up the end of a conversation is over."""
BUSY = frozenset({State.HEARING, State.THINKING, State.SPEAKING})


class Conversation:
    """The conversation over all its links.

    ``handle`` raises for nothing that a server or a user can do, and does no input or output.
    """

    def __init__(
        self,
        profile: ConversationProfile | None = None,
        *,
        wall: Callable[[], datetime] | None = None,
        hide: Callable[[str], str] = lambda text: text,
        takes_pictures: Callable[[], bool] = lambda: True,
    ) -> None:
        """``wall`` returns the local time with its zone; without it the model is not told the time.
        ``hide`` takes secrets out of a text. ``takes_pictures``: whether the server of now does."""
        self._profile = profile or ConversationProfile()
        self._takes_pictures = takes_pictures
        cancels = self._profile.interrupt == "client" or not self._profile.detects_turns
        effects = self._effects = EffectList()
        self._memory = ConversationMemory(
            self._profile.fresh_after_s,
            hide,
            self._profile.confirm_timeout_s,
            speaks=self._profile.output == "audio",
        )
        self._clock = ClockItems(effects, wall)
        self._renewing = False
        """The present session gives way to the next, so nothing has changed for the person."""
        self._billing = Billing(effects, transcribes=self._profile.transcribes)
        self._turns = UserTurns()
        self._call_contexts = CallContexts(transcribed=self._profile.transcribes)
        self._output_items = OutputItems(effects, self._call_contexts)
        self._mcp_calls = McpCalls(effects, self._call_contexts, self._profile.confirm_timeout_s)
        self._calls = ToolCalls(
            effects, self._call_contexts, self._profile.wait_for_transcript, self._mcp_calls
        )
        self._responses = ResponseQueue(effects, echoes_metadata=self._profile.echoes_metadata)
        self._local_speech = LocalSpeech(
            effects, self._output_items, Sentences(self._profile.language)
        )
        self._wake_word_demand = WakeWordDemand(effects, self._local_speech)
        self._silent_turns = SilentTurns(
            effects, self._wake_word_demand, self._profile.confirm_timeout_s
        )
        self._announcements = Announcements(
            effects,
            output_items=self._output_items,
            responses=self._responses,
            local_speech=self._local_speech,
        )
        self._unanswered = UnansweredTurns(
            effects,
            turns=self._turns,
            output_items=self._output_items,
            calls=self._calls,
            responses=self._responses,
            local_speech=self._local_speech,
            speaks=self._profile.output == "audio",
        )
        self._response_handlers = ResponseHandlers(
            effects,
            turns=self._turns,
            output_items=self._output_items,
            calls=self._calls,
            responses=self._responses,
            announcements=self._announcements,
            call_contexts=self._call_contexts,
            unanswered=self._unanswered,
            silent_turns=self._silent_turns,
            mcp_calls=self._mcp_calls,
            cancels=cancels,
        )
        self._other_satellites = OtherSatellites(
            effects,
            output_items=self._output_items,
            calls=self._calls,
            wake_word_demand=self._wake_word_demand,
        )
        self._ducking = Ducking(effects)
        self._typed_questions = TypedQuestions(effects, self._responses)
        self._follow_ups = FollowUps(effects)
        self._open_question = OpenQuestion(effects)
        self._user_speech = UserSpeech(
            effects,
            clock=self._clock,
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
            silent_turns=self._silent_turns,
            cancels=cancels,
            detects_turns=self._profile.detects_turns,
        )
        self._availability = Availability(
            effects, user_speech=self._user_speech, unanswered=self._unanswered
        )
        self._deadlines = (
            self._responses.deadlines,
            self._turns.deadlines,
            self._calls.deadlines,
            self._conversation_deadlines,
            self._mcp_calls.deadlines,
            self._announcements.deadlines,
            self._local_speech.deadlines,
            self._other_satellites.deadlines,
            self._unanswered.deadlines,
            self._ducking.deadlines,
            self._silent_turns.deadlines,
        )
        self._shown: State | None = None
        self._handlers: dict[type, Callable[[Any], object]] = {
            server.SpeechStarted: self._user_speech.speech_started,
            server.SpeechStopped: self._user_speech.speech_stopped,
            server.InputCleared: self._user_speech.input_cleared,
            server.InputCommitted: self._user_speech.input_committed,
            server.ItemAdded: self._response_handlers.item_added,
            server.ItemDone: self._response_handlers.item_added,
            server.InputTranscript: self._user_speech.input_transcript,
            server.TranscriptFailed: self._user_speech.transcript_failed,
            server.ResponseCreated: self._response_handlers.created,
            server.OutputItemAdded: self._response_handlers.output_item_added,
            server.OutputItemDone: self._response_handlers.output_item_done,
            server.AudioDelta: self._response_handlers.audio_delta,
            server.AudioDone: self._response_handlers.audio_done,
            server.TextDelta: self._response_handlers.text,
            server.TextDone: self._response_handlers.text,
            server.CallArgumentsDone: self._response_handlers.call_arguments_done,
            server.McpToolsListed: self._mcp_calls.listed,
            server.McpCallEnded: self._mcp_calls.ended,
            server.ResponseDone: self._response_handlers.response_done,
            server.ServerError: self._response_handlers.server_error,
            local.LinkUp: self._link_up,
            local.LinkDown: self._link_down,
            local.ServerRefused: self._server_refused,
            local.PlaybackStarted: self._playback_started,
            local.PlaybackFinished: self._playback_finished,
            local.Flushed: self._flushed,
            local.VoiceOnset: self._user_speech.voice_onset,
            local.RoomVoice: self._availability.room_voice,
            local.RoomSilent: self._room_silent,
            local.PeerSpeaks: self._other_satellites.peer_speaks,
            local.Addressed: self._addressed,
            local.ListenModeSet: self._listen_mode_set,
            local.AddressedWhileUnavailable: self._availability.addressed,
            local.TurnBegan: self._user_speech.turn_began,
            local.TurnEnded: self._user_speech.turn_ended,
            local.SpeechCut: self._user_speech.speech_cut,
            local.SpeechDropped: self._user_speech.speech_dropped,
            local.StopPressed: self._user_speech.stop_pressed,
            local.MuteSet: self._user_speech.mute_set,
            local.AskRequested: self._ask_requested,
            local.SayRequested: self._announcements.add,
            local.LocalAudio: self._local_audio,
            local.LocalSpeechEnded: self._local_speech_ended,
            local.CallFinished: self._call_finished,
            local.PartFailed: self._availability.part_failed,
            local.NoticeDue: self._notice_due,
            local.Tick: self._tick,
        }

    # --- the interface --------------------------------------------------------------------------

    @property
    def quiet(self) -> bool:
        """Nobody speaks, thinks or waits for a result."""
        return self._shown not in BUSY and not self._responses.busy

    @property
    def hearing(self) -> bool:
        """A person speaks, and nothing else is under way."""
        under_way = self._calls.running or self._responses.busy
        speaks = self._turns.person_speaking
        return self._shown is State.HEARING and speaks and not under_way

    def awaits_answer(self, now_s: float) -> bool:
        """Whether the satellite has asked something that a person may be about to answer."""
        return self._open_question.is_open(now_s) or self._silent_turns.confirmation_open(now_s)

    @property
    def deadline_s(self) -> float | None:
        """When ``handle`` wants a ``Tick`` at the latest, on the clock of ``now_s``."""
        return min((time_s for part in self._deadlines for time_s in part()), default=None)

    def handle(self, event: Event, now_s: float) -> list[Effect]:
        """Answers an event with what to do; ``now_s`` is any monotonic clock, in seconds."""
        self._effects.now_s = now_s
        self._billing.observe(event)
        self._memory.observe(event, now_s)
        self._responses.rate_limits.observe(event)
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        if self._wake_word_demand.take_fresh():
            self._user_speech.drop_sentence()
        self._unanswered.check_timeout()
        self._announcements.start_next(
            by_server=self._availability.server_usable and self._profile.output == "audio",
            loudspeaker=self._availability.has_loudspeaker,
        )
        self._response_handlers.answer_mcp_calls()
        self._response_handlers.request_next()
        self._typed_questions.observe(
            event, pending=self._answer_pending or self._mcp_calls.running
        )
        self._other_satellites.show()
        self._end_conversation()
        if not self._renewing:
            self._show_state()
        if self._announcements.take_listen_request():
            self._follow_ups.addressed()
            self._silent_turns.addressed()
        effects = self._effects.take()
        for effect in effects:
            if isinstance(effect, Send) and isinstance(effect.command, DeleteItem):
                self._memory.forget_item(effect.command.item_id)
        return effects

    def _conversation_deadlines(self) -> list[float]:
        """None while something is under way: its end is an event of its own."""
        over_s = self._memory.over_s
        if over_s is None or not self.quiet:
            return []
        return [max(over_s, self._effects.now_s + LOOK_AGAIN_S)]

    def _end_conversation(self) -> None:
        """After a pause the next conversation begins fresh."""
        busy = not self.quiet or self.awaits_answer(self._effects.now_s)
        if not busy and self._memory.over(self._effects.now_s) and self._effects.linked:
            self._effects.add(RenewSession())

    # --- the link -------------------------------------------------------------------------------

    def _link_up(self, event: local.LinkUp) -> None:
        self._forget_link()
        self._unanswered.faults.link_up()
        self._effects.epoch = event.epoch
        self._effects.linked = True
        self._renewing = False
        self._availability.link_tried = True
        for command in self._memory.items():
            self._effects.send(command)

    def _link_down(self, event: local.LinkDown) -> None:
        self._availability.link_tried = True
        if not self._effects.linked or event.epoch != self._effects.epoch:
            return
        self._unanswered.link_lost(
            pending=self._responses.answering or self._calls.running,
            sentence_kept=event.sentence_kept,
        )
        self._effects.linked = False
        self._renewing = event.renewed
        self._forget_link()

    def _forget_link(self) -> None:
        self._effects.forget_commands()
        self._responses.reset()
        self._calls.reset()
        self._mcp_calls.reset()
        self._clock.reset()
        self._announcements.link_lost()
        self._output_items.end_all()
        self._response_handlers.reset()
        self._call_contexts.reset()
        self._turns.reset()
        self._other_satellites.link_lost()
        self._follow_ups.link_lost()
        self._silent_turns.link_lost()
        self._open_question.link_lost()
        self._ducking.end()

    def _server_refused(self, event: local.ServerRefused) -> None:
        self._unanswered.faults.server_refuses(event.reason)

    # --- the user -------------------------------------------------------------------------------

    def _listen_mode_set(self, event: local.ListenModeSet) -> None:
        always = event.mode in ("open", "auto")
        self._silent_turns.offered = always and self._profile.offers_silence
        self._wake_word_demand.mode_set(event)

    def _addressed(self, event: local.Addressed) -> None:
        self._other_satellites.addressed(event)
        self._follow_ups.addressed()
        self._silent_turns.addressed()

    def _ask_requested(self, event: local.AskRequested) -> None:
        if not self._availability.server_usable:
            why = self._availability.spending_stop or "there is no server"
            self._effects.note("warning", f"A question is not asked: {why}.")
            self._typed_questions.refused(event.text, why)
            self._availability.addressed(local.AddressedWhileUnavailable("text"))
            return
        if event.picture and not self._takes_pictures():
            why = "this server takes no pictures"
            self._effects.note("warning", f"A question is not asked: {why}.")
            self._typed_questions.refused(event.text, why)
            return
        self._clock.tell()
        self._memory.typed(event.text, self._effects.now_s)
        self._typed_questions.asked(event.text)
        self._user_speech.typed(event.text, event.picture)
        self._response_handlers.typed()

    def _room_silent(self, event: local.RoomSilent) -> None:
        self._other_satellites.room_silent(event)
        self._wake_word_demand.room_silent()

    # --- the loudspeaker ------------------------------------------------------------------------

    def _playback_started(self, event: local.PlaybackStarted) -> None:
        self._unanswered.playback_started(event.item_id)

    def _playback_finished(self, event: local.PlaybackFinished) -> None:
        self._played(self._output_items.playback_finished(event))

    def _flushed(self, event: local.Flushed) -> None:
        self._played(self._output_items.flushed(event))

    def _played(self, items: list[PlayedItem]) -> None:
        for item in items:
            self._other_satellites.replied(item)
            self._open_question.said(item.text)
            if item.remembered:
                self._memory.played(item, self._effects.now_s)
            if not self._announcements.played(item):
                self._follow_ups.answered(item)

    def _local_audio(self, event: local.LocalAudio) -> None:
        if self._local_speech.expects(event):
            self._announcements.before_local_audio(event.item_id)
            self._local_speech.play(event)

    def _local_speech_ended(self, event: local.LocalSpeechEnded) -> None:
        spoken = self._local_speech.ended(event)
        if spoken is not None:
            self._announcements.local_speech_ended(event.item_id, spoken=spoken)
            self._unanswered.local_speech_ended(event.item_id, spoken=spoken)

    # --- calls, time and state ------------------------------------------------------------------

    def _call_finished(self, event: local.CallFinished) -> None:
        self._other_satellites.call_finished(event)
        self._follow_ups.acted()
        self._response_handlers.call_finished(event)

    def _notice_due(self, event: local.NoticeDue) -> None:
        self._local_speech.speak(self._local_speech.sentences.say(event.text, **event.values))

    def _tick(self, _: local.Tick) -> None:
        self._ducking.tick(self._effects.now_s)
        if self._turns.tick(self._effects.now_s):
            self._unanswered.ask_to_repeat(
                "Nobody said that the speech has ended; going on without that."
            )
        self._response_handlers.tick()
        self._other_satellites.tick()
        self._silent_turns.tick()
        overdue = self._local_speech.expire()
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

    @property
    def _answer_pending(self) -> bool:
        """An answer is being given, asked for or waited for, or a function runs for one."""
        due = self._turns.answer_due_s is not None
        return due or self._responses.answering or self._calls.running

    def _state(self) -> State:
        if self._output_items.sounding:
            return State.SPEAKING
        if self._effects.linked:
            if self._turns.person_speaking:
                return State.HEARING
            due = self._turns.answer_due_s is not None
            if due or self._responses.wanted or self._calls.running:
                undecided = self._silent_turns.undecided
                return State.HEARING if undecided else State.THINKING
        return self._availability.idle_state()
