"""What is wrong, told to the people in the room: a sound each time, words where they are new.

A cause (``link``, ``refused``, ``muted``, ``spending``, ``microphone``, …) is open until it is
resolved. Its words are spoken once while it is open, and the same words at most every
``WORDS_PAUSE_S``, however often their cause comes and goes.
"""

from __future__ import annotations

from collections.abc import Callable

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ChimeName
from satellite.conversation.events.local import AddressedBy
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.spoken_texts import (
    MICROPHONE_LOST,
    MUTED,
    NO_SERVER,
    NOTHING_SENT,
    REFUSED,
    for_speech,
)

WORDS_PAUSE_S = 600.0
VOICE_PAUSE_S = 30.0
LONGEST_VOICE_PAUSE_S = 900.0
"""A voice in the room may be a television, so it is answered with the sound of an error at most
after half a minute, and each time after twice as long, until the server has answered again."""
VOICE_RECENT_S = 8.0
"""The server did not get a voice that was heard so shortly before its connection was given up."""


class FaultReports:
    """Sounds and words about what is wrong. ``sound`` plays one of the chimes."""

    def __init__(
        self, effects: EffectList, local_speech: LocalSpeech, sound: Callable[[ChimeName], None]
    ) -> None:
        self._effects = effects
        self._local_speech = local_speech
        self._sentences = local_speech.sentences
        self._sound = sound
        self._refusal = ""
        """Why the server refuses connections, as a sentence to be spoken."""
        self._open_causes: dict[str, str] = {}
        """The words that were spoken about each cause that is not resolved."""
        self._spoken_at_s: dict[str, float] = {}
        self._voice_at_s: float | None = None
        """When the microphone last heard a voice that the server has not reported."""
        self._reported_at_s: float | None = None
        self._voice_pause_s = VOICE_PAUSE_S / 2

    def report(self, cause: str, words: str) -> None:
        """Plays the error sound, and speaks ``words`` unless they were spoken lately."""
        now_s = self._reported_at_s = self._effects.now_s
        self._sound("error")
        if not words or self._open_causes.get(cause) == words:
            return
        self._open_causes[cause] = words
        recent = {one: at for one, at in self._spoken_at_s.items() if now_s - at < WORDS_PAUSE_S}
        if words not in recent:
            recent[words] = now_s
            self._local_speech.speak(words)
        self._spoken_at_s = recent

    def resolved(self, cause: str) -> None:
        self._open_causes.pop(cause, None)

    def part_failed(self, source: str, reason: str) -> None:
        """A part that worked has failed; an empty ``reason`` says that it works again."""
        if not reason:
            self.resolved(source)
        elif source == "spending":
            self.report(source, self._nothing_sent(reason))
        elif source == "microphone":
            words = self._sentences.say_message(for_speech(reason), MICROPHONE_LOST)
            self.report(source, words)
        else:
            self.report(source, "")

    def server_refuses(self, reason: str) -> None:
        self._refusal = self._sentences.say_message(for_speech(reason), REFUSED)
        self.report("refused", self._refusal)

    def server_answered(self) -> None:
        """The next voice that cannot be answered is told so after the shortest pause again."""
        self._voice_pause_s = VOICE_PAUSE_S / 2

    def link_up(self) -> None:
        self._refusal = ""
        self._voice_at_s = None
        self.resolved("refused")
        self.resolved("link")

    def addressed_while_unavailable(self, by: AddressedBy, *, muted: bool, spending: str) -> None:
        """Somebody speaks to a satellite that cannot hear them or have them answered.

        ``spending`` is the reason why nothing is sent, empty while there is none.
        """
        if muted:
            cause, words = "muted", self._sentences.say(MUTED)
        elif spending:
            cause, words = "spending", self._nothing_sent(spending)
        elif self._refusal:
            cause, words = "refused", self._refusal
        else:
            cause, words = "link", self._sentences.say(NO_SERVER)
        if by == "voice":
            self._report_to_voice(cause, words)
        else:
            self.report(cause, words)

    def _nothing_sent(self, reason: str) -> str:
        return self._sentences.say(NOTHING_SENT, reason=for_speech(reason))

    # --- voices in the room ---------------------------------------------------------------------

    def room_voice(self) -> None:
        """The microphone hears a voice, as far as its level tells."""
        self._voice_at_s = self._effects.now_s

    def server_heard_speech(self) -> None:
        self._voice_at_s = None

    def link_lost(self, *, told: bool) -> None:
        """Reports to a voice that the lost link did not carry. ``told``: a sound was played."""
        heard_s, self._voice_at_s = self._voice_at_s, None
        recent = heard_s is not None and self._effects.now_s - heard_s < VOICE_RECENT_S
        if recent and not told:
            self._report_to_voice("link", "")

    def _report_to_voice(self, cause: str, words: str) -> None:
        last_s = self._reported_at_s
        if last_s is not None and self._effects.now_s - last_s < self._voice_pause_s:
            return
        self._voice_pause_s = min(2 * self._voice_pause_s, LONGEST_VOICE_PAUSE_S)
        self.report(cause, words)
