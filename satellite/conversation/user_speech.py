"""Somebody who speaks to the satellite: from the first sound to the written words.

What the server tells of the user's speech comes here, and what this machine knows of it: that the
microphone is muted, that a sentence was cut. A person who begins to speak takes the word: the reply
falls silent at once and the server is made to stop.
"""

from __future__ import annotations

from satellite.conversation import events as ev
from satellite.conversation.announcements import Announcements
from satellite.conversation.call_context import CallContexts
from satellite.conversation.commands import ClearInput, DeleteItem
from satellite.conversation.ducking import Ducking
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ExpectAudio, ShowHeard, Spent
from satellite.conversation.follow_up import FollowUps
from satellite.conversation.local_speech import OwnWords
from satellite.conversation.other_satellites import OtherSatellites
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import PendingResponse, Responses
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_turns import UserTurns

REASONS_TOLD = 8
"""Reasons of failed transcripts that are told; a server may invent a new one each time."""


class UserSpeech:
    """The user's side of the conversation. ``now_s`` is set before each event.

    ``cancels``: the satellite itself cancels the reply when somebody cuts in, not the server.
    """

    def __init__(
        self,
        outbox: EffectList,
        *,
        turns: UserTurns,
        exchanges: CallContexts,
        voice: OutputItems,
        calls: ToolCalls,
        replies: Responses,
        announcements: Announcements,
        own_words: OwnWords,
        silence: UnansweredTurns,
        company: OtherSatellites,
        ducking: Ducking,
        follow_ups: FollowUps,
        cancels: bool,
    ) -> None:
        self.now_s = 0.0
        self.muted = False
        self._out = outbox
        self._turns = turns
        self._exchanges = exchanges
        self._voice = voice
        self._calls = calls
        self._replies = replies
        self._announcements = announcements
        self._own_words = own_words
        self._silence = silence
        self._company = company
        self._ducking = ducking
        self._follow_ups = follow_ups
        self._cancels = cancels
        self._not_written: set[str] = set()
        """Why transcripts have failed; each is told once, for the trouble may last for days."""

    def speech_started(self, event: ev.SpeechStarted) -> None:
        if self.muted:
            self._turns.void(event.item_id)
            return
        doubtful = self._company.turn_begins(event.item_id)
        begun = self._turns.started(event.item_id, self.now_s, doubtful=doubtful)
        if doubtful or not begun:
            return
        self._follow_ups.began()
        self._silence.server_hears()
        self._take_the_word(event.item_id, cancel=self._cancels)
        self._out.add(ExpectAudio())  # a sound server may take two seconds to wake its card

    def _take_the_word(self, item_id: str, *, cancel: bool) -> None:
        """A person speaks."""
        self.barge_in(cancel=cancel)
        self._exchanges.began(item_id)
        self._calls.call_off()

    def barge_in(self, *, cancel: bool) -> None:
        """Somebody wants the word: silence, then whatever makes the server stop and forget.

        Answers that were still wanted are dropped, the response to the new turn covers them.
        """
        self._announcements.interrupted()
        self._voice.flush()
        self._own_words.hush()
        self._ducking.end()
        self._replies.interrupt(cancel=cancel)
        self._replies.drop_answers()
        self._silence.forgive()

    def speech_stopped(self, event: ev.SpeechStopped) -> None:
        if not (self._turns.is_void(event.item_id) or self._turns.doubtful):
            self._exchanges.ended(event.item_id)
        if self._turns.stopped(self.now_s):
            self._silence.owe(self._turns.count + 1)
            self._out.add(ExpectAudio())

    def speech_cut(self, _: ev.SpeechCut) -> None:
        if self._turns.has_the_word and not self._voice.sounding:
            self._silence.say_again("What somebody said was cut off.")
        self.drop_sentence()

    def speech_dropped(self, _: ev.SpeechDropped) -> None:
        self._silence.say_again("A sentence began before it could be sent, so nothing of it was.")

    def input_cleared(self, _: ev.InputCleared) -> None:
        self._turns.cleared()

    def input_committed(self, event: ev.InputCommitted) -> None:
        if self._turns.is_void(event.item_id):
            self._turns.disown(self.now_s)
            self._silence.disown(self._turns.count + 1)
            if event.item_id:
                self._out.send(DeleteItem(event.item_id))
            return
        if not self._company.turn_is_a_persons(event.item_id):
            self._turns.disown(self.now_s, event.item_id)
            self._silence.disown(self._turns.count + 1)
            self._exchanges.taken_back(event.item_id)
            self._follow_ups.dropped()
            return
        if self._turns.doubtful:
            self._turns.doubtful = False
            self._take_the_word(event.item_id, cancel=self._cancels)
        self._exchanges.ended(event.item_id)
        self._follow_ups.completed()
        if self._turns.committed(event.item_id, self.now_s):
            self._silence.owe(self._turns.count)
            self._out.add(ExpectAudio())

    def input_transcript(self, event: ev.InputTranscript) -> None:
        if event.usage is not None:
            self._out.add(Spent(event.usage))  # also for what nobody said to us
        whose = self._company.transcript(event.item_id, event.text)
        if whose == "peer" or self._turns.is_void(event.item_id):
            return
        if whose == "person":
            self._answer_late(event.item_id)
        self._exchanges.wrote(event.item_id, event.text)
        self._calls.release()
        if event.text:
            self._out.add(ShowHeard(event.item_id, event.text))

    def transcript_failed(self, event: ev.TranscriptFailed) -> None:
        """The model has heard it all the same; only what was said is not written down."""
        self._company.transcript(event.item_id, "")
        self._exchanges.not_written(event.item_id)
        self._calls.release()
        if event.reason not in self._not_written and len(self._not_written) < REASONS_TOLD:
            self._not_written.add(event.reason)
            reason = f" ({event.reason})" if event.reason else ""
            self._out.note("warning", f"What was said could not be written down{reason}.")

    def _answer_late(self, item_id: str) -> None:
        """Somebody spoke while another satellite did, and only the words told them apart."""
        self._take_the_word(item_id, cancel=True)
        self._follow_ups.completed()
        self._exchanges.ended(item_id)
        self._turns.typed()
        self._silence.owe(self._turns.count)
        self._replies.wish(PendingResponse())
        self._out.add(ExpectAudio())

    def voice_onset(self, event: ev.VoiceOnset) -> None:
        if self._voice.sounding and not self.muted:
            self._ducking.lower(self.now_s, sure=event.sure)

    def mute_set(self, event: ev.MuteSet) -> None:
        if event.muted and not self.muted:
            self.drop_sentence()
        if not event.muted:
            self._silence.unmuted()
        self.muted = event.muted

    def drop_sentence(self) -> None:
        """What somebody was just saying will not be heard to its end, so it counts for nothing."""
        self._turns.drop(self.now_s)
        self._follow_ups.dropped()
        self._exchanges.dropped()
        self._silence.forgive()
        if self._out.linked:
            self._out.send(ClearInput())
