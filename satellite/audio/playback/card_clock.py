"""Where the card is on the timeline: what it was given, less what it still holds. Pure.

What a card holds is all that it would drop. A card of its own (``hw:``) tells that to the frame; a
sound server (PulseAudio, PipeWire) takes blocks out of what it holds, which are mixed and will be
heard whatever happens, so what it holds is exact just after it took one.
"""

from __future__ import annotations

from satellite.conversation.events import SAMPLE_RATE_HZ


class CardClock:
    """Counts frames of the card's own rate and turns them into places of the timeline."""

    def __init__(self, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self.held = 0
        """Frames that the card holds, as it told last, and those that it got since."""
        self._rate_hz = rate_hz
        self._base = 0
        self._given = 0
        self._emptied = 0

    def start(self, base: int) -> None:
        """A new run of the card; its first block holds the timeline from ``base`` on."""
        self._base, self._given, self._emptied, self.held = base, 0, 0, 0

    def told(self, held: int) -> None:
        """The card holds so many frames now."""
        self.held = max(held, 0)

    def ran_dry(self, since: int = 0) -> None:
        """It had played all that it was given, but for the last ``since`` frames, before it got
        those. What it gets first now is silence, which does not count as given."""
        self.held = since
        self._emptied = self._given - since

    def gave(self, frames: int) -> None:
        """It got ``frames`` of the timeline."""
        self._given += frames
        self.held += frames

    def gave_silence(self, frames: int) -> None:
        """It got ``frames`` that are no part of the timeline."""
        self.held += frames

    @property
    def next_place(self) -> int:
        """The place of the timeline that the next block begins with."""
        return self._place(self._given)

    @property
    def heard(self) -> int:
        """The place of the timeline up to which will have been heard if the card drops all now."""
        return self._place(max(self._given - self.held, self._emptied))

    def _place(self, frames: int) -> int:
        return self._base + round(frames * SAMPLE_RATE_HZ / self._rate_hz)
