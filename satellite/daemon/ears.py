"""From the microphone to the server: echo canceller, onset detector, gate, link.

Runs once for every chunk on the event loop, fifty times a second for months; nothing in here
allocates more than the chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from satellite.audio.hearing.gate import Gate


class Cleaner(Protocol):
    """Takes the loudspeaker's sound out of a chunk; PCM16 mono 24 kHz in and out."""

    def process(self, chunk: bytes) -> bytes: ...


class Onset(Protocol):
    """Hears whether somebody begins to speak; asked only while the satellite speaks."""

    def process(self, chunk: bytes) -> bool: ...


class Ears:
    """What happens to each chunk of the microphone."""

    def __init__(
        self,
        gate: Gate,
        *,
        append: Callable[[bytes], bool],
        on_voice: Callable[[], None],
        speaking: Callable[[], bool],
        clock: Callable[[], float],
        cleaner: Cleaner | None = None,
        onset: Onset | None = None,
    ) -> None:
        self._gate = gate
        self._append = append
        self._on_voice = on_voice
        self._speaking = speaking
        self._clock = clock
        self._cleaner = cleaner
        self._onset = onset

    def hear(self, chunk: bytes) -> None:
        """One chunk, as long as ``audio.chunk_ms`` says."""
        if self._cleaner is not None:
            chunk = self._cleaner.process(chunk)
        now_s = self._clock()
        for piece in self._gate.admit(chunk, now_s):
            self._append(piece)
        if (
            self._onset is not None
            and self._speaking()
            and self._gate.passes(now_s)
            and self._onset.process(chunk)
        ):
            self._on_voice()
