"""The thread that owns PortAudio, with calls that never return."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from satellite.audio.card import portaudio
from satellite.audio.card.portaudio import PortAudio
from satellite.audio.card.stream import StuckError


def test_a_stuck_driver_is_waited_for_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several parts use the card: one after the other they would outlast the watchdog."""
    monkeypatch.setattr(portaudio, "ANSWER_WITHIN_S", 0.05)
    release = threading.Event()
    audio = PortAudio()

    async def scene() -> None:
        with pytest.raises(StuckError, match="not answered"):
            await audio.call(release.wait)
        monkeypatch.setattr(portaudio, "ANSWER_WITHIN_S", 60.0)
        async with asyncio.timeout(10):
            with pytest.raises(StuckError):
                await audio.call(release.is_set)
        release.set()

    asyncio.run(scene())


class Library:
    """PyAudio, as far as its end is concerned."""

    def __init__(self) -> None:
        self.busy = False
        self.ended_while_busy: list[bool] = []

    def open(self) -> None:
        self.busy = True
        time.sleep(0.3)
        self.busy = False

    def terminate(self) -> None:
        self.ended_while_busy.append(self.busy)


def test_it_is_not_ended_under_a_call_that_is_still_running() -> None:
    """Who asked may be gone (a stop, or a refused key, while cards are being opened): PortAudio
    crashes when another thread ends it meanwhile."""
    library, audio = Library(), PortAudio()
    audio._pyaudio = library

    async def scene() -> None:
        opening = asyncio.create_task(audio.call(library.open))
        async with asyncio.timeout(10):
            while not library.busy:
                await asyncio.sleep(0.001)
        opening.cancel()
        await audio.end()

    asyncio.run(scene())
    assert library.ended_while_busy == [False]


def test_a_stuck_driver_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "ANSWER_WITHIN_S", 0.05)
    begun, release = threading.Event(), threading.Event()
    library, audio = Library(), PortAudio()
    audio._pyaudio = library

    def hang() -> None:
        begun.set()
        release.wait()

    async def scene() -> None:
        opening = asyncio.create_task(audio.call(hang))
        async with asyncio.timeout(10):
            while not begun.is_set():
                await asyncio.sleep(0.001)
            opening.cancel()
            await audio.end()
        release.set()

    asyncio.run(scene())
    assert library.ended_while_busy == []
