"""Is somebody still talking to the satellite? Decides whether the microphone stays open. Pure.

Where a wake word or a button opens the microphone, it stays open after a reply for a while, so that
who goes on need not say the word again. With a television in the room that would never end: it is
always somebody who goes on. So the time is renewed only by a turn that was meant for the satellite:
the first one after the word or the button, and each of which something came, a function call or an
answer of more than a word (the model is told to say no more than that to talk that is not meant for
it). After ``IDLE_TURNS`` in a row of which nothing came, the talk is over.
"""

from __future__ import annotations

from collections import deque

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import FollowUp
from satellite.conversation.output_items import PlayedItem
from satellite.conversation.text_similarity import same

IDLE_TURNS = 2
HEARD_MS = 1_000
"""An answer into which somebody spoke sooner was not listened to."""
LONG_MS = 1_500
"""No single word lasts so long: for languages without spaces, and servers that write nothing."""
SAME_SHARE = 0.9
"""So much of an answer is found in another that is the same."""
REMEMBERED = 8


class FollowUps:
    """Follows the turns of one talk, and tells when the answer changes."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self._idle = 0
        self._addressed = True
        """Nobody has spoken yet since the word or the button."""
        self._turn = False
        """A turn has begun of which it is not known whether anything comes."""
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
        """Somebody, or something, speaks."""
        self._turn = True

    def completed(self) -> None:
        """The turn is complete: of the one before nothing more will come.

        Not when it begins: who adds a word to a question has not had their answer yet.
        """
        if self._complete:
            self._turn_over()
        self._turn = self._complete = True

    def dropped(self) -> None:
        """What was being said counts for nothing: it was cut, or another satellite said it."""
        self._turn = self._complete

    def link_lost(self) -> None:
        """Whoever spoke cannot help that nothing comes of it."""
        self._turn = self._complete = self._useful = False

    def acted(self) -> None:
        """A function was called."""
        self._useful = True

    def answered(self, answer: PlayedItem) -> None:
        """An answer was heard, to its end or up to where somebody spoke.

        The same answer again ("I did not understand that") is no further one.
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
        """Nobody speaks, and nothing is on its way any more."""
        if self._turn:
            self._turn_over()

    # --- inside ---------------------------------------------------------------------------------

    def _turn_over(self) -> None:
        came = self._useful or self._addressed
        self._addressed = self._turn = self._complete = self._useful = False
        self._idle = 0 if came else self._idle + 1
        if self._current.how == "end":
            return  # whatever is answered now was the last
        if self._idle >= IDLE_TURNS:
            self._set(FollowUp("end"))
        else:
            self._set(FollowUp("renew" if came else "keep"))

    def _set(self, follow_up: FollowUp) -> None:
        if follow_up != self._current:
            self._current = follow_up
            self._effects.add(follow_up)
