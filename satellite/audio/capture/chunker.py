"""Joins blocks of the card to chunks for the wire, cut where that costs least time. Pure.

A sound server hands samples over in bursts. A chunk that ends with a burst leaves at once; one that
ends in the middle of a burst waits for the next one. So the card is read in blocks smaller than a
chunk, and the cut is moved to the block that has waited least. Nothing is dropped for that: the
chunk at which the cut moves is longer once.
"""

from __future__ import annotations

from dataclasses import dataclass

OBSERVED_CHUNKS = 50
"""After how many chunks the cut may move."""
LEAST_GAIN_S = 0.003
"""A smaller gain does not move it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """``captured_s`` is when its first sample was captured, by the card's clock; ``overflow``
    that samples were lost."""

    pcm: bytes
    captured_s: float
    overflow: bool


class Chunker:
    """``per_chunk`` blocks of ``block_s`` seconds make a chunk.

    ``longest_wait_s`` bounds how long a block can have waited: the times that sound servers report
    in their first seconds are wrong.
    """

    def __init__(self, per_chunk: int, block_s: float, longest_wait_s: float) -> None:
        self._per_chunk = per_chunk
        self._block_s = block_s
        self._longest_wait_s = longest_wait_s
        self._blocks: list[bytes] = []
        self._overflow = False
        self._count = 0
        self._cut = per_chunk - 1
        self._waits_s = [0.0] * per_chunk

    def add(self, pcm: bytes, now_s: float, captured_s: float, *, overflow: bool) -> Chunk | None:
        """Takes a block whose first sample was captured at ``captured_s``; returns a chunk when one
        is complete."""
        wait_s = now_s - captured_s
        phase = self._count % self._per_chunk
        self._count += 1
        self._waits_s[phase] += wait_s
        self._blocks.append(pcm)
        self._overflow |= overflow
        if phase != self._cut or len(self._blocks) < self._per_chunk:
            return None
        before_s = (len(self._blocks) - 1) * self._block_s
        first_s = now_s - min(wait_s, self._longest_wait_s) - before_s
        chunk = Chunk(b"".join(self._blocks), first_s, self._overflow)
        self._blocks.clear()
        self._overflow = False
        if self._count >= OBSERVED_CHUNKS * self._per_chunk:
            self._move_cut()
        return chunk

    def _move_cut(self) -> None:
        rounds = self._count // self._per_chunk
        best = min(range(self._per_chunk), key=self._waits_s.__getitem__)
        if self._waits_s[self._cut] - self._waits_s[best] > LEAST_GAIN_S * rounds:
            self._cut = best
        self._count %= self._per_chunk
        self._waits_s = [0.0] * self._per_chunk
