"""What a client's base64 holds: sound, as PCM16 mono 24 kHz whatever the session's format is. Pure.

Both raise ``RequestRefused`` for what is no base64; ``audio_format`` is an audio format's ``type``.
"""

from __future__ import annotations

import base64
import binascii

from satellite.local_server.protocol import g711
from satellite.local_server.protocol.schema import RequestRefused


class Incoming:
    """A stream in chunks that may end anywhere.

    Half a sample waits for its other half; telephone audio goes on from the chunk before.
    """

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
    """A piece that stands alone; half a sample at its end is left out."""
    return Incoming(audio_format).feed(audio, path)


def _decoded(audio: str, path: str) -> bytes:
    try:
        return base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestRefused(
            "invalid_value", f"Invalid '{path}': expected base64-encoded audio.", path
        ) from error
