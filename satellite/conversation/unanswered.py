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
from satellite.conversation.events import By, ResponseDone
from satellite.conversation.local_speech import OwnWords
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import Reply, Responses
from satellite.conversation.spoken_texts import (
    MUTED,
    NO_SERVER,
    NOTHING_SENT,
    PERSON_MUST_ACT,
    for_ears,
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
class _Debt:
    turn: int
    progress_s: float
    """When something last happened that an answer may follow."""
    heard_something: bool = False
    """"Let me see" was heard; what a function brought may need no further words."""


class UnansweredTurns:
    """``now_s`` is set before each event. ``speaks``: answers are wanted as sound."""

    def __init__(
        self,
        outbox: EffectList,
        *,
        turns: UserTurns,
        voice: OutputItems,
        calls: ToolCalls,
        replies: Responses,
        own_words: OwnWords,
        speaks: bool,
    ) -> None:
        self.now_s = 0.0
        self._out = outbox
        self._turns = turns
        self._voice = voice
        self._calls = calls
        self._replies = replies
        self._own_words = own_words
        self._speaks = speaks
        self._debt: _Debt | None = None
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

    def owe(self, turn: int) -> None:
        """A person's turn is complete."""
        self._debt = _Debt(turn, self.now_s)

    def owe_result(self, turn: int) -> None:
        """What a function brought will be spoken about."""
        if self._debt is None:
            self._debt = _Debt(turn, self.now_s, heard_something=True)

    def forgive(self) -> None:
        """Nobody waits any more: they speak again, or want silence."""
        self._debt = None
        self._answer_items.clear()

    def heard(self, item_id: str) -> None:
        """The first sound of this item left the loudspeaker."""
        if self._voice.is_answer(item_id):
            self._debt = None

    def check(self) -> None:
        """Pays a debt that nothing else will pay. To be called after each event."""
        due_s = self._due_s()
        if due_s is not None and self.now_s >= due_s:
            self.say_again("Somebody spoke, and the server gave no answer.")

    def deadlines(self) -> list[float]:
        due_s = self._due_s()
        return [] if due_s is None else [due_s]

    def _due_s(self) -> float | None:
        debt = self._debt
        if debt is None:
            return None
        if self._turns.has_the_word or self._calls.running or self._voice.sounding:
            debt.progress_s = self.now_s
            return None
        active = self._replies.active
        if active is None or active.out_of_band:
            return debt.progress_s + REPLY_EXPECTED_S
        return max(debt.progress_s, active.last_event_s) + THINKING_S

    def say_again(self, why: str) -> None:
        """Nothing will come of what somebody said."""
        self._out.note("warning", why)
        self._sound("no_answer")

    def _sound(self, name: ChimeName) -> None:
        recently = self._sounded_s is not None and self.now_s - self._sounded_s < SOUND_PAUSE_S
        if self._debt is not None or not recently:
            self._sounded_s = self.now_s
            self._out.add(Chime(name))
        self._debt = None

    # --- responses ------------------------------------------------------------------------------

    def response_over(self, reply: Reply, event: ResponseDone) -> None:
        """A response that nobody interrupted has ended."""
        if event.status == "failed":
            self._failed(event.reason, event.message, aloud=not reply.out_of_band)
        elif event.status == "completed":
            self._work_again()
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
                self._out.add(ShowSaid(item_id, text, 0, interrupted=False))
        if written:
            self._debt = None
        elif ended and not reply.audio_items and not reply.calls.called:
            self._empty(reply, event)

    def _read_out(self, text: str) -> None:
        """An answer in writing is an answer; where sound was wanted it is spoken here."""
        self._answer_items.add(self._own_words.speak(text, self.now_s))

    def _empty(self, reply: Reply, event: ResponseDone) -> None:
        debt = self._debt
        if debt is None or reply.turn < debt.turn:
            return
        if debt.heard_something and event.status == "completed":
            self._debt = None
        else:
            why = f" ({event.reason})" if event.reason else ""
            self.say_again(f"The server's answer was empty{why}.")

    def disown(self, turn: int) -> None:
        """What began as this turn was no person's, or counts for nothing."""
        if self._debt is not None and self._debt.turn == turn:
            self._debt = None

    def refused(self, code: str, message: str) -> None:
        """The server does not begin a response that was asked for."""
        self._failed(code, message, aloud=True)

    def local_ended(self, item_id: str, *, spoken: bool) -> None:
        """Own words came to their end. An answer that could not be spoken ends in a sound."""
        if item_id in self._answer_items:
            self._answer_items.discard(item_id)
            if not spoken:
                self._sound("no_answer")

    def _failed(self, code: str, message: str, *, aloud: bool) -> None:
        what = f"The server failed to answer ({code}): {message}"
        self._out.note("warning", what)
        self._failing = True
        self._out.add(ShowProblem(ANSWERS, what))
        if aloud:
            self._trouble(ANSWERS, PERSON_MUST_ACT.get(code, ""))

    def _work_again(self) -> None:
        if self._failing:
            self._failing = False
            self._out.add(ShowProblem(ANSWERS, ""))
        self._mended(ANSWERS)
        self._voice_pause_s = VOICE_PAUSE_S / 2

    # --- what is wrong --------------------------------------------------------------------------

    def server_refuses(self, reason: str) -> None:
        self._refusal = for_ears(reason)
        self._trouble("refused", self._refusal)

    def link_up(self) -> None:
        self._refusal = ""
        self._mended("refused")
        self._mended("link")
        self._voice_s = None

    def link_down(self, *, waiting: bool) -> None:
        """``waiting``: something was on its way that will not come now."""
        unheard = self._voice_s is not None and self.now_s - self._voice_s < VOICE_RECENT_S
        if waiting or self._debt is not None or self._turns.has_the_word:
            self._sound("error")
        elif unheard:
            self._tell_voice("link", "")
        self._voice_s = None

    def part_broken(self, source: str, reason: str) -> None:
        """A part that worked does not any more; an empty ``reason`` ends it."""
        if not reason:
            self._mended(source)
        elif source == "spending":
            self._trouble(source, NOTHING_SENT.format(reason=for_ears(reason)))
        elif source == "microphone":
            self._trouble(source, for_ears(reason))
        else:
            self._trouble(source, "")

    def called(self, by: By, *, muted: bool, spending: str) -> None:
        """Somebody speaks to a satellite that cannot hear, or not have it answered."""
        if muted:
            cause, words = "muted", MUTED
        elif spending:
            cause, words = "spending", NOTHING_SENT.format(reason=for_ears(spending))
        elif self._refusal:
            cause, words = "refused", self._refusal
        else:
            cause, words = "link", NO_SERVER
        if by == "voice":
            self._tell_voice(cause, words)
        else:
            self._trouble(cause, words)

    def voice(self) -> None:
        """Somebody in the room speaks, as far as that can be told here."""
        self._voice_s = self.now_s

    def server_hears(self) -> None:
        self._voice_s = None

    def unmuted(self) -> None:
        self._mended("muted")

    def _tell_voice(self, cause: str, words: str) -> None:
        if self._told_s is not None and self.now_s - self._told_s < self._voice_pause_s:
            return
        self._voice_pause_s = min(2 * self._voice_pause_s, LONGEST_VOICE_PAUSE_S)
        self._trouble(cause, words)

    def _trouble(self, cause: str, words: str) -> None:
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
                self._own_words.speak(words, self.now_s)

    def _mended(self, cause: str) -> None:
        self._open_causes.pop(cause, None)
