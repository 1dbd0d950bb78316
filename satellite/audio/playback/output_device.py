"""The loudspeaker's device: finds it, opens it, and has the converter for its rate."""

from __future__ import annotations

from functools import partial

from satellite.audio.backend import CardError, Format, OutputStream
from satellite.audio.card_rate import RenderConverter
from satellite.audio.cards.format import find_format
from satellite.audio.cards.manager import CardManager
from satellite.conversation.events import SAMPLE_RATE_HZ

PERIOD_MS = 5
"""How finely a sound server takes what it was given (docs/audio.md)."""
CAPACITY_S = 0.3
"""What the card's buffer takes; it is filled no further than needed (``buffer_target``)."""


class OutputDevice:
    """``name`` is what the settings call it, ``rate_hz`` the rate to open it with (0: any)."""

    def __init__(self, cards: CardManager, name: str, rate_hz: int) -> None:
        self.format: Format | None = None
        """As it was found last; None while it is missing."""
        self.converter = RenderConverter(SAMPLE_RATE_HZ, 1)
        self._cards = cards
        self._name = name
        self._rate_hz = rate_hz
        self._generation = 0

    async def find(self) -> Format:
        """Raises ``DeviceMissingError`` and ``CardError``."""
        find = partial(
            find_format,
            self._cards.backend,
            self._name,
            "output",
            rate_hz=self._rate_hz,
            block_ms=PERIOD_MS,
        )
        self._generation = self._cards.generation
        self.format = await self._cards.call(find)
        return self.format

    async def prepare(self) -> Format:
        """Finds it again when the list of devices is a new one, and makes its converter. That may
        load numpy, so it does not happen in the event loop, nor before the first reply is near."""
        await self._cards.usable()
        found = self.format
        if found is None or self._generation != self._cards.generation:
            found = await self.find()
        if (self.converter.rate_hz, self.converter.channels) != (found.rate_hz, found.channels):
            make = partial(RenderConverter, found.rate_hz, found.channels)
            self.converter = await self._cards.call(make)
        return found

    async def open(self) -> OutputStream:
        """Opens it as it was found, without starting it. Raises ``CardError``."""
        assert self.format is not None
        return await self._cards.open_output(self.format, CAPACITY_S)

    async def check(self) -> None:
        """Raises ``CardError`` when it is gone."""
        if not await self._cards.present(await self.prepare(), "output"):
            raise self.lost()

    def lost(self) -> CardError:
        name = self.format.device.name if self.format else self._name
        return CardError(f"The loudspeaker “{name}” is gone.")
