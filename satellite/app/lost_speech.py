"""Sees to it that whoever spoke to a lost session is heard by the next one, or told. Pure.

Either, and never both: whoever is told says it again, and it would be done twice.
"""

from __future__ import annotations

from collections.abc import Callable

from satellite.audio.capture.sentence import Sentence

HOPE_S = 4.0
"""A sentence that begins within this time after a session was lost is kept for the next one; later,
whoever speaks is told at once that there is none."""


class LostSpeech:
    """What is known of speech that no server has taken.

    ``tell`` reports that somebody speaks; without a session, they learn by that that there is none.
    """

    def __init__(
        self, sentence: Sentence, tell: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._sentence = sentence
        self._tell = tell
        self._clock = clock
        self._lost_at_s: float | None = None
        self._surely = False
        """What the server has not taken is surely speech."""
        self.pending = False
        """Somebody spoke to a lost session, or to none, and waits to be heard by the next."""

    @property
    def without_session(self) -> bool:
        """There was a session, and no other has followed."""
        return self._lost_at_s is not None

    def session_lost(self, *, may_be_own_voice: bool, in_turn: bool) -> bool:
        """Returns whether what is being said, or was said last, is kept for the next session.

        ``may_be_own_voice``: the satellite speaks; ``in_turn``: somebody said by a button or the
        wake word that they speak.
        """
        self._lost_at_s = self._clock()
        if may_be_own_voice and not self._surely:
            self._sentence.give_up()
        self.pending = (self._surely or in_turn) and self._sentence.waiting
        return self._sentence.waiting

    def new_session(self) -> None:
        self._lost_at_s = None
        self.pending = False

    def reported(self) -> None:
        """The server hears somebody speak."""
        self._surely = self._sentence.waiting

    def noticed(self) -> None:
        """The microphone hears what is more than a noise."""
        self._surely = True
        lost_at_s = self._lost_at_s
        if lost_at_s is None:
            self._tell()
        elif self._sentence.waiting and self._clock() - lost_at_s < HOPE_S:
            self.pending = True
        else:
            self._give_up()

    def excuse(self) -> None:
        """Somebody has shut the microphone, or learns that it is gone; no more has to be told."""
        self.pending = False

    def check(self) -> None:
        """To be called with each chunk: gives up what can be given to no session any more."""
        if not self._sentence.waiting:
            self._surely = False
            if self.pending:
                self._give_up()

    def _give_up(self) -> None:
        self.pending = False
        self._sentence.give_up()
        self._tell()
