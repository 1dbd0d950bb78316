"""The user's side: from the first sound of a turn to its transcript, and what is typed.

A person who begins to speak interrupts: the reply falls silent at once, and the server is made to
stop. What is known here of the user's speech comes in too: that the microphone is muted, or that a
sentence was cut.
"""

from __future__ import annotations

from satellite.conversation.announcements import Announcements
from satellite.conversation.call_context import CallContexts
from satellite.conversation.clock import ClockItems
from satellite.conversation.commands import ClearInput, CommitInput, DeleteItem, SendUserText
from satellite.conversation.ducking import Ducking
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ExpectAudio, ShowHeard
from satellite.conversation.events import local, server
from satellite.conversation.follow_up import FollowUps
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.other_satellites import OtherSatellites
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import PendingResponse, ResponseQueue
from satellite.conversation.silent_turns import SilentTurns
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_turns import UserTurns

MAX_REASONS_LOGGED = 8
"""Reasons of failed transcripts that are logged; a server may invent a new one each time."""


class UserSpeech:
    """The user's side of the conversation.

    ``cancels``: the satellite itself cancels the response when somebody interrupts, not the server.
    ``detects_turns``: the server says when a turn begins and ends, and answers it by itself.
    """

    def __init__(
        self,
        effects: EffectList,
        *,
        clock: ClockItems,
        turns: UserTurns,
        call_contexts: CallContexts,
        output_items: OutputItems,
        calls: ToolCalls,
        responses: ResponseQueue,
        announcements: Announcements,
        local_speech: LocalSpeech,
        unanswered: UnansweredTurns,
        other_satellites: OtherSatellites,
        ducking: Ducking,
        follow_ups: FollowUps,
        silent_turns: SilentTurns,
        cancels: bool,
        detects_turns: bool,
    ) -> None:
        self.muted = False
        self._effects = effects
        self._clock = clock
        self._turns = turns
        self._call_contexts = call_contexts
        self._output_items = output_items
        self._calls = calls
        self._responses = responses
        self._announcements = announcements
        self._local_speech = local_speech
        self._unanswered = unanswered
        self._other_satellites = other_satellites
        self._ducking = ducking
        self._follow_ups = follow_ups
        self._silent_turns = silent_turns
        self._cancels = cancels
        self._detects_turns = detects_turns
        self._failure_reasons: set[str] = set()
        """Why transcripts have failed; each reason is logged once, for it may last for days."""

    def speech_started(self, event: server.SpeechStarted) -> None:
        if self.muted:
            self._turns.void(event.item_id)
            return
        doubtful = self._other_satellites.turn_begins(event.item_id)
        begun = self._turns.started(event.item_id, self._effects.now_s, doubtful=doubtful)
        if doubtful or not begun:
            return
        self._clock.tell()
        self._follow_ups.began()
        self._unanswered.faults.server_heard_speech()
        self._begin_turn(event.item_id, cancel=self._cancels)
        self._effects.add(ExpectAudio())  # a sound server may take two seconds to wake its card

    def _begin_turn(self, item_id: str, *, cancel: bool) -> None:
        """A person takes a turn."""
        self._interrupt(cancel=cancel)
        self._silent_turns.began(item_id)
        self._call_contexts.began(item_id)
        self._calls.cancel_waiting()

    def _interrupt(self, *, cancel: bool) -> None:
        """Silences the satellite, then makes the server stop and forget what was not heard.

        Answers that were still to be asked for are dropped: the response to the new turn covers
        them.
        """
        self._announcements.interrupted()
        self._output_items.flush()
        self._local_speech.stop()
        self._ducking.end()
        self._responses.interrupt(cancel=cancel)
        self._responses.drop_answers()
        self._unanswered.stop_waiting()

    def speech_stopped(self, event: server.SpeechStopped) -> None:
        if not (self._turns.is_void(event.item_id) or self._turns.doubtful):
            self._call_contexts.ended(event.item_id)
        if self._turns.stopped(self._effects.now_s):
            self._silent_turns.ended()
            self._unanswered.await_answer(self._turns.count + 1)
            self._effects.add(ExpectAudio())

    def turn_began(self, _: local.TurnBegan) -> None:
        """The satellite says that a turn begins. The server has no item for it yet."""
        if self.muted or not self._effects.linked:
            return
        self._turns.cleared()
        self._turns.started("", self._effects.now_s)
        self._clock.tell()
        self._follow_ups.began()
        self._call_contexts.dropped()
        self._interrupt(cancel=True)
        self._silent_turns.began("")
        self._calls.cancel_waiting()
        self._effects.add(ExpectAudio())

    def turn_ended(self, event: local.TurnEnded) -> None:
        """The server is told that the turn is complete, and asked to answer it."""
        if not self._turns.speaking:
            return
        if not event.said:
            self.drop_sentence()
            return
        self._turns.stopped(self._effects.now_s)
        self._turns.answer_due_s = None  # the server begins no answer by itself
        self._silent_turns.ended()
        self._unanswered.await_answer(self._turns.count + 1)
        self._effects.send(CommitInput())
        self._responses.request(PendingResponse())
        self._effects.add(ExpectAudio())

    def speech_cut(self, _: local.SpeechCut) -> None:
        if self._turns.person_speaking and not self._output_items.sounding:
            self._unanswered.ask_to_repeat("What somebody said was cut off.")
        self.drop_sentence()

    def speech_dropped(self, _: local.SpeechDropped) -> None:
        self._unanswered.ask_to_repeat(
            "A sentence began before it could be sent, so nothing of it was."
        )

    def input_cleared(self, _: server.InputCleared) -> None:
        self._turns.cleared()

    def input_committed(self, event: server.InputCommitted) -> None:
        if self._turns.is_void(event.item_id):
            self._turns.reject_answer(self._effects.now_s)
            self._unanswered.discard(self._turns.count + 1)
            if event.item_id:
                self._effects.send(DeleteItem(event.item_id))
            return
        if not self._other_satellites.is_persons_turn(event.item_id):
            self._turns.reject_answer(self._effects.now_s, event.item_id)
            self._unanswered.discard(self._turns.count + 1)
            self._call_contexts.taken_back(event.item_id)
            self._follow_ups.dropped()
            return
        if self._turns.doubtful:
            self._turns.doubtful = False
            self._begin_turn(event.item_id, cancel=self._cancels)
        self._call_contexts.ended(event.item_id)
        self._follow_ups.completed()
        self._silent_turns.committed(event.item_id)
        if not self._detects_turns:
            self._turns.typed()
        elif self._turns.committed(event.item_id, self._effects.now_s):
            self._unanswered.await_answer(self._turns.count)
            self._effects.add(ExpectAudio())

    def input_transcript(self, event: server.InputTranscript) -> None:
        whose = self._other_satellites.transcript(event.item_id, event.text)
        if whose == "peer" or self._turns.is_void(event.item_id):
            return
        if whose == "person":
            self._answer_late(event.item_id)
        self._call_contexts.wrote(event.item_id, event.text)
        self._calls.release()
        if event.text:
            self._effects.add(ShowHeard(event.item_id, event.text))

    def transcript_failed(self, event: server.TranscriptFailed) -> None:
        """The model has heard the turn all the same; only its transcript is missing."""
        self._other_satellites.transcript(event.item_id, "")
        self._call_contexts.not_written(event.item_id)
        self._calls.release()
        if (
            event.reason not in self._failure_reasons
            and len(self._failure_reasons) < MAX_REASONS_LOGGED
        ):
            self._failure_reasons.add(event.reason)
            reason = f" ({event.reason})" if event.reason else ""
            self._effects.note("warning", f"What was said could not be written down{reason}.")

    def _answer_late(self, item_id: str) -> None:
        """A turn turns out to be a person's, by its transcript: another satellite spoke too."""
        self._begin_turn(item_id, cancel=True)
        self._follow_ups.completed()
        self._call_contexts.ended(item_id)
        self._silent_turns.committed(item_id)
        self._turns.typed()
        self._unanswered.await_answer(self._turns.count)
        self._responses.request(PendingResponse())
        self._effects.add(ExpectAudio())

    def typed(self, text: str, picture: str = "") -> None:
        """A turn of the user as text, and perhaps a picture."""
        self._other_satellites.person_present()
        self._follow_ups.addressed()
        self._silent_turns.typed()
        self._interrupt(cancel=True)
        self._turns.typed()
        self._call_contexts.typed(text)
        self._calls.cancel_waiting()
        self._unanswered.await_answer(self._turns.count)
        self._effects.send(SendUserText(text, picture))
        self._responses.request(PendingResponse())
        self._effects.add(ExpectAudio())

    def stop_pressed(self, _: local.StopPressed) -> None:
        self._announcements.stopped()
        self._output_items.flush()
        self._local_speech.stop()
        self._ducking.end()
        self._responses.interrupt()
        self._responses.drop_all()
        self._calls.cancel_waiting()
        self._calls.silence()
        self._turns.cancel_answer(self._effects.now_s)
        self._unanswered.stop_waiting()

    def voice_onset(self, event: local.VoiceOnset) -> None:
        if self._output_items.sounding and not self.muted:
            self._ducking.lower(self._effects.now_s, event.certainty)

    def mute_set(self, event: local.MuteSet) -> None:
        if event.muted and not self.muted:
            self.drop_sentence()
        if not event.muted:
            self._unanswered.faults.resolved("muted")
        self.muted = event.muted

    def drop_sentence(self) -> None:
        """Discards what somebody is just saying: the server will not get its end."""
        self._turns.drop(self._effects.now_s)
        self._follow_ups.dropped()
        self._call_contexts.dropped()
        self._unanswered.stop_waiting()
        if self._effects.linked:
            self._effects.send(ClearInput())
