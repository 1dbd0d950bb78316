"""G.711 (µ-law and A-law, 8 kHz) to and from PCM16 at 24 kHz.

The rates differ by a factor of three: linear interpolation and averaging are cheap and good enough
for telephone speech.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BYTES_PER_MS = 8
"""8000 one-byte samples a second."""
_BLOCK_BYTES = 8_000
"""Decoded at a time: the arrays for a client's largest message would take a gigabyte."""


def _ulaw_value(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return 0x84 - magnitude if code & 0x80 else magnitude - 0x84


def _alaw_value(code: int) -> int:
    code ^= 0x55
    value = (code & 0x0F) << 4
    exponent = (code & 0x70) >> 4
    value = value + 8 if exponent == 0 else (value + 0x108) << (exponent - 1)
    return value if code & 0x80 else -value


@cache
def _decode_table(law: str) -> NDArray[np.int16]:
    import numpy as np

    value = _ulaw_value if law == "audio/pcmu" else _alaw_value
    return np.array([value(code) for code in range(256)], dtype=np.int16)


@cache
def _encode_table(law: str) -> NDArray[np.uint8]:
    """The nearest code of every 16-bit sample, indexed by ``sample + 32768``."""
    import numpy as np

    values = _decode_table(law).astype(np.int32)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    middles = (ordered[1:] + ordered[:-1]) / 2
    nearest = np.searchsorted(middles, np.arange(-32768, 32768))
    return order[nearest].astype(np.uint8)


class Decoder:
    """G.711 at 8 kHz to PCM16 at 24 kHz, in chunks that join without a step.

    ``law`` is ``audio/pcmu`` or ``audio/pcma``.
    """

    def __init__(self, law: str) -> None:
        self.law = law
        self._last: int | None = None

    def feed(self, data: bytes) -> bytes:
        blocks = range(0, len(data), _BLOCK_BYTES)
        return b"".join(self._widened(data[at : at + _BLOCK_BYTES]) for at in blocks)

    def _widened(self, data: bytes) -> bytes:
        """Three samples for each, interpolated from the one before it."""
        import numpy as np

        samples = _decode_table(self.law)[np.frombuffer(data, dtype=np.uint8)].astype(np.int32)
        before = np.empty_like(samples)
        before[0] = samples[0] if self._last is None else self._last
        before[1:] = samples[:-1]
        self._last = int(samples[-1])
        wide = np.stack(((2 * before + samples) // 3, (before + 2 * samples) // 3, samples), axis=1)
        return wide.astype(np.int16).tobytes()


def encode(pcm: bytes, law: str) -> bytes:
    """PCM16 at 24 kHz to G.711 at 8 kHz; one or two samples at the end are dropped."""
    import numpy as np

    samples = np.frombuffer(pcm, dtype=np.int16)
    whole = len(samples) // 3 * 3
    narrow = samples[:whole].reshape(-1, 3).astype(np.int32).mean(axis=1).astype(np.int32)
    codes: NDArray[np.uint8] = _encode_table(law)[narrow + 32768]
    return codes.tobytes()
