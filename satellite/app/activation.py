"""Wake word and listen button: whoever wants to speak hears whether the satellite listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from satellite.audio.playback.chimes import Chime
from satellite.conversation.events import Event, local

if TYPE_CHECKING:
    from satellite.audio.playback.loudspeaker import Loudspeaker
    from satellite.audio.wake.detector import WakeWordModel
    from satellite.core.wake_words import Lag
    from satellite.realtime.link import Link


class WakeWordDetector(Protocol):
    """``satellite.audio.wake.detector.WakeWord``."""

    @property
    def words(self) -> Sequence[WakeWordModel]: ...

    def load(self) -> None:
        """Loads the models. Blocks."""

    def process(self, chunk: bytes) -> WakeWordModel | None:
        """The word that ends in this chunk, if one does."""


class Activation:
    """Answers whoever wants to speak with a chime when the satellite listens, else by the
    conversation, which says why speaking is of no use now.

    ``wake_word`` is None where the settings want none. ``shut``: whether the gate lets nothing
    through whoever asks for it, because it is muted or locked.
    """

    def __init__(
        self,
        wake_word: WakeWordDetector | None,
        *,
        link: Link,
        speaker: Loudspeaker,
        shut: Callable[[], bool],
        on_event: Callable[[Event], None],
        chime: Callable[[Chime], None],
    ) -> None:
        self.wake_word = wake_word
        """May come later."""
        self._link = link
        self._speaker = speaker
        self._shut = shut
        self._on_event = on_event
        self._chime = chime

    def detect(self, chunk: bytes) -> Lag | None:
        """Whether the wake word was spoken, and when such a word ends. For the gate."""
        word = self.wake_word.process(chunk) if self.wake_word is not None else None
        if word is None:
            return None
        self._on_event(local.Addressed())
        if self._speaker.sounding:
            # It lowers an announcement; a chime would wait for its end.
            self._on_event(local.VoiceOnset(local.Certainty.SURE))
        elif not self._listens:
            self.respond("wake word")
        return word.lag

    def waiting(self) -> None:
        """Whoever said the wake word says no more, and waits for a sign. For the gate."""
        if self._listens and not self._speaker.sounding:
            self.respond("wake word")

    def respond(self, by: local.AddressedBy) -> None:
        """Somebody wants to speak."""
        if self._listens:
            self._chime("listening")
        else:
            self._link.retry_now()
            self._on_event(local.AddressedWhileUnavailable(by))

    @property
    def _listens(self) -> bool:
        return self._link.ready and not self._shut()


def wake_word_of(mode: str, names: tuple[str, ...]) -> WakeWordDetector | None:
    """The detector for the listening mode; its module is loaded only where one is wanted.

    Raises ``MissingPartError`` and ``SettingsError`` as ``WakeWord`` does.
    """
    if mode not in ("auto", "wake"):
        return None
    from satellite.audio.wake.detector import WakeWord

    return WakeWord(names)
