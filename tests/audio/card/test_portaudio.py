"""The thread that owns PortAudio, with calls that never return."""

from __future__ import annotations

import asyncio
import threading

import pytest

from satellite.audio.card import portaudio
from satellite.audio.card.portaudio import PortAudio, StuckError


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
