"""piper's process: ``python -m satellite.local_server.tts.piper_worker``.

It is a process of its own because a neural voice takes whole cores for moments, and 200 MB until
it ends. piper-tts is under the GPL and no dependency of the satellite; only this process loads it,
and only where somebody installed it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
from typing import TYPE_CHECKING

from satellite.core.child_processes import follow_parent
from satellite.local_server.worker import Numbered, serve

if TYPE_CHECKING:
    from piper import PiperVoice

_MODELS_KEPT = 2
"""A model is 60 MB and takes a second to load."""
_NICENESS = 5
"""The microphone and the loudspeaker of the same machine have priority."""
_NO_REPORTS = "ORT_DISABLE_TELEMETRY"
"""Switches off the telemetry of onnxruntime, which from some version after 1.30 on gives each
machine an identity and reports its use (its Privacy.md). Must be set before it is loaded."""


class SynthesisRequest(Numbered):
    """With empty ``text`` only loads the model. ``speaker`` is modulo the speakers of the model."""

    model: str
    text: str = ""
    speaker: int = 0
    speed: float = 1.0


class Synthesis(Numbered):
    """PCM16 mono at ``rate_hz``, or the reason why there is none."""

    pcm: bytes = b""
    rate_hz: int = 0
    failure: str = ""


def synthesise(request: SynthesisRequest) -> Synthesis:
    """Any error of piper or a model becomes the reply: the next request may succeed."""
    try:
        return _synthesise(request)
    except Exception as error:  # noqa: BLE001 - told to the server, which speaks otherwise
        return Synthesis(request.number, failure=f"{type(error).__name__}: {error}")


def _synthesise(request: SynthesisRequest) -> Synthesis:
    from piper import SynthesisConfig

    voice = _model(request.model)
    rate_hz = voice.config.sample_rate
    if not request.text:
        return Synthesis(request.number, rate_hz=rate_hz)
    many = voice.config.num_speakers > 1
    chunks = voice.synthesize(
        request.text,
        SynthesisConfig(
            speaker_id=request.speaker % voice.config.num_speakers if many else None,
            # The model's own length, divided by the requested speed.
            length_scale=voice.config.length_scale / request.speed,
        ),
    )
    pcm = b"".join(chunk.audio_int16_bytes for chunk in chunks)
    return Synthesis(request.number, pcm, rate_hz)


@functools.lru_cache(_MODELS_KEPT)
def _model(path: str) -> PiperVoice:
    from piper import PiperVoice

    return PiperVoice.load(path)


def main() -> int:
    follow_parent()
    os.environ[_NO_REPORTS] = "1"
    with contextlib.suppress(OSError):  # a sandbox may forbid it
        os.nice(_NICENESS)
    logging.disable()  # piper warns of each character that it cannot pronounce
    return serve(SynthesisRequest, synthesise)


if __name__ == "__main__":
    sys.exit(main())
