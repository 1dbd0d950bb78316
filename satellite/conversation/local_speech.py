"""What the satellite says itself, without a server: from a text to an item at the loudspeaker.

The sound is made outside of here (``effects.SpeakLocally``) and comes back in pieces. It is played
like that of a server: shown as ``said``, cut by whoever speaks, counted at the DAC.
"""

from __future__ import annotations

from dataclasses import dataclass

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import SpeakLocally, StopLocalSpeech
from satellite.conversation.events.local import LocalAudio, LocalSpeechEnded
from satellite.conversation.output_items import OutputItems

LONGEST_SILENCE_S = 30.0
"""A synthesiser that gives nothing for so long has failed, whatever became of it. (On a slow
machine a neural voice takes seconds for a sentence.)"""


@dataclass(slots=True)
class _LocalItem:
    text: str
    volume: int | None
    sounds: bool = False


class LocalSpeech:
    """Every item of the local voice of which not all the sound has come."""

    def __init__(self, effects: EffectList, output_items: OutputItems) -> None:
        self._effects = effects
        self._output_items = output_items
        self._open: dict[str, _LocalItem] = {}
        self._count = 0
        self._progress_s = 0.0
        """When the local voice did something last."""

    def speak(self, text: str, now_s: float, *, volume: int | None = None) -> str:
        """Has the text spoken behind what waits already; returns the item's id."""
        self._count += 1
        item_id = f"local-{self._count}"
        if not self._open:
            self._progress_s = now_s
        self._open[item_id] = _LocalItem(text, volume)
        self._effects.add(SpeakLocally(item_id, text))
        return item_id

    def expects(self, event: LocalAudio) -> bool:
        """Whether this piece is still wanted."""
        return event.item_id in self._open and bool(event.audio)

    def audio(self, event: LocalAudio, now_s: float) -> None:
        """Plays a piece that is expected."""
        words = self._open[event.item_id]
        self._progress_s = now_s
        self._output_items.play(
            event.item_id, event.audio, remembered=False, local=True, volume=words.volume
        )
        if not words.sounds:
            words.sounds = True
            self._output_items.transcript(event.item_id, words.text, final=True)

    def ended(self, event: LocalSpeechEnded, now_s: float) -> bool | None:
        """Returns whether it was spoken at all; ``None`` when it was not wanted any more."""
        words = self._open.pop(event.item_id, None)
        if words is None:
            return None
        self._progress_s = now_s
        self._output_items.end(event.item_id)
        return words.sounds

    def stop(self) -> None:
        """Nothing more is wanted of what was begun."""
        for item_id in self._open:
            self._effects.add(StopLocalSpeech(item_id))
        self._open.clear()

    def expire(self, now_s: float) -> LocalSpeechEnded | None:
        """The end of what is being spoken, if the local voice owes it for too long."""
        if not self._open or now_s < self._progress_s + LONGEST_SILENCE_S:
            return None
        item_id = next(iter(self._open))
        self._effects.add(StopLocalSpeech(item_id))
        return LocalSpeechEnded(item_id, "It gave no sound.")

    def deadlines(self) -> list[float]:
        return [self._progress_s + LONGEST_SILENCE_S] if self._open else []
