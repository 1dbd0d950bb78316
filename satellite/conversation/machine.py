"""The conversation as a state machine: told what happened, it answers with what to do.

Rules that open clients got wrong are kept here and nowhere else: silence at once when the user
speaks, cancel exactly while a response is being generated, one response at a time, a function
once per ``call_id``, nothing of an old link in a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from satellite.conversation import events as ev
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
from satellite.conversation.follow_up import FollowUps
from satellite.conversation.local_speech import OwnWords
from satellite.conversation.other_satellites import OtherSatellites
from satellite.conversation.output_items import Gone, OutputItems
from satellite.conversation.response_handlers import ResponseHandlers
from satellite.conversation.responses import PendingResponse, Responses
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_speech import UserSpeech
from satellite.conversation.user_turns import UserTurns

BUSY = frozenset({State.HEARING, State.THINKING, State.SPEAKING})
SHUT_THE_MICROPHONE = frozenset({"microphone", "spending"})
"""Troubles in which nothing more is sent, so that the server never hears a sentence's end."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How to behave with this server.

    ``interrupt``: who cancels when the user speaks; ``client`` sends ``response.cancel`` itself.
    ``echoes_metadata``: responses come back with the metadata of their request, as in GA.
    ``transcribes``: it is asked to write down what the person says. ``by_words``: functions that
    are judged by these words, so that their calls wait for them.
    ``output``: how it was asked to answer.
    """

    interrupt: Literal["client", "server"] = "client"
    echoes_metadata: bool = True
    transcribes: bool = False
    by_words: frozenset[str] = frozenset({"confirm"})
    output: Literal["audio", "text"] = "audio"


class Conversation:
    """One owner's view of one conversation over all its links.

    ``handle`` never raises for anything a server or a user can do, and takes no time.
    """

    def __init__(self, manners: Manners | None = None) -> None:
        self._manners = manners or Manners()
        self._out = EffectList()
        self._turns = UserTurns()
        self._exchanges = CallContexts(transcribed=self._manners.transcribes)
        self._voice = OutputItems(self._out, self._exchanges)
        self._calls = ToolCalls(self._out, self._exchanges, self._manners.by_words)
        self._replies = Responses(self._out, echoes_metadata=self._manners.echoes_metadata)
        self._own_words = OwnWords(self._out, self._voice)
        self._announcements = Announcements(
            self._out, voice=self._voice, replies=self._replies, own_words=self._own_words
        )
        self._silence = UnansweredTurns(
            self._out,
            turns=self._turns,
            voice=self._voice,
            calls=self._calls,
            replies=self._replies,
            own_words=self._own_words,
            speaks=self._manners.output == "audio",
        )
        self._answers = ResponseHandlers(
            self._out,
            turns=self._turns,
            voice=self._voice,
            calls=self._calls,
            replies=self._replies,
            announcements=self._announcements,
            exchanges=self._exchanges,
            silence=self._silence,
            cancels=self._manners.interrupt == "client",
        )
        self._company = OtherSatellites(
            self._out, turns=self._turns, voice=self._voice, calls=self._calls
        )
        self._ducking = Ducking(self._out)
        self._follow_ups = FollowUps(self._out)
        self._user = UserSpeech(
            self._out,
            turns=self._turns,
            exchanges=self._exchanges,
            voice=self._voice,
            calls=self._calls,
            replies=self._replies,
            announcements=self._announcements,
            own_words=self._own_words,
            silence=self._silence,
            company=self._company,
            ducking=self._ducking,
            follow_ups=self._follow_ups,
            cancels=self._manners.interrupt == "client",
        )
        self._tried = False
        self._troubles: dict[str, str] = {}
        self._complete = False
        self._shown: State | None = None
        self._now_s = 0.0
        self._handlers: dict[type, Callable[[Any], object]] = {
            ev.LinkUp: self._link_up,
            ev.LinkDown: self._link_down,
            ev.SpeechStarted: self._user.speech_started,
            ev.SpeechStopped: self._user.speech_stopped,
            ev.SpeechCut: self._user.speech_cut,
            ev.SpeechDropped: self._user.speech_dropped,
            ev.InputCleared: self._user.input_cleared,
            ev.InputCommitted: self._user.input_committed,
            ev.ItemAdded: self._answers.item_added,
            ev.ItemDone: self._answers.item_added,
            ev.InputTranscript: self._user.input_transcript,
            ev.TranscriptFailed: self._user.transcript_failed,
            ev.PeerSpeaks: self._company.peer_speaks,
            ev.Addressed: self._addressed,
            ev.RoomSilent: self._company.room_silent,
            ev.ResponseCreated: self._answers.created,
            ev.OutputItemAdded: self._answers.output_item_added,
            ev.OutputItemDone: self._answers.output_item_done,
            ev.AudioDelta: self._answers.audio_delta,
            ev.AudioDone: self._answers.audio_done,
            ev.TextDelta: self._answers.text,
            ev.TextDone: self._answers.text,
            ev.CallArgumentsDone: self._answers.call_arguments_done,
            ev.ResponseDone: self._answers.response_done,
            ev.ServerError: self._answers.server_error,
            ev.PlaybackStarted: lambda event: self._silence.heard(event.item_id),
            ev.PlaybackFinished: lambda event: self._gone(self._voice.on_finished(event)),
            ev.Flushed: lambda event: self._gone(self._voice.on_flushed(event)),
            ev.VoiceOnset: self._user.voice_onset,
            ev.RoomVoice: self._room_voice,
            ev.CalledUpon: self._called,
            ev.ServerRefused: lambda event: self._silence.server_refuses(event.reason),
            ev.StopPressed: self._stop_pressed,
            ev.MuteSet: self._user.mute_set,
            ev.AskRequested: self._ask_requested,
            ev.SayRequested: self._announcements.add,
            ev.LocalAudio: self._local_audio,
            ev.LocalSpeechEnded: self._local_speech_ended,
            ev.CallFinished: self._call_finished,
            ev.PartFailed: self._trouble,
            ev.Tick: self._tick,
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
        times = self._replies.deadlines() + self._turns.deadlines() + self._calls.deadlines()
        times += self._announcements.deadlines() + self._own_words.deadlines()
        times += self._company.deadlines() + self._silence.deadlines()
        times += self._ducking.deadlines()
        return min(times, default=None)

    def handle(self, event: ev.Event, now_s: float) -> list[Effect]:
        """What to do about ``event``; ``now_s`` is any monotonic clock, in seconds."""
        self._now_s = self._answers.now_s = self._calls.now_s = now_s
        self._announcements.now_s = self._silence.now_s = self._company.now_s = now_s
        self._user.now_s = now_s
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        self._silence.check()
        self._announcements.pump(
            server=self._server_speaks, loudspeaker="speaker" not in self._troubles
        )
        self._answers.pump()
        self._company.show()
        self._show_state()
        if self._announcements.attend():
            self._follow_ups.addressed()
        return self._out.take()

    @property
    def _server_speaks(self) -> bool:
        """There is a server that may be asked to say something, and would do so aloud."""
        allowed = "spending" not in self._troubles
        return self._out.linked and allowed and self._manners.output == "audio"

    # --- the link -------------------------------------------------------------------------------

    def _link_up(self, event: ev.LinkUp) -> None:
        self._forget_link()
        self._silence.link_up()
        self._out.epoch = event.epoch
        self._out.linked = True
        self._tried = True

    def _link_down(self, event: ev.LinkDown) -> None:
        self._tried = True
        if not self._out.linked or event.epoch != self._out.epoch:
            return
        self._silence.link_down(waiting=self._replies.answering or self._calls.running)
        self._out.linked = False
        self._forget_link()

    def _forget_link(self) -> None:
        self._out.forget()
        self._replies.reset()
        self._calls.reset()
        self._announcements.link_lost()
        self._voice.end_all()
        self._answers.reset()
        self._exchanges.reset()
        self._turns.reset()
        self._company.link_lost()
        self._follow_ups.link_lost()
        self._ducking.end()

    # --- the user -------------------------------------------------------------------------------

    def _room_voice(self, _: ev.RoomVoice) -> None:
        self._silence.voice()
        if self._tried and (not self._out.linked or "spending" in self._troubles):
            self._called(ev.CalledUpon("voice"))

    def _addressed(self, event: ev.Addressed) -> None:
        self._company.addressed(event)
        self._follow_ups.addressed()

    def _called(self, event: ev.CalledUpon) -> None:
        spending = self._troubles.get("spending", "")
        muted = self._user.muted and event.by != "text"
        if muted or spending or not self._out.linked:
            self._silence.called(event.by, muted=muted, spending=spending)

    def _stop_pressed(self, _: ev.StopPressed) -> None:
        self._announcements.stopped()
        self._voice.flush()
        self._own_words.hush()
        self._ducking.end()
        self._replies.interrupt()
        self._replies.drop_all()
        self._calls.call_off()
        self._calls.hush()
        self._turns.call_off(self._now_s)
        self._silence.forgive()

    def _ask_requested(self, event: ev.AskRequested) -> None:
        if not self._out.linked or "spending" in self._troubles:
            why = self._troubles.get("spending", "there is no server")
            self._out.note("warning", f"A question is not asked: {why}.")
            self._called(ev.CalledUpon("text"))
            return
        self._company.person()
        self._follow_ups.addressed()
        self._user.barge_in(cancel=True)
        self._turns.typed()
        self._exchanges.typed(event.text)
        self._calls.call_off()
        self._silence.owe(self._turns.count)
        self._out.send(SendUserText(event.text))
        self._answers.typed()
        self._replies.wish(PendingResponse())
        self._out.add(ExpectAudio())

    # --- the loudspeaker ------------------------------------------------------------------------

    def _gone(self, items: list[Gone]) -> None:
        for item in items:
            self._company.spoke(item)
            if not self._announcements.gone(item):
                self._follow_ups.answered(item)

    def _local_audio(self, event: ev.LocalAudio) -> None:
        if self._own_words.expects(event):
            self._announcements.local_audio(event.item_id)
            self._own_words.audio(event, self._now_s)

    def _local_speech_ended(self, event: ev.LocalSpeechEnded) -> None:
        spoken = self._own_words.ended(event, self._now_s)
        if spoken is not None:
            self._announcements.local_ended(event.item_id, spoken=spoken)
            self._silence.local_ended(event.item_id, spoken=spoken)

    # --- the house ------------------------------------------------------------------------------

    def _call_finished(self, event: ev.CallFinished) -> None:
        self._company.call_finished(event)
        self._follow_ups.acted()
        self._answers.call_finished(event)

    def _trouble(self, event: ev.PartFailed) -> None:
        if event.reason:
            fresh = event.source not in self._troubles
            self._troubles[event.source] = event.reason
            if self._complete and fresh:
                self._silence.part_broken(event.source, event.reason)
            if fresh and event.source in SHUT_THE_MICROPHONE:
                self._user.drop_sentence()
        else:
            self._troubles.pop(event.source, None)
            self._silence.part_broken(event.source, "")

    # --- time and state -------------------------------------------------------------------------

    def _tick(self, _: ev.Tick) -> None:
        self._ducking.tick(self._now_s)
        if self._turns.tick(self._now_s):
            self._silence.say_again("Nobody said that the speech has ended; going on without that.")
        self._answers.tick()
        self._company.tick()
        overdue = self._own_words.overdue(self._now_s)
        if overdue is not None:
            self._local_speech_ended(overdue)
        self._calls.release()

    def _show_state(self) -> None:
        state = self._state()
        if state not in BUSY:
            self._follow_ups.at_rest()
        if state is not self._shown:
            self._shown = state
            self._out.add(ShowState(state))

    def _state(self) -> State:
        if self._voice.sounding:
            return State.SPEAKING
        if not self._out.linked:
            return State.WAITING if self._tried else State.STARTING
        if self._turns.has_the_word:
            return State.HEARING
        due = self._turns.answer_due_s is not None
        if due or self._replies.busy or self._calls.running:
            return State.THINKING
        if self._troubles:
            return State.ERROR if self._complete else State.STARTING
        self._complete = True
        return State.MUTED if self._user.muted else State.LISTENING
