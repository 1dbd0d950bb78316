"""What the satellite says without a server: from a text to an item at the loudspeaker.

A synthesiser outside of the conversation makes the audio (``effects.SpeakLocally``), which comes
back in pieces. It is played like that of a server: shown as ``said``, cut by whoever speaks,
counted at the DAC.
"""

from __future__ import annotations

from dataclasses import dataclass

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import SpeakLocally, StopLocalSpeech
from satellite.conversation.events.local import LocalAudio, LocalSpeechEnded
from satellite.conversation.output_items import OutputItems
from satellite.locales.sentences import Sentences

LONGEST_SILENCE_S = 30.0
"""A synthesiser that gives nothing for so long has failed. (On a slow machine a neural voice takes
seconds for a sentence.)"""


@dataclass(slots=True)
class _LocalItem:
    text: str
    volume: int | None
    has_audio: bool = False


class LocalSpeech:
    """Every item of the local voice whose audio is not complete."""

    def __init__(
        self, effects: EffectList, output_items: OutputItems, sentences: Sentences
    ) -> None:
        self.sentences = sentences
        """What the satellite says by itself."""
        self._effects = effects
        self._output_items = output_items
        self._open: dict[str, _LocalItem] = {}
        self._count = 0
        self._progress_s = 0.0
        """When the synthesiser last gave something."""

    def speak(self, text: str, *, volume: int | None = None) -> str:
        """Has the text spoken after what waits already; returns the item's id.

        ``volume`` (0 to 100) is that of this text alone; None is the usual one.
        """
        self._count += 1
        item_id = f"local-{self._count}"
        if not self._open:
            self._progress_s = self._effects.now_s
        self._open[item_id] = _LocalItem(text, volume)
        self._effects.add(SpeakLocally(item_id, text))
        return item_id

    def expects(self, event: LocalAudio) -> bool:
        """Whether this piece is still wanted."""
        return event.item_id in self._open and bool(event.audio)

    def play(self, event: LocalAudio) -> None:
        """Plays a piece that is expected."""
        item = self._open[event.item_id]
        self._progress_s = self._effects.now_s
        self._output_items.play(
            event.item_id, event.audio, remembered=False, local=True, volume=item.volume
        )
        if not item.has_audio:
            item.has_audio = True
            self._output_items.transcript(event.item_id, item.text, final=True)

    def ended(self, event: LocalSpeechEnded) -> bool | None:
        """Whether any of the item was spoken; None when it was not wanted any more."""
        item = self._open.pop(event.item_id, None)
        if item is None:
            return None
        self._progress_s = self._effects.now_s
        self._output_items.end(event.item_id)
        return item.has_audio

    def stop(self) -> None:
        """Nothing more is wanted of what was begun."""
        for item_id in self._open:
            self._effects.add(StopLocalSpeech(item_id))
        self._open.clear()

    def expire(self) -> LocalSpeechEnded | None:
        """Stops an item of which nothing came for too long; returns its end."""
        if not self._open or self._effects.now_s < self._progress_s + LONGEST_SILENCE_S:
            return None
        item_id = next(iter(self._open))
        self._effects.add(StopLocalSpeech(item_id))
        return LocalSpeechEnded(item_id, "It gave no sound.")

    def deadlines(self) -> list[float]:
        return [self._progress_s + LONGEST_SILENCE_S] if self._open else []
