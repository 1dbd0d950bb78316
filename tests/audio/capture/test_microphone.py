"""What the microphone notices of a card, where no driver can be made to do it on demand."""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from satellite.audio.backend import AudioDevice, BlockCallback, Direction, Format, InputStream
from satellite.audio.capture import microphone as microphones
from satellite.audio.capture.chunk_stream import ZEROS_S
from satellite.audio.capture.microphone import Microphone
from satellite.audio.cards.manager import CardManager
from satellite.core.backoff import Pace
from tests.audio.made_up import BLOCK, MadeUpCards, Rates


class Freezing(MadeUpCards):
    """A card whose driver answers nothing any more from ``freeze`` on."""

    def __init__(self) -> None:
        super().__init__()
        self.freeze = threading.Event()
        self.frozen = threading.Event()
        self.thaw = threading.Event()

    def present(self, fmt: Format, direction: Direction) -> bool:
        self._answer()
        return True

    def open_input(self, fmt: Format, on_block: BlockCallback) -> InputStream:
        stream = super().open_input(fmt, on_block)
        stream.close = self._answer  # type: ignore[method-assign]
        return stream

    def _answer(self) -> None:
        if self.freeze.is_set():
            self.frozen.set()
            self.thaw.wait()


@dataclass
class Listener:
    """A microphone on made-up cards, and what it told."""

    cards: MadeUpCards
    device: str = "usbmic"
    channel: int = 0
    told: list[str] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    microphone: Microphone = field(init=False)

    def __post_init__(self) -> None:
        self.microphone = Microphone(
            CardManager(self.cards),
            self.device,
            self.chunks.append,
            channel=self.channel,
            on_lost=self.told.append,
            on_found=lambda: self.told.append(""),
        )

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                await asyncio.sleep(0.002)

    async def while_running(self, scene: Callable[[], Awaitable[None]]) -> None:
        listening = asyncio.create_task(self.microphone.run())
        try:
            await scene()
            assert not listening.done(), listening
        finally:
            listening.cancel()
            await asyncio.wait({listening})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds with a real card."""
    monkeypatch.setattr(microphones, "CHECK_EVERY_S", 0.01)
    monkeypatch.setattr(microphones, "LOST_AFTER_S", 0.1)
    monkeypatch.setattr(microphones, "FIRST_FRAME_S", 0.2)
    monkeypatch.setattr(microphones, "CARD", Pace(0.02, 0.1))


@pytest.mark.usefixtures("impatient")
def test_a_card_that_opens_and_gives_nothing_never_looks_alive() -> None:
    """It was told to be found each time it was opened: every three seconds, for ever."""
    listener = Listener(MadeUpCards())

    async def scene() -> None:
        await listener.until(lambda: len(listener.cards.opened) > 2)
        assert set(listener.told) == {"The microphone “usbmic” is gone."}
        assert not listener.microphone.open
        assert listener.cards.looked > 0, "a new look at the cards might have helped"
        assert listener.microphone.looked_s > 0, "the watchdog would end it"
        listener.cards.delivers = True
        await listener.until(lambda: listener.chunks)
        assert listener.told[-1] == ""
        assert listener.microphone.open

    asyncio.run(listener.while_running(scene))


@pytest.mark.usefixtures("impatient")
def test_a_card_that_worked_is_opened_again_at_once_and_interrupts_nobody() -> None:
    listener = Listener(MadeUpCards())

    async def scene() -> None:
        await listener.until(lambda: listener.cards.opened)
        stream = listener.cards.opened[0]
        stream.deliver()
        stream.deliver()
        await listener.until(lambda: listener.chunks)
        stream.running = False
        await listener.until(lambda: len(listener.cards.opened) > 1)
        assert listener.cards.looked == 0

    asyncio.run(listener.while_running(scene))


@pytest.mark.usefixtures("impatient")
def test_zeros_for_a_minute_are_told_once_and_counted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that is switched off, or turned down to nothing, gives zeros; a room never does."""
    # A slow machine takes seconds for a minute of sound, and hears nothing else meanwhile.
    monkeypatch.setattr(microphones, "LOST_AFTER_S", 60.0)
    listener = Listener(MadeUpCards())
    minute = ZEROS_S * 100

    async def give(blocks: int, pcm: bytes) -> None:
        for _ in range(blocks):
            listener.cards.opened[0].deliver(pcm)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def scene() -> None:
        await listener.until(lambda: listener.cards.opened)
        await give(minute - 2, BLOCK)
        assert "zeros" not in caplog.text
        await give(minute, BLOCK)
        assert caplog.text.count("nothing but zeros for 60 s") == 1
        assert listener.microphone.chunks.zeros_s > ZEROS_S
        await give(2, b"\1\0" * 240)
        assert listener.microphone.chunks.zeros_s == 0
        assert listener.microphone.open

    asyncio.run(listener.while_running(scene))


@pytest.mark.usefixtures("impatient")
def test_paused_it_has_no_stream_and_is_opened_again_without_asking_the_card_anew() -> None:
    asked: list[int] = []

    class Asked(MadeUpCards):
        def supports(
            self, device: AudioDevice, direction: Direction, rate_hz: int, channels: int
        ) -> bool:
            asked.append(rate_hz)
            return super().supports(device, direction, rate_hz, channels)

    listener = Listener(Asked(delivers=True))
    microphone = listener.microphone

    async def scene() -> None:
        await listener.until(lambda: listener.chunks)
        before = list(asked)
        microphone.paused = True
        await listener.until(lambda: listener.cards.opened[0].closed)
        listener.cards.opened[0].deliver()
        listener.cards.opened[0].deliver()
        await asyncio.sleep(0.05)
        assert len(listener.cards.opened) == 1, "it was opened although it is paused"
        assert len(listener.chunks) == 1, "a late block was taken"
        microphone.paused = False
        await listener.until(lambda: len(listener.chunks) == 2)
        assert asked == before
        assert listener.told == [""]
        assert microphone.reopened == 0, "a pause is no loss"
        assert listener.cards.looked == 0, "other streams were interrupted"

    asyncio.run(listener.while_running(scene))


@pytest.mark.usefixtures("impatient")
def test_paused_from_the_start_it_looks_for_the_card_and_opens_nothing() -> None:
    cards = MadeUpCards(delivers=True)
    listener = Listener(cards)
    usbmic = cards.listed[0]
    cards.listed.remove(usbmic)
    listener.microphone.paused = True

    async def scene() -> None:
        await listener.until(lambda: listener.told)
        assert listener.told[0].startswith("No microphone is called “usbmic”")
        cards.listed.insert(0, usbmic)
        await listener.until(lambda: listener.told[-1] == "")
        assert not cards.opened
        listener.microphone.paused = False
        await listener.until(lambda: listener.chunks)

    asyncio.run(listener.while_running(scene))


@pytest.mark.usefixtures("impatient")
def test_a_card_that_is_pulled_during_a_pause_is_told_and_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(microphones, "THERE_EVERY_S", 0.01)
    stick = AudioDevice(0, "USB: Audio (hw:1,0)", 1, 0)
    other = AudioDevice(0, "USB: Audio (hw:2,0)", 1, 0)
    cards = MadeUpCards([stick], delivers=True)
    listener = Listener(cards, device="USB: Audio")

    async def scene() -> None:
        await listener.until(lambda: listener.chunks)
        listener.microphone.paused = True
        await listener.until(lambda: cards.opened[0].closed)
        cards.listed.remove(stick)
        await listener.until(lambda: listener.told[-1] != "")
        cards.listed.append(other)
        await listener.until(lambda: listener.told[-1] == "")
        listener.microphone.paused = False
        await listener.until(lambda: len(cards.opened) == 2)
        assert cards.opened[1].fmt.device == other

    asyncio.run(listener.while_running(scene))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("pauses", [1, 2, 3, 20])
def test_however_often_it_is_paused_the_last_word_counts(pauses: int) -> None:
    listener = Listener(MadeUpCards(delivers=True))
    microphone = listener.microphone

    async def scene() -> None:
        for number in range(pauses):
            microphone.paused = number % 2 == 0
            await asyncio.sleep(0.001 * (number % 3))
        for paused in (True, False, True):
            microphone.paused = paused
            await asyncio.sleep(0.05)
            streams = [stream for stream in listener.cards.opened if not stream.closed]
            assert len(streams) == (not paused)

    asyncio.run(listener.while_running(scene))


def test_a_block_that_comes_after_the_loop_has_ended_is_nobodys_error() -> None:
    """PyAudio would print it, and raise it somewhere in the main thread."""
    listener = Listener(MadeUpCards())

    async def scene() -> None:
        await listener.until(lambda: listener.cards.opened)

    asyncio.run(listener.while_running(scene))
    for _ in range(2):
        listener.cards.opened[0].deliver()


@pytest.mark.parametrize(
    ("can", "rate_hz", "channels"),
    [
        (Rates((44_100,), 2, 2), 44_100, 2),
        (Rates((16_000,), 1, 1), 16_000, 1),
        (Rates((48_000, 96_000), 1, 8), 48_000, 1),
    ],
)
def test_odd_cards_are_heard_at_24_khz_mono(can: Rates, rate_hz: int, channels: int) -> None:
    device = AudioDevice(0, "usbmic", can.most, 0, default_input=True)
    listener = Listener(MadeUpCards([device], {"usbmic": can}))
    one = b"\x10\x00" * (rate_hz // 100 * channels)

    async def scene() -> None:
        await listener.until(lambda: listener.cards.opened)
        stream = listener.cards.opened[0]
        assert (stream.fmt.rate_hz, stream.fmt.channels) == (rate_hz, channels)
        for _ in range(40):
            stream.deliver(one)
        await listener.until(lambda: len(listener.chunks) >= 19)
        assert {len(chunk) for chunk in listener.chunks} == {960}
        assert set(array("h", listener.chunks[-1])) <= {15, 16, 17}

    asyncio.run(listener.while_running(scene))


def test_a_channel_of_an_array_is_heard_alone() -> None:
    device = AudioDevice(0, "usbmic", 6, 0, default_input=True)
    listener = Listener(MadeUpCards([device], {"usbmic": Rates((16_000,), 6, 6)}), channel=5)
    frame = array("h", [9000, 9000, 9000, 9000, 300, 9000]).tobytes()

    async def scene() -> None:
        await listener.until(lambda: listener.cards.opened)
        for _ in range(4):
            listener.cards.opened[0].deliver(frame * 160)
        await listener.until(lambda: len(listener.chunks) == 2)
        assert set(array("h", listener.chunks[-1])) <= {299, 300, 301}

    asyncio.run(listener.while_running(scene))


@pytest.mark.parametrize(("name", "frames"), [("usbmic", 240), ("USB: Audio (hw:1,0)", 480)])
def test_a_card_of_the_kernels_is_read_in_whole_chunks(name: str, frames: int) -> None:
    """It gives them when they are due; only what comes in bursts is read in smaller blocks."""
    listener = Listener(MadeUpCards([AudioDevice(0, name, 1, 0)]), device=name)

    async def scene() -> None:
        await listener.until(lambda: listener.cards.opened)
        stream = listener.cards.opened[0]
        assert stream.fmt.frames == frames
        for _ in range(480 // frames):
            stream.deliver(b"\1\0" * frames)
        await listener.until(lambda: listener.chunks)
        assert listener.chunks == [b"\1\0" * 480]

    asyncio.run(listener.while_running(scene))


def test_a_frozen_sound_server_is_told_although_it_answers_no_question() -> None:
    """The question whether the card is there hangs; that no sound comes is known all the same."""
    card = Freezing()
    chunks: list[bytes] = []
    lost: list[str] = []

    async def scene() -> None:
        heard = Microphone(CardManager(card), "usbmic", chunks.append, on_lost=lost.append)
        listening = asyncio.create_task(heard.run())
        async with asyncio.timeout(microphones.THERE_EVERY_S + 5):
            while not chunks:
                await asyncio.sleep(0.01)
                if card.opened:
                    card.opened[0].deliver()
            card.freeze.set()
            while not card.frozen.is_set():
                card.opened[0].deliver()
                await asyncio.sleep(0.01)
            while not lost:
                await asyncio.sleep(0.01)
        listening.cancel()
        card.thaw.set()
        await asyncio.wait({listening})

    asyncio.run(scene())
    assert "usbmic" in lost[0]
