"""What the microphone notices of a card, where no driver can be made to do it on demand."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import cast

from satellite.audio.card.devices import Device, Direction, Format
from satellite.audio.card.portaudio import PortAudio
from satellite.audio.card.stream import Stream, StreamCallback
from satellite.audio.hearing import microphone as microphones
from satellite.audio.hearing.microphone import Microphone

BLOCK = bytes(480)
"""10 ms."""


class Freezing(PortAudio):
    """A card whose driver answers nothing any more from ``freeze`` on."""

    def __init__(self) -> None:
        super().__init__()
        self.freeze = threading.Event()
        self.frozen = threading.Event()
        self.thaw = threading.Event()
        self.block: StreamCallback | None = None

    def start(self) -> None:
        pass

    def devices(self) -> list[Device]:
        return [Device(0, "usbmic", 1, 0, 24_000, True, False, "")]

    def supports(self, device: Device, direction: Direction, rate_hz: int, channels: int) -> bool:
        return True

    def there(self, wish: Format, direction: Direction) -> bool:
        self._answer()
        return True

    def start_stream(self, stream: Stream) -> None:
        pass

    def _open(
        self, wish: Format, direction: Direction, callback: StreamCallback, latency_s: float
    ) -> Stream:
        self.block = callback
        return cast("Stream", self)

    def is_active(self) -> bool:
        return True

    def _close(self, stream: Stream) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.freeze.is_set():
            self.frozen.set()
            self.thaw.wait()

    def deliver(self) -> None:
        now_s = time.monotonic()
        assert self.block is not None
        self.block(BLOCK, 240, {"current_time": now_s, "input_buffer_adc_time": now_s}, 0)


def test_a_frozen_sound_server_is_told_although_it_answers_no_question() -> None:
    """The question whether the card is there hangs; that no sound comes is known all the same."""
    card = Freezing()
    chunks: list[bytes] = []
    lost: list[str] = []

    async def scene() -> None:
        heard = Microphone(card, "usbmic", chunks.append, on_lost=lost.append)
        listening = asyncio.create_task(heard.run())
        async with asyncio.timeout(microphones.THERE_EVERY_S + 5):
            while not chunks:
                await asyncio.sleep(0.01)
                if heard.open:
                    card.deliver()
            card.freeze.set()
            while not card.frozen.is_set():
                card.deliver()
                await asyncio.sleep(0.01)
            while not lost:
                await asyncio.sleep(0.01)
        listening.cancel()
        card.thaw.set()
        await asyncio.wait({listening})

    asyncio.run(scene())
    assert "usbmic" in lost[0]
