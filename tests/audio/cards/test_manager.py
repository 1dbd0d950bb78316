"""The thread that owns the sound system, with calls that never return."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from satellite.audio.backend import AudioDevice, BlockCallback, Format, InputStream, StuckError
from satellite.audio.cards import manager
from satellite.audio.cards.manager import LOOK_EVERY_S, CardManager
from tests.audio.made_up import MadeUpCards

FMT = Format(AudioDevice(0, "usbmic", inputs=1), 24_000, 1, 240)


def test_a_stuck_driver_is_waited_for_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several parts use the card: one after the other they would outlast the watchdog."""
    monkeypatch.setattr(manager, "ANSWER_WITHIN_S", 0.05)
    release = threading.Event()
    cards = CardManager(MadeUpCards())

    async def scene() -> None:
        with pytest.raises(StuckError, match="not answered"):
            await cards.call(release.wait)
        cards._patience_s = 60.0
        async with asyncio.timeout(10):
            with pytest.raises(StuckError):
                await cards.call(release.is_set)
        release.set()

    asyncio.run(scene())


def test_a_call_that_ends_as_its_caller_is_cancelled_does_not_swallow_that() -> None:
    """Python 3.11's ``wait_for`` does: a stop in that moment was lost, and the process stayed."""
    cards = CardManager(MadeUpCards())
    release = threading.Event()

    async def scene() -> None:
        calling = asyncio.create_task(cards.call(release.wait))
        await asyncio.sleep(0.01)
        release.set()
        cards._worker.submit(bool).result()  # so that its answer waits for this loop
        asyncio.get_running_loop().call_soon(calling.cancel)
        await asyncio.wait({calling})
        assert calling.cancelled()

    asyncio.run(scene())


class SlowToOpen(MadeUpCards):
    """Takes its time to open, and notes what was open when it was ended."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.open_at_end: list[int] = []

    def open_input(self, fmt: Format, on_block: BlockCallback) -> InputStream:
        self.begun.set()
        self.go_on.wait(10)
        return super().open_input(fmt, on_block)

    def close(self) -> None:
        self.open_at_end.append(sum(not stream.closed for stream in self.opened))


def test_cards_are_not_read_anew_under_a_stream_that_is_just_being_opened() -> None:
    """Who misses a microphone asked for it in the very moment in which the loudspeaker was opened:
    PortAudio was ended with that stream, and what was asked of it next ended the process."""
    backend = SlowToOpen()
    cards = CardManager(backend)

    async def scene() -> None:
        opening = asyncio.create_task(cards.open_input(FMT, lambda *_: None))
        async with asyncio.timeout(10):
            while not backend.begun.is_set():
                await asyncio.sleep(0.001)
            backend.devices_changed = lambda: True  # type: ignore[method-assign]
            looking = asyncio.create_task(cards.look_again())
            await asyncio.sleep(0.01)
            backend.go_on.set()
            stream = await opening
            assert cards.wanted_back
            await asyncio.sleep(0.01)
            assert backend.open_at_end == []
            await cards.close_stream(stream)
            await looking
            assert not cards.wanted_back

    asyncio.run(scene())
    assert backend.open_at_end == [0]


@pytest.mark.parametrize(
    ("changed", "later_s", "looks"), [(False, 0, 0), (True, 0, 1), (False, LOOK_EVERY_S + 1, 1)]
)
def test_an_open_stream_is_interrupted_only_when_that_can_help(
    changed: bool, later_s: float, looks: int
) -> None:
    backend = MadeUpCards()
    backend.devices_changed = lambda: changed  # type: ignore[method-assign]
    cards = CardManager(backend)

    async def scene() -> None:
        stream = await cards.open_input(FMT, lambda *_: None)
        cards._looked_s -= later_s
        closing: list[asyncio.Task[None]] = []
        cards.on_release(lambda: closing.append(asyncio.create_task(cards.close_stream(stream))))
        async with asyncio.timeout(10):
            await cards.look_again()

    asyncio.run(scene())
    assert (backend.looked, cards.generation) == (looks, looks)


class SlowToEnd(MadeUpCards):
    """Whose ``work`` takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.ended_while_busy: list[bool] = []

    def work(self) -> None:
        self.busy = True
        time.sleep(0.3)
        self.busy = False

    def close(self) -> None:
        self.ended_while_busy.append(self.busy)


def test_it_is_not_ended_under_a_call_that_is_still_running() -> None:
    """Who asked may be gone (a stop, or a refused key, while cards are being opened): PortAudio
    crashes when another thread ends it meanwhile."""
    backend = SlowToEnd()
    cards = CardManager(backend)

    async def scene() -> None:
        opening = asyncio.create_task(cards.call(backend.work))
        async with asyncio.timeout(10):
            while not backend.busy:
                await asyncio.sleep(0.001)
        opening.cancel()
        await cards.end()

    asyncio.run(scene())
    assert backend.ended_while_busy == [False]


def test_at_a_stop_a_stuck_driver_is_waited_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service manager kills after ten seconds, which were all spent on the first call."""
    monkeypatch.setattr(manager, "HURRIED_S", 0.05)
    release = threading.Event()
    cards = CardManager(MadeUpCards())

    async def scene() -> None:
        async with asyncio.timeout(5):
            cards.hurry()
            with pytest.raises(StuckError):
                await cards.call(release.wait)
        release.set()

    asyncio.run(scene())


def test_a_stuck_driver_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager, "ANSWER_WITHIN_S", 0.05)
    begun, release = threading.Event(), threading.Event()
    backend = SlowToEnd()
    cards = CardManager(backend)

    def hang() -> None:
        begun.set()
        release.wait()

    async def scene() -> None:
        opening = asyncio.create_task(cards.call(hang))
        async with asyncio.timeout(10):
            while not begun.is_set():
                await asyncio.sleep(0.001)
            opening.cancel()
            await cards.end()
        release.set()

    asyncio.run(scene())
    assert backend.ended_while_busy == []
