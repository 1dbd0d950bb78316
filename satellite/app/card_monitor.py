"""Watches the sound cards: which are missing, and whether the microphone still gives sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, Protocol

Card = Literal["microphone", "speaker"]

FRAMES_MISSING_S = 5.0
"""Microphone frames come fifty times a second; none for so long means that it hears nothing."""
SEARCH_S = 20.0
"""A missing card is looked for every few seconds, which a slow sound server may draw out."""


class FrameSource(Protocol):
    """The microphone. Both times are those of the event loop's clock."""

    @property
    def paused(self) -> bool:
        """Whether it is closed because nothing is to be heard."""

    @property
    def last_frame_s(self) -> float:
        """When the last frame came."""

    @property
    def looked_s(self) -> float:
        """When the card was last looked for without success."""


class CardMonitor:
    """``on_change`` gets a card and why it is missing; an empty reason when it is there again.

    ``missing`` holds the same reasons. Both cards are missing, without a reason, until they are
    found for the first time.
    """

    def __init__(
        self,
        microphone: FrameSource,
        on_change: Callable[[Card, str], None],
        clock: Callable[[], float],
    ) -> None:
        self._microphone = microphone
        self._on_change = on_change
        self._clock = clock
        self._started_s = clock()
        self.missing: dict[str, str] = {"microphone": "", "speaker": ""}
        self.all_found = asyncio.Event()
        """Set once both cards were there together."""

    def lost(self, card: Card, reason: str) -> None:
        self.missing[card] = reason
        self._on_change(card, reason)

    def found(self, card: Card) -> None:
        self.missing.pop(card, None)
        if not self.missing:
            self.all_found.set()
        self._on_change(card, "")

    def alive(self) -> bool:
        """Whether frames come, or a microphone that is known to be missing is being looked for, or
        none are wanted."""
        if self._microphone.paused:
            return True
        now_s = self._clock()
        last_s = max(self._microphone.last_frame_s, self._started_s)
        return now_s - last_s < FRAMES_MISSING_S or now_s - self._microphone.looked_s < SEARCH_S
