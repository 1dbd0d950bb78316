"""Nobody who spoke is left in silence: an answer, or a sound that says that none will come.

A completed turn of a person, spoken or typed, is a *debt*. It is paid by the first sound of an
answer, forgiven when the person speaks again or wants silence, and else ends, after a while or when
it is known that no answer comes, in one sound: ``no_answer`` (nothing came back: say it again) or
``error`` (something is wrong). Where only a person can mend what is wrong, words follow, once until
it is mended.
"""

from __future__ import annotations

from dataclasses import dataclass

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, ChimeName, ShowProblem, ShowSaid
from satellite.conversation.events.local import AddressedBy
from satellite.conversation.events.server import ResponseDone
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import ResponseQueue, ServerResponse
from satellite.conversation.spoken_texts import (
    MUTED,
    NO_SERVER,
    NOTHING_SENT,
    PERSON_MUST_ACT,
    for_speech,
)
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.user_turns import REPLY_EXPECTED_S, UserTurns

THINKING_S = 15.0
"""A response that has begun and of which nothing comes for so long: whoever waits is told. Models
that reason take several seconds before their first sound."""
WORDS_PAUSE_S = 600.0
"""The same words are not said more often, however often their cause comes and goes."""
VOICE_PAUSE_S = 30.0
LONGEST_VOICE_PAUSE_S = 900.0
"""Who merely speaks in the room (or a television) is told so seldom that nobody listens: half a
minute after the last time, and each time after twice as long, until the server has answered."""
VOICE_RECENT_S = 8.0
"""A voice so shortly before its connection was given up had nobody who listened."""

SOUND_PAUSE_S = 2.0
"""Two things that went wrong together are one sound."""

ANSWERS = "answers"
"""The problem of a server that takes turns and fails to answer them."""


@dataclass(slots=True)
class _WaitingTurn:
    turn: int
    progress_s: float
    """When something last happened that an answer may follow."""
    heard_something: bool = False
    """"Let me see" was heard; what a function brought may need no further words."""


class UnansweredTurns:
    """``now_s`` is set before each event. ``speaks``: answers are wanted as sound."""

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
        self.now_s = 0.0
        self._effects = effects
        self._turns = turns
        self._output_items = output_items
        self._calls = calls
        self._responses = responses
        self._local_speech = local_speech
        self._speaks = speaks
        self._waiting_turn: _WaitingTurn | None = None
        self._answer_items: set[str] = set()
        """Answers in words of our own."""
        self._refusal = ""
        """Why the server wants to have nothing to do with us."""
        self._failing = False
        self._open_causes: dict[str, str] = {}
        """What was said of each cause that is not mended."""
        self._said_s: dict[str, float] = {}
        self._voice_s: float | None = None
        """When somebody was last heard speaking here of whom the server has not told."""
        self._told_s: float | None = None
        self._voice_pause_s = VOICE_PAUSE_S / 2
        self._sounded_s: float | None = None

    # --- debts ----------------------------------------------------------------------------------

    def await_answer(self, turn: int) -> None:
        """A person's turn is complete."""
        self._waiting_turn = _WaitingTurn(turn, self.now_s)

    def await_result(self, turn: int) -> None:
        """What a function brought will be spoken about."""
        if self._waiting_turn is None:
            self._waiting_turn = _WaitingTurn(turn, self.now_s, heard_something=True)

    def stop_waiting(self) -> None:
        """Nobody waits any more: they speak again, or want silence."""
        self._waiting_turn = None
        self._answer_items.clear()

    def heard(self, item_id: str) -> None:
        """The first sound of this item left the loudspeaker."""
        if self._output_items.is_answer(item_id):
            self._waiting_turn = None

    def check(self) -> None:
        """Pays a debt that nothing else will pay. To be called after each event."""
        due_s = self._due_s()
        if due_s is not None and self.now_s >= due_s:
            self.ask_to_repeat("Somebody spoke, and the server gave no answer.")

    def deadlines(self) -> list[float]:
        due_s = self._due_s()
        return [] if due_s is None else [due_s]

    def _due_s(self) -> float | None:
        waiting = self._waiting_turn
        if waiting is None:
            return None
        if self._turns.person_speaking or self._calls.running or self._output_items.sounding:
            waiting.progress_s = self.now_s
            return None
        active = self._responses.active
        if active is None or active.out_of_band:
            return waiting.progress_s + REPLY_EXPECTED_S
        return max(waiting.progress_s, active.last_event_s) + THINKING_S

    def ask_to_repeat(self, why: str) -> None:
        """Nothing will come of what somebody said."""
        self._effects.note("warning", why)
        self._sound("no_answer")

    def _sound(self, name: ChimeName) -> None:
        recently = self._sounded_s is not None and self.now_s - self._sounded_s < SOUND_PAUSE_S
        if self._waiting_turn is not None or not recently:
            self._sounded_s = self.now_s
            self._effects.add(Chime(name))
        self._waiting_turn = None

    # --- responses ------------------------------------------------------------------------------

    def response_over(self, reply: ServerResponse, event: ResponseDone) -> None:
        """A response that nobody interrupted has ended."""
        if event.status == "failed":
            self._failed(event.reason, event.message, aloud=not reply.out_of_band)
        elif event.status == "completed":
            self._answers_again()
        if reply.out_of_band:
            return  # an announcement is heard in another way
        ended = event.status in ("completed", "incomplete")
        written = {
            item_id: text.strip()
            for item_id, text in reply.texts.items()
            if item_id not in reply.audio_items and text.strip()
        }
        if ended and self._speaks and not reply.calls.called:
            for text in written.values():
                self._read_out(text)
        else:
            for item_id, text in written.items():
                self._effects.add(ShowSaid(item_id, text, 0, interrupted=False))
        if written:
            self._waiting_turn = None
        elif ended and not reply.audio_items and not reply.calls.called:
            self._answer_was_empty(reply, event)

    def _read_out(self, text: str) -> None:
        """An answer in writing is an answer; where sound was wanted it is spoken here."""
        self._answer_items.add(self._local_speech.speak(text, self.now_s))

    def _answer_was_empty(self, reply: ServerResponse, event: ResponseDone) -> None:
        waiting = self._waiting_turn
        if waiting is None or reply.turn < waiting.turn:
            return
        if waiting.heard_something and event.status == "completed":
            self._waiting_turn = None
        else:
            why = f" ({event.reason})" if event.reason else ""
            self.ask_to_repeat(f"The server's answer was empty{why}.")

    def discard(self, turn: int) -> None:
        """What began as this turn was no person's, or counts for nothing."""
        if self._waiting_turn is not None and self._waiting_turn.turn == turn:
            self._waiting_turn = None

    def refused(self, code: str, message: str) -> None:
        """The server does not begin a response that was asked for."""
        self._failed(code, message, aloud=True)

    def local_speech_ended(self, item_id: str, *, spoken: bool) -> None:
        """Own words came to their end. An answer that could not be spoken ends in a sound."""
        if item_id in self._answer_items:
            self._answer_items.discard(item_id)
            if not spoken:
                self._sound("no_answer")

    def _failed(self, code: str, message: str, *, aloud: bool) -> None:
        what = f"The server failed to answer ({code}): {message}"
        self._effects.note("warning", what)
        self._failing = True
        self._effects.add(ShowProblem(ANSWERS, what))
        if aloud:
            self._report(ANSWERS, PERSON_MUST_ACT.get(code, ""))

    def _answers_again(self) -> None:
        if self._failing:
            self._failing = False
            self._effects.add(ShowProblem(ANSWERS, ""))
        self._resolved(ANSWERS)
        self._voice_pause_s = VOICE_PAUSE_S / 2

    # --- what is wrong --------------------------------------------------------------------------

    def server_refuses(self, reason: str) -> None:
        self._refusal = for_speech(reason)
        self._report("refused", self._refusal)

    def link_up(self) -> None:
        self._refusal = ""
        self._resolved("refused")
        self._resolved("link")
        self._voice_s = None

    def link_down(self, *, waiting: bool) -> None:
        """``waiting``: something was on its way that will not come now."""
        unheard = self._voice_s is not None and self.now_s - self._voice_s < VOICE_RECENT_S
        if waiting or self._waiting_turn is not None or self._turns.person_speaking:
            self._sound("error")
        elif unheard:
            self._report_to_voice("link", "")
        self._voice_s = None

    def part_broken(self, source: str, reason: str) -> None:
        """A part that worked does not any more; an empty ``reason`` ends it."""
        if not reason:
            self._resolved(source)
        elif source == "spending":
            self._report(source, NOTHING_SENT.format(reason=for_speech(reason)))
        elif source == "microphone":
            self._report(source, for_speech(reason))
        else:
            self._report(source, "")

    def addressed_while_unavailable(self, by: AddressedBy, *, muted: bool, spending: str) -> None:
        """Somebody speaks to a satellite that cannot hear, or not have it answered."""
        if muted:
            cause, words = "muted", MUTED
        elif spending:
            cause, words = "spending", NOTHING_SENT.format(reason=for_speech(spending))
        elif self._refusal:
            cause, words = "refused", self._refusal
        else:
            cause, words = "link", NO_SERVER
        if by == "voice":
            self._report_to_voice(cause, words)
        else:
            self._report(cause, words)

    def room_voice(self) -> None:
        """Somebody in the room speaks, as far as that can be told here."""
        self._voice_s = self.now_s

    def server_heard_speech(self) -> None:
        self._voice_s = None

    def unmuted(self) -> None:
        self._resolved("muted")

    def _report_to_voice(self, cause: str, words: str) -> None:
        if self._told_s is not None and self.now_s - self._told_s < self._voice_pause_s:
            return
        self._voice_pause_s = min(2 * self._voice_pause_s, LONGEST_VOICE_PAUSE_S)
        self._report(cause, words)

    def _report(self, cause: str, words: str) -> None:
        """A sound each time, and words where they are new."""
        self._told_s = self.now_s
        self._sound("error")
        said_s = self._said_s.get(words)
        if words and self._open_causes.get(cause) != words:
            self._open_causes[cause] = words
            if said_s is None or self.now_s - said_s >= WORDS_PAUSE_S:
                self._said_s = {
                    text: at_s
                    for text, at_s in self._said_s.items()
                    if self.now_s - at_s < WORDS_PAUSE_S
                }
                self._said_s[words] = self.now_s
                self._local_speech.speak(words, self.now_s)

    def _resolved(self, cause: str) -> None:
        self._open_causes.pop(cause, None)
