"""Sound cards that do what no real one does on demand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from satellite.audio.backend import (
    AudioDevice,
    BlockCallback,
    CardError,
    Direction,
    Format,
    InputStream,
    OutputStream,
)

BLOCK = bytes(480)
"""10 ms of 24 kHz mono, nothing but zeros."""


@dataclass(eq=False)
class MadeUpStream:
    """Is given its blocks by the test (``deliver``), not by a driver."""

    on_block: BlockCallback
    fmt: Format
    delivers: bool = False
    """Whether it gives its first 20 ms as soon as it is started."""
    running: bool = True
    closed: bool = False

    def start(self) -> None:
        for _ in range(2 if self.delivers else 0):
            self.deliver()

    def active(self) -> bool:
        return self.running

    def close(self) -> None:
        self.closed = True

    def deliver(self, pcm: bytes = BLOCK) -> None:
        now_s = time.monotonic()
        self.on_block(pcm, now_s, now_s - 0.01, False)


@dataclass
class Rates:
    """What a card can do: rates, and between how many and how many channels."""

    rates_hz: tuple[int, ...] = (24_000,)
    fewest: int = 1
    most: int = 1


@dataclass(eq=False)
class MadeUpCards:
    """A sound system without cards, whose devices the test chooses."""

    listed: list[AudioDevice] = field(
        default_factory=lambda: [
            AudioDevice(0, "usbmic", 1, 0, default_input=True),
            AudioDevice(1, "speaker", 0, 2, default_output=True),
        ]
    )
    abilities: dict[str, Rates] = field(default_factory=dict)
    """By name; others take 24 kHz mono."""
    refuses: str = ""
    """Why nothing can be opened."""
    opened: list[MadeUpStream] = field(default_factory=list)
    looked: int = 0
    """How often the list of cards was read anew."""
    delivers: bool = False
    """Whether a stream that is started gives its first 20 ms at once."""

    def start(self) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        self.looked += 1

    def devices(self) -> list[AudioDevice]:
        return list(self.listed)

    def devices_changed(self) -> bool:
        return False

    def supports(
        self, device: AudioDevice, direction: Direction, rate_hz: int, channels: int
    ) -> bool:
        can = self.abilities.get(device.name, Rates())
        return rate_hz in can.rates_hz and can.fewest <= channels <= can.most

    def present(self, fmt: Format, direction: Direction) -> bool:
        return fmt.device in self.listed

    def open_input(self, fmt: Format, on_block: BlockCallback) -> InputStream:
        if self.refuses:
            raise CardError(self.refuses)
        self.opened.append(MadeUpStream(on_block, fmt, self.delivers))
        return self.opened[-1]

    def open_output(self, fmt: Format, capacity_s: float) -> OutputStream:
        raise CardError("There is no loudspeaker.")
