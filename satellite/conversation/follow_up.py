"""Decides whether a microphone that a wake word or a button has opened stays open.

It stays open for a while after each reply, so that a person who goes on need not repeat the wake
word. With a television in the room that would never end. So the time is renewed only by a turn that
was meant for the satellite: the first one after the wake word or the button, and each that led to a
function call or to an answer of more than a word (the model is told to say no more than that to
talk that is not meant for it). After ``IDLE_TURNS`` other turns in a row the microphone closes.
"""

from __future__ import annotations

from collections import deque

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import FollowUp
from satellite.conversation.output_items import PlayedItem
from satellite.conversation.text_similarity import same

IDLE_TURNS = 2
HEARD_MS = 1_000
"""An answer that was interrupted sooner was not listened to."""
LONG_MS = 1_500
"""No single word lasts so long; for languages without spaces and servers without transcripts."""
SAME_SHARE = 0.9
"""Two answers count as the same when this share of each is found in the other."""
REMEMBERED = 8


class FollowUps:
    """Follows the turns of one talk, and adds a ``FollowUp`` whenever the decision changes."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self._idle = 0
        self._addressed = True
        """No turn has been judged since the wake word or the button."""
        self._turn = False
        """A turn has begun that is not judged yet."""
        self._complete = False
        self._useful = False
        self._answers: deque[str] = deque(maxlen=REMEMBERED)
        self._current = FollowUp("renew")

    def addressed(self) -> None:
        """The wake word, the button, a typed question, or an announcement that asks something."""
        self._idle = 0
        self._addressed = True
        self._turn = self._complete = self._useful = False
        self._answers.clear()
        self._set(FollowUp("renew"))

    def began(self) -> None:
        """A turn begins."""
        self._turn = True

    def completed(self) -> None:
        """The turn is complete, so the one before can be judged.

        Not already when it begins: who adds a word to a question has not had their answer yet.
        """
        if self._complete:
            self._turn_over()
        self._turn = self._complete = True

    def dropped(self) -> None:
        """The turn does not count: it was cut, or another satellite's."""
        self._turn = self._complete

    def link_lost(self) -> None:
        """The turn cannot be answered, so it is not judged."""
        self._turn = self._complete = self._useful = False

    def acted(self) -> None:
        """A function call has finished."""
        self._useful = True

    def answered(self, answer: PlayedItem) -> None:
        """An answer was heard, to its end or up to an interruption.

        A repeated answer ("I did not understand that") does not count.
        """
        if not (answer.whole or answer.heard_ms >= HEARD_MS):
            return
        if len(answer.text.split()) < 2 and answer.heard_ms < LONG_MS:
            return
        if answer.text and any(same(answer.text, one, SAME_SHARE) for one in self._answers):
            return
        self._answers.append(answer.text)
        self._useful = True

    def idle(self) -> None:
        """Nobody speaks, and nothing is under way."""
        if self._turn:
            self._turn_over()

    # --- inside ---------------------------------------------------------------------------------

    def _turn_over(self) -> None:
        came = self._useful or self._addressed
        self._addressed = self._turn = self._complete = self._useful = False
        self._idle = 0 if came else self._idle + 1
        if self._current.how == "end":
            return
        if self._idle >= IDLE_TURNS:
            self._set(FollowUp("end"))
        else:
            self._set(FollowUp("renew" if came else "keep"))

    def _set(self, follow_up: FollowUp) -> None:
        if follow_up != self._current:
            self._current = follow_up
            self._effects.add(follow_up)
