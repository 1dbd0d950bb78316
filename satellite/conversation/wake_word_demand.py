"""Decides in listening mode ``auto`` when the wake word is needed: while others talk in the room.

Each turn that was not meant for the satellite costs a little, is heard by a server, and may be
answered by mistake. After ``TURNS`` of them in a row the satellite wants to hear its wake word, and
says so by a sound, the first time also in words, for not everybody knows the word. It listens
openly again when the room has been silent for a minute: a television is not silent for so long,
people at a table are when they have left it. A time would be no measure: after it the television
would be heard again, and the sound would come again, all evening.
"""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, RequireWakeWord
from satellite.conversation.events.local import ListenModeSet
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.spoken_texts import WAKE_WORD_NEEDED

TURNS = 3
"""A sentence or two to somebody else in the room is not yet a talk. With a television these are
over after some 20 seconds."""


class WakeWordDemand:
    """Counts the turns that were not meant for the satellite since the last that was."""

    def __init__(self, effects: EffectList, local_speech: LocalSpeech) -> None:
        self._effects = effects
        self._local_speech = local_speech
        self._wake_word = ""
        """Empty where none can be heard."""
        self._explained = False
        self._demanded = False
        self._fresh = False
        self._row = 0

    @property
    def available(self) -> bool:
        """The mode is ``auto``, and the wake word can be heard."""
        return bool(self._wake_word)

    def mode_set(self, event: ListenModeSet) -> None:
        self._wake_word = event.wake_word if event.mode == "auto" else ""
        self._demanded = self._fresh = False
        self._row = 0

    def not_for_it(self) -> None:
        """A turn was meant for somebody else, or no person's."""
        self._row += 1
        if self._row >= TURNS:
            self.demand()

    def demand(self) -> bool:
        """Wants to hear the wake word from now on; returns False where that is not possible."""
        if self.available and not self._demanded:
            self._demanded = self._fresh = True
            self._effects.note("info", "Others talk in the room: it wants to hear its wake word.")
            self._effects.add(Chime("wake_word"))
            self._effects.add(RequireWakeWord(True))
            if not self._explained:
                self._explained = True
                sentences = self._local_speech.sentences
                self._local_speech.speak(sentences.say(WAKE_WORD_NEEDED, word=self._wake_word))
        return self.available

    def for_it(self) -> None:
        """Somebody speaks to it."""
        self._row = 0

    def room_silent(self) -> None:
        """Nothing was heard in the room for a minute."""
        self._row = 0
        if self._demanded:
            self._demanded = self._fresh = False
            self._effects.note("info", "The room is silent: it listens openly again.")
            self._effects.add(RequireWakeWord(False))

    def take_fresh(self) -> bool:
        """Whether the microphone closes with the present step, perhaps in mid-sentence."""
        fresh, self._fresh = self._fresh, False
        return fresh
