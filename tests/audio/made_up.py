"""Sound cards that do what no real one does on demand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from satellite.audio.cards.devices import AudioDevice, Direction, Format
from satellite.audio.portaudio.output import Output
from satellite.audio.portaudio.owner import PortAudio
from satellite.audio.portaudio.stream import CardError, Stream, StreamCallback

BLOCK = bytes(480)
"""10 ms of 24 kHz mono, nothing but zeros."""


@dataclass(eq=False)
class MadeUpStream:
    """Is called back by the test (``deliver``), not by a driver."""

    callback: StreamCallback
    wish: Format
    active: bool = True
    broken: bool = False
    """Asked anything, it raises, as a stream that PortAudio no longer knows."""
    closed: bool = False

    def start_stream(self) -> None:
        self._raise_if_broken()

    def close(self) -> None:
        self.closed = True
        self._raise_if_broken()

    def is_active(self) -> bool:
        self._raise_if_broken()
        return self.active

    def deliver(self, pcm: bytes = BLOCK, flags: int = 0) -> int:
        """A microphone's block; answers with what the callback wants to be done."""
        now_s = time.monotonic()
        times = {"current_time": now_s, "input_buffer_adc_time": now_s - 0.01}
        return self.callback(pcm, self.wish.frames, times, flags)[1]

    def _raise_if_broken(self) -> None:
        if self.broken:
            raise OSError("Stream closed")


@dataclass
class Rates:
    """What a card can do: rates, and between how many and how many channels."""

    rates_hz: tuple[int, ...] = (24_000,)
    fewest: int = 1
    most: int = 1


@dataclass(eq=False)
class MadeUpCards(PortAudio):
    """PortAudio without a library below it."""

    present: list[AudioDevice] = field(
        default_factory=lambda: [
            AudioDevice(0, "usbmic", 1, 0, 24_000, default_input=True),
            AudioDevice(1, "speaker", 0, 2, 48_000, default_output=True),
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

    def __post_init__(self) -> None:
        super().__init__()

    def start(self) -> None:
        self.generation = max(self.generation, 1)

    def _restart(self) -> None:
        self.looked += 1
        self.generation += 1

    def devices(self) -> list[AudioDevice]:
        return list(self.present)

    def supports(
        self, device: AudioDevice, direction: Direction, rate_hz: int, channels: int
    ) -> bool:
        can = self.abilities.get(device.name, Rates())
        return rate_hz in can.rates_hz and can.fewest <= channels <= can.most

    def there(self, wish: Format, direction: Direction) -> bool:
        return wish.device in self.present

    def _open_input(self, wish: Format, callback: StreamCallback) -> Stream:
        if self.refuses:
            raise CardError(self.refuses)
        stream = MadeUpStream(callback, wish)
        self.opened.append(stream)
        return stream

    def start_stream(self, stream: Stream | Output) -> None:
        super().start_stream(stream)
        if self.delivers:
            for _ in range(2):
                self.opened[-1].deliver()
