"""Takes the loudspeaker's own sound out of the microphone's, so that one can interrupt by voice.

Modes: ``aec`` subtracts the echo (WebRTC's AEC3 by pywebrtc-audio), fed with exactly what the card
was given, aligned by the times of both cards. ``half-duplex`` sends silence while the loudspeaker
sounds: nothing can be misheard, and nobody can interrupt by voice. ``off`` is for headsets and
for microphones that do it themselves. ``auto`` takes ``aec`` where the library is installed,
``half-duplex`` elsewhere.

Nothing is computed while the loudspeaker is silent, unless noise suppression or gain control ask
for it. The canceller stops in the first pause after the last echo has died away, not in the middle
of a word (``crossfade``). Its output is not used where there is no echo at all (``presence``), nor
before it has adapted to the room (``warmup``), and how much of it is sent depends on whether
somebody speaks (``onset``, ``residue``).
"""

from __future__ import annotations

import importlib.util
import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from satellite.audio.deferred import Deferred
from satellite.audio.echo.crossfade import PATIENCE_S, PauseDetector, crossfade, delayed
from satellite.audio.echo.onset import Onset
from satellite.audio.echo.presence import EchoPresence
from satellite.audio.echo.reference import Reference
from satellite.audio.echo.residue import Residue
from satellite.audio.echo.warmup import Warmup
from satellite.conversation.events import SAMPLE_RATE_HZ
from satellite.conversation.events.local import Certainty

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from pywebrtc_audio import AudioProcessor

    Samples = npt.NDArray[np.int16]

log = logging.getLogger(__name__)

Mode = Literal["auto", "aec", "half-duplex", "off"]
_Source = Literal["near", "clean", "late"]

TAIL_S = 0.5
"""How long a living room may answer; the canceller also needs it to end in silence."""
HALF_DUPLEX_TAIL_S = 0.25
LEAD_FRAMES = SAMPLE_RATE_HZ * 15 // 1000
"""The reference runs this far ahead: a canceller can wait for an echo, not look back for one."""
STRAY_FRAMES = SAMPLE_RATE_HZ * 12 // 1000
"""Only a misalignment beyond this is corrected; within it the canceller adapts by itself."""
LATE_FRAMES = SAMPLE_RATE_HZ * 10 // 1000
"""The canceller's first output is older than this (9.3 ms measured), from when it last worked."""
FIGURE_SMOOTHING = 0.02
LOAD_AFTER_CHUNKS = 150
"""The library is loaded some seconds after the start, when there is time for it."""


class EchoCanceller:
    """``process`` for every chunk in order; the state is that of one microphone.

    ``captured_s`` tells when the chunk's first sample was captured, by the card's clock;
    ``speaks`` whether what the loudspeaker plays is speech. A chime asks somebody to speak, and is
    too short to be taken for a voice, so it silences nobody while the canceller warms up.
    """

    def __init__(
        self,
        mode: Mode,
        reference: Reference,
        captured_s: Callable[[], float],
        *,
        speaks: Callable[[], bool] = lambda: True,
        noise_suppression: bool = False,
        gain_control: bool = False,
    ) -> None:
        if mode == "auto":
            mode = "aec" if importlib.util.find_spec("pywebrtc_audio") else "half-duplex"
        self.mode: Mode = mode
        self.removed_db = 0.0
        """How much quieter the canceller makes what it hears while the loudspeaker sounds."""
        self.deaf = False
        """The last chunk was silenced whole, whoever spoke in it."""
        self.voice = Certainty.NONE
        """Whether somebody began to speak in the last chunk, while the loudspeaker sounds."""
        self._reference = reference
        self._captured_s = captured_s
        self._speaks = speaks
        self._of_speech = True
        """What echoes now is speech."""
        self._noise_suppression = noise_suppression
        self._gain_control = gain_control
        self._always = noise_suppression or gain_control
        self._processor = Deferred(self._make)
        self._chunks_to_load = LOAD_AFTER_CHUNKS
        self._place = 0
        self._pause = PauseDetector()
        self._presence = EchoPresence()
        self._warmup = Warmup()
        self._onset = Onset()
        self._residue = Residue()
        self._cancelling = False
        self._source: _Source = "near"
        """What was given last. ``late`` is ``near`` as old as ``clean``: from the one to the other
        nothing is left out or repeated."""
        self._last: Samples | None = None
        """The microphone's chunk before this one."""

    def load(self) -> None:
        """Loads the library now and here. Otherwise that happens beside, soon after the start."""
        if self.mode == "aec" or self._always:
            self._processor.wait()

    def process(self, chunk: bytes) -> bytes:
        """PCM16 24 kHz mono in and out, same length."""
        self.deaf = False
        self.voice = Certainty.NONE
        if self.mode == "off" and not self._always:
            return chunk
        if self._chunks_to_load and not self._processor.requested:
            self._chunks_to_load -= 1
            if not self._chunks_to_load and self.mode != "half-duplex":
                self._processor.get()
        captured_s = self._captured_s()
        tail_s = HALF_DUPLEX_TAIL_S if self.mode == "half-duplex" else TAIL_S
        silent_s = self._reference.silent_s(captured_s)
        if silent_s <= 0:
            self._of_speech = self._speaks()
        echoing = silent_s < tail_s
        if self.mode == "half-duplex" and echoing:
            return self._silenced(chunk)
        if self._always or (self.mode == "aec" and (echoing or self._cancelling)):
            processor = self._processor.get()
            if processor is not None:
                return self._processed(processor, chunk, captured_s, echoing=echoing)
            if echoing and self.mode == "aec":
                return self._silenced(chunk)
        return chunk

    def figures(self) -> dict[str, float]:
        """For the diagnostics."""
        return {"removed_db": round(self.removed_db, 1)} if self.mode == "aec" else {}

    # --- inside ---------------------------------------------------------------------------------

    def _silenced(self, chunk: bytes) -> bytes:
        self.deaf = True
        return bytes(len(chunk))

    def _make(self) -> AudioProcessor:
        from pywebrtc_audio import AudioProcessor

        return AudioProcessor(
            sample_rate=SAMPLE_RATE_HZ,
            echo_cancellation=self.mode == "aec",
            noise_suppression=self._noise_suppression,
            auto_gain_control=self._gain_control,
            stream_delay_ms=LEAD_FRAMES * 1000 // SAMPLE_RATE_HZ,
        )

    def _processed(
        self, processor: AudioProcessor, chunk: bytes, captured_s: float, *, echoing: bool
    ) -> bytes:
        import numpy as np

        near = np.frombuffer(chunk, np.int16)
        if self.mode != "aec":
            plain_chunk: bytes = processor.process(near).tobytes()
            return plain_chunk
        far = np.frombuffer(self._far(len(near), captured_s), np.int16)
        clean = processor.process(near, far)
        sounds = np.array((near, far, clean), np.float32)
        power, played, left = (np.einsum("ij,ij->i", sounds, sounds) / len(near)).tolist()
        if not self._cancelling:
            self._cancelling = True
            self._presence.reset()
        if echoing:
            self._measure(power, left)
            self._presence.hear(played, power, len(near) / SAMPLE_RATE_HZ)
            self.voice = self._onset.process(sounds[:2])
            if self._warming:
                self._warmup.hear(played, power, left, len(near) / SAMPLE_RATE_HZ)
                self._onset.begin()
                self.voice = Certainty.NONE
            self._residue.follow(self._onset, self.voice)
        else:
            self._onset.rest()
            self._residue.rest(silent=False)
        plain = self._plain_is_due(power, captured_s)
        last, self._last = self._last, near
        if echoing and self._warming:
            return self._silenced(chunk)
        clean = self._residue.softened(clean)
        if not self._always:
            clean = self._joined(near, clean, last, plain=plain)
        result: bytes = clean.tobytes()
        return result

    @property
    def _warming(self) -> bool:
        return self._of_speech and self._presence.heard and not self._warmup.done

    def _plain_is_due(self, power: float, captured_s: float) -> bool:
        """Whether there is nothing to cancel: no echo at all, or none any more and a pause."""
        paused = self._pause.heard(power, captured_s)
        over_s = self._reference.silent_s(captured_s) - TAIL_S
        if over_s >= 0 and (paused or self._source == "near" or over_s >= PATIENCE_S):
            self._cancelling = False
            self._residue.rest(silent=True)
        return self._presence.none or not self._cancelling

    def _joined(
        self, near: Samples, clean: Samples, last: Samples | None, *, plain: bool
    ) -> Samples:
        """The microphone's own sound or the canceller's, without a step between them."""
        before = self._source
        self._source = _source(plain=plain, voice=self._residue.voice_passes)
        sound = self._sound(self._source, near, clean, last)
        if before == self._source:
            return sound
        skip = min(LATE_FRAMES, len(near)) if before == "near" else 0
        return crossfade(self._sound(before, near, clean, last), sound, skip=skip)

    @staticmethod
    def _sound(source: _Source, near: Samples, clean: Samples, last: Samples | None) -> Samples:
        if source == "late":
            return delayed(last, near, LATE_FRAMES)
        return near if source == "near" else clean

    def _far(self, frames: int, captured_s: float) -> bytes:
        """What is heard while this chunk is captured, a little ahead, without jumps."""
        due = self._reference.place_at(captured_s) + LEAD_FRAMES
        if abs(due - self._place) > STRAY_FRAMES:
            self._place = due
        sound = self._reference.read(self._place, frames)
        self._place += frames
        return sound

    def _measure(self, before: float, after: float) -> None:
        if before > 1.0:
            gain_db = 10 * math.log10(before / max(after, 1.0))
            self.removed_db += FIGURE_SMOOTHING * (gain_db - self.removed_db)


def _source(*, plain: bool, voice: bool) -> _Source:
    return "near" if plain else "late" if voice else "clean"
