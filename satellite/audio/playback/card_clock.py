"""Which place of the timeline the card has played: what was written, less what it holds. Pure.

What a card holds is all that it would drop. A kernel's card (``hw:``) tells that to the frame. A
sound server (PulseAudio, PipeWire) takes blocks out of what it holds, which are mixed and will be
heard whatever happens, so what it holds is exact just after it took one.
"""

from __future__ import annotations

from satellite.conversation.events import SAMPLE_RATE_HZ


class CardClock:
    """Counts frames of the card's own rate and turns them into places of the timeline."""

    def __init__(self, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self.held = 0
        """Frames that the card held when it was asked last, plus those written since."""
        self._rate_hz = rate_hz
        self._base = 0
        self._written = 0
        self._played = 0
        """Written frames that are known to have been heard: up to the last underrun."""

    def start(self, base: int) -> None:
        """A new run of the card; its first block holds the timeline from ``base`` on."""
        self._base, self._written, self._played, self.held = base, 0, 0, 0

    def holds(self, held: int) -> None:
        """The card holds so many frames now."""
        self.held = max(held, 0)

    def underrun(self, since: int = 0) -> None:
        """The card had played all but the last ``since`` frames before it got those. What it gets
        next is silence, which is no part of the timeline."""
        self.held = since
        self._played = self._written - since

    def wrote(self, frames: int) -> None:
        """The card got ``frames`` of the timeline."""
        self._written += frames
        self.held += frames

    def wrote_silence(self, frames: int) -> None:
        """The card got ``frames`` that are no part of the timeline."""
        self.held += frames

    @property
    def next_place(self) -> int:
        """The place of the timeline that the next block begins with."""
        return self._place(self._written)

    @property
    def heard(self) -> int:
        """The place of the timeline up to which all will have been heard if the card drops what it
        holds now."""
        return self._place(max(self._written - self.held, self._played))

    def _place(self, frames: int) -> int:
        return self._base + round(frames * SAMPLE_RATE_HZ / self._rate_hz)
