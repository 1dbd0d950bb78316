"""Whoever speaks hears an answer, or a sound that says that none will come.

A complete turn of a person, spoken or typed, waits for its answer. The first sound of an answer
ends the waiting, and so does the person who speaks again or wants silence. Otherwise it ends, after
a time-out or when it is known that no answer comes, in one sound: ``no_answer`` (nothing came back,
so it has to be said again) or ``error`` (something is wrong). Where only a person can mend what is
wrong, words follow (``fault_reports``).
"""

from __future__ import annotations

from dataclasses import dataclass

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, ChimeName, ShowProblem, ShowSaid
from satellite.conversation.events.server import ResponseDone
from satellite.conversation.fault_reports import FaultReports
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import ResponseQueue, ServerResponse
from satellite.conversation.spoken_texts import PERSON_MUST_ACT
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.user_turns import REPLY_EXPECTED_S, UserTurns

THINKING_S = 15.0
"""A response that has begun may send nothing for so long before the person is told that there is
no answer. Models that reason take several seconds before their first sound."""
SOUND_PAUSE_S = 2.0
"""Two failures within this time are one sound."""

ANSWERS = "answers"
"""Source of the problem that a server takes turns and fails to answer them."""


@dataclass(slots=True)
class _WaitingTurn:
    turn: int
    progress_s: float
    """When something last happened that an answer may follow."""
    heard_something: bool = False
    """A preamble ("Let me see") was heard, so the result of a function may need no more words."""


class UnansweredTurns:
    """The turn that waits for an answer. ``speaks``: answers are wanted as audio."""

    def __init__(
        self,
        effects: EffectList,
        *,
        turns: UserTurns,
        output_items: OutputItems,
        calls: ToolCalls,
        responses: ResponseQueue,
        local_speech: LocalSpeech,
        speaks: bool,
    ) -> None:
        self.faults = FaultReports(effects, local_speech, self._sound)
        self._effects = effects
        self._turns = turns
        self._output_items = output_items
        self._calls = calls
        self._responses = responses
        self._local_speech = local_speech
        self._speaks = speaks
        self._waiting_turn: _WaitingTurn | None = None
        self._answer_items: set[str] = set()
        """Items of the local voice that read out an answer in writing."""
        self._failing = False
        self._sounded_s: float | None = None

    # --- the waiting turn -----------------------------------------------------------------------

    def await_answer(self, turn: int) -> None:
        """A person's turn is complete."""
        self._waiting_turn = _WaitingTurn(turn, self._effects.now_s)

    def await_result(self, turn: int) -> None:
        """A response about results of functions was asked for."""
        if self._waiting_turn is None:
            self._waiting_turn = _WaitingTurn(turn, self._effects.now_s, heard_something=True)

    def stop_waiting(self) -> None:
        """The person speaks again or wants silence."""
        self._waiting_turn = None
        self._answer_items.clear()

    def discard(self, turn: int) -> None:
        """What began as this turn came from no person, or does not count."""
        if self._waiting_turn is not None and self._waiting_turn.turn == turn:
            self._waiting_turn = None

    def playback_started(self, item_id: str) -> None:
        if self._output_items.is_answer(item_id):
            self._waiting_turn = None

    def check_timeout(self) -> None:
        """Tells the person when the answer is overdue. To be called after each event."""
        due_s = self._due_s()
        if due_s is not None and self._effects.now_s >= due_s:
            self.ask_to_repeat("Somebody spoke, and the server gave no answer.")

    def deadlines(self) -> list[float]:
        due_s = self._due_s()
        return [] if due_s is None else [due_s]

    def _due_s(self) -> float | None:
        waiting = self._waiting_turn
        if waiting is None:
            return None
        if self._turns.person_speaking or self._calls.running or self._output_items.sounding:
            waiting.progress_s = self._effects.now_s
            return None
        active = self._responses.active
        if active is None or active.out_of_band:
            return waiting.progress_s + REPLY_EXPECTED_S
        return max(waiting.progress_s, active.last_event_s) + THINKING_S

    def ask_to_repeat(self, why: str) -> None:
        """No answer comes to what somebody said."""
        self._effects.note("warning", why)
        self._sound("no_answer")

    def link_lost(self, *, pending: bool, sentence_kept: bool) -> None:
        """``pending``: a response or a call was under way; ``sentence_kept``: what is being said
        is not lost."""
        cut = self._turns.person_speaking and not sentence_kept
        told = pending or self._waiting_turn is not None or cut
        if told:
            self._sound("error")
        self.faults.link_lost(told=told or sentence_kept)

    def _sound(self, name: ChimeName) -> None:
        now_s = self._effects.now_s
        recently = self._sounded_s is not None and now_s - self._sounded_s < SOUND_PAUSE_S
        if self._waiting_turn is not None or not recently:
            self._sounded_s = now_s
            self._effects.add(Chime(name))
        self._waiting_turn = None

    # --- responses ------------------------------------------------------------------------------

    def response_over(self, response: ServerResponse, event: ResponseDone) -> None:
        """A response that nobody interrupted has ended."""
        if event.status == "failed":
            self._response_failed(event.reason, event.message, aloud=not response.out_of_band)
        elif event.status == "completed":
            self._answers_again()
        if response.out_of_band:
            return  # ``announcements`` makes sure that it is heard
        ended = event.status in ("completed", "incomplete")
        written = {
            item_id: text.strip()
            for item_id, text in response.texts.items()
            if item_id not in response.audio_items and text.strip()
        }
        if ended and self._speaks and not response.calls.called:
            self._answer_items.update(map(self._local_speech.speak, written.values()))
        else:
            for item_id, text in written.items():
                self._effects.add(ShowSaid(item_id, text, 0, interrupted=False))
        if written:
            self._waiting_turn = None
        elif ended and not response.audio_items and not response.calls.called:
            self._answer_was_empty(response, event)

    def stayed_silent(self) -> None:
        """The server works, and what was heard was not meant for the satellite."""
        self._waiting_turn = None
        self._answers_again()

    def _answer_was_empty(self, response: ServerResponse, event: ResponseDone) -> None:
        waiting = self._waiting_turn
        if waiting is None or response.turn < waiting.turn:
            return
        if waiting.heard_something and event.status == "completed":
            self._waiting_turn = None
        else:
            why = f" ({event.reason})" if event.reason else ""
            self.ask_to_repeat(f"The server's answer was empty{why}.")

    def request_refused(self, code: str, message: str) -> None:
        """The server does not begin a response that was asked for."""
        self._response_failed(code, message, aloud=True)

    def local_speech_ended(self, item_id: str, *, spoken: bool) -> None:
        """The local voice has ended an item. An answer that it could not speak ends in a sound."""
        if item_id in self._answer_items:
            self._answer_items.discard(item_id)
            if not spoken:
                self._sound("no_answer")

    def _response_failed(self, code: str, message: str, *, aloud: bool) -> None:
        what = f"The server failed to answer ({code}): {message}"
        self._effects.note("warning", what)
        self._failing = True
        self._effects.add(ShowProblem(ANSWERS, what))
        if aloud:
            words = self._local_speech.sentences.say(PERSON_MUST_ACT.get(code, ""))
            self.faults.report(ANSWERS, words)

    def _answers_again(self) -> None:
        if self._failing:
            self._failing = False
            self._effects.add(ShowProblem(ANSWERS, ""))
        self.faults.resolved(ANSWERS)
        self.faults.server_answered()
