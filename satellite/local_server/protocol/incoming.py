"""Decodes a client's base64 audio to PCM16 mono 24 kHz, whatever the session's format is. Pure.

Invalid base64 raises ``RequestRefused``. ``audio_format`` is the ``type`` of an audio format.
"""

from __future__ import annotations

import base64
import binascii

from satellite.local_server.protocol import g711
from satellite.local_server.protocol.schema import RequestRefused


class Incoming:
    """A stream of chunks; one may end in the middle of a sample."""

    def __init__(self, audio_format: str) -> None:
        self.audio_format = audio_format
        self._half = b""
        self._telephone = None if audio_format == "audio/pcm" else g711.Decoder(audio_format)

    def feed(self, audio: str, path: str) -> bytes:
        data = _decoded(audio, path)
        if self._telephone is not None:
            return self._telephone.feed(data)
        if self._half:
            data = self._half + data
        self._half = data[len(data) & ~1 :]
        return data[: len(data) & ~1]


def sound_of(audio: str, path: str, audio_format: str) -> bytes:
    """A single piece of audio; half a sample at its end is dropped."""
    return Incoming(audio_format).feed(audio, path)


def _decoded(audio: str, path: str) -> bytes:
    try:
        return base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestRefused(
            "invalid_value", f"Invalid '{path}': expected base64-encoded audio.", path
        ) from error
