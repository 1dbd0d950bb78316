"""From the microphone to the server: echo canceller, onset detector, gate, link.

Tells whether anything of the room is being sent: it is known here and nowhere else.

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
        on_streaming: Callable[[bool], None],
        speaking: Callable[[], bool],
        clock: Callable[[], float],
        cleaner: Cleaner | None = None,
        onset: Onset | None = None,
    ) -> None:
        self._gate = gate
        self._append = append
        self._on_voice = on_voice
        self._on_streaming = on_streaming
        self._streaming = False
        self._speaking = speaking
        self._clock = clock
        self._cleaner = cleaner
        self._onset = onset

    def hear(self, chunk: bytes) -> None:
        """One chunk, as long as ``audio.chunk_ms`` says."""
        if self._cleaner is not None:
            chunk = self._cleaner.process(chunk)
        now_s = self._clock()
        sent = False
        for piece in self._gate.admit(chunk, now_s):
            sent = self._append(piece)
        passes = self._gate.passes(now_s)
        # The silence after a gate has closed is sent as well, but it is nothing of the room.
        self._show(sent and passes)
        if self._onset is not None and passes and self._speaking() and self._onset.process(chunk):
            self._on_voice()

    def rest(self) -> None:
        """No chunks come any more, so nothing is sent."""
        self._show(False)

    def _show(self, streaming: bool) -> None:
        if streaming is not self._streaming:
            self._streaming = streaming
            self._on_streaming(streaming)
