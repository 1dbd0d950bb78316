"""Converts the sample rate of blocks of equal length: a microphone's.

It has the filter and the state of ``resampler`` and gives the same samples within one bit. Where
each block becomes a whole number of outputs all blocks need the same sums, so all buffers are made
once. A satellite does something every 20 ms and nothing in between, so most of what numpy costs is
code that has to be fetched into the caches again: fewer calls save more than fewer sums.
"""

from __future__ import annotations

import math

from satellite.core.resampler import FRAME_BYTES, LOBES, filter_matrix

ROW_OUTPUTS = 32
"""How many outputs one row of the product makes, about, if the rates allow."""


class BlockResampler:
    """Converts mono PCM16, ``frames`` or a multiple at a time; the output is ``lag_s`` late.

    Raises ``ValueError`` unless ``fits``.
    """

    def __init__(self, from_hz: int, to_hz: int, frames: int) -> None:
        if not self.fits(from_hz, to_hz, frames):
            raise ValueError(f"{frames} frames of {from_hz} Hz are no whole number at {to_hz} Hz")
        common = math.gcd(from_hz, to_hz)
        up, down = to_hz // common, from_hz // common
        reach = math.ceil(LOBES * max(1.0, from_hz / to_hz))
        most = max(1, ROW_OUTPUTS // up)
        fold = max(n for n in range(1, most + 1) if frames // down % n == 0)
        self.lag_s = reach / from_hz
        self._step = down * fold
        self._history = 2 * reach - 1
        self._matrix = filter_matrix(up * fold, down * fold, reach)
        self._blocks: dict[int, _Block] = {}
        self._before = self._block(frames * FRAME_BYTES)

    @staticmethod
    def fits(from_hz: int, to_hz: int, frames: int) -> bool:
        """Whether ``frames`` become a whole number of outputs."""
        return frames * to_hz % from_hz == 0

    def convert(self, pcm: bytes) -> bytes:
        """As many milliseconds as ``pcm`` holds. Raises ``ValueError`` for a part of a block."""
        import numpy as np

        block = self._block(len(pcm))
        block.past[...] = self._before.end
        self._before = block
        block.taken[:] = pcm
        block.sound[...] = block.taken_samples
        out = block.out
        np.dot(block.rows, self._matrix, out=out)
        np.rint(out, out=out)
        np.minimum(out, 32767, out=out)
        np.maximum(out, -32768, out=out)
        block.given_samples[...] = out
        return bytes(block.given)

    def _block(self, size: int) -> _Block:
        """The buffers for a block of so many bytes; there are few sizes."""
        block = self._blocks.get(size)
        if block is None:
            rows, rest = divmod(size // FRAME_BYTES, self._step)
            if rest or size % FRAME_BYTES:
                raise ValueError(f"{size} bytes are no whole number of blocks")
            block = _Block(rows, self._step, self._history, self._matrix.shape)
            self._blocks[size] = block
        return block


class _Block:
    """The buffers for one conversion, and numpy's views of them."""

    __slots__ = (
        "end",
        "given",
        "given_samples",
        "out",
        "past",
        "rows",
        "sound",
        "taken",
        "taken_samples",
    )

    def __init__(self, rows: int, step: int, history: int, matrix: tuple[int, ...]) -> None:
        import numpy as np

        frames = rows * step
        width, outputs = matrix
        memory = np.zeros(history + frames, np.float32)
        size = memory.itemsize
        self.past = memory[:history]
        self.sound = memory[history:]
        self.end = memory[frames:]
        """The past of the next block."""
        self.rows = np.lib.stride_tricks.as_strided(memory, (rows, width), (size * step, size))
        self.out = np.zeros((rows, outputs), np.float32)
        self.taken = bytearray(frames * FRAME_BYTES)
        self.taken_samples = np.frombuffer(self.taken, np.int16)
        self.given = bytearray(self.out.size * FRAME_BYTES)
        self.given_samples = np.frombuffer(self.given, np.int16).reshape(self.out.shape)
