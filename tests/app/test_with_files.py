"""A whole satellite whose sound card is two files: another sound system is one class."""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from pathlib import Path

import pytest

from satellite.app.application import Application
from satellite.audio.cards.manager import CardManager
from satellite.audio.file_backend import FileBackend
from satellite.core.sd_notify import Notifier
from satellite.settings import load_settings
from tests.audio.test_file_backend import read_wav, write_wav
from tests.fakes.realtime_server import FakeRealtimeServer

PER_MS = 24
QUIET = 1000
PAUSE_MS = 300
"""Between two replies."""
PROMISED_MS = 5
"""How exactly the server is told what was heard."""
STEP = 8
"""Each millisecond of a reply is this much louder than the one before."""


def words() -> list[int]:
    """0.4 s that sound like a person to the level meter, after 1.2 s of silence."""
    buzz = [round(8000 * math.sin(n / 20) * math.sin(n / 400)) for n in range(400 * PER_MS)]
    return [0] * (1200 * PER_MS) + buzz


def staircase(length_ms: int) -> bytes:
    return array("h", [4000 + STEP * (n // PER_MS) for n in range(PER_MS * length_ms)]).tobytes()


def replies(samples: list[int]) -> list[list[int]]:
    """The loud samples of each. A busy machine may have let the card run out within one."""
    found: list[list[int]] = []
    silent = PAUSE_MS * PER_MS
    for sample in samples:
        if sample <= QUIET:
            silent += 1
            continue
        if silent >= PAUSE_MS * PER_MS:
            found.append([])
        found[-1].append(sample)
        silent = 0
    return found


async def talk(server: FakeRealtimeServer, application: Application, said: bytes) -> float:
    """A turn with a whole reply, and a second reply that is cut; up to which millisecond it was
    heard as the server is told."""
    await server.until(lambda: said in server.microphone.data, 30)
    await server.hears("user_1")
    await server.begin("resp_1", "item_1")
    await server.audio("resp_1", "item_1", staircase(300))
    await server.end("resp_1", "item_1")
    async with asyncio.timeout(10):
        for sounding in (True, False):
            while application.speaker.sounding is not sounding:
                await asyncio.sleep(0.01)
    await asyncio.sleep(PAUSE_MS / 1000)
    await server.hears("user_2")
    await server.begin("resp_2", "item_2")
    await server.audio("resp_2", "item_2", staircase(3000))
    await asyncio.sleep(0.8)
    from_s = time.monotonic()
    await server.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id="user_3")
    await server.until(lambda: bool(server.since(from_s, "conversation.item.truncate")))
    (cut,) = server.since(from_s, "conversation.item.truncate")
    assert cut.event["item_id"] == "item_2"
    assert server.since(from_s, "response.cancel")
    return float(cut.event["audio_end_ms"])


def test_a_turn_is_held_and_a_reply_is_cut_where_the_server_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    spoken = words()
    files = write_wav(tmp_path / "in.wav", spoken * 10, rate_hz=24_000), tmp_path / "out.wav"
    said = array("h", spoken[1200 * PER_MS :]).tobytes()

    async def scene() -> float:
        async with FakeRealtimeServer() as server:
            settings = load_settings(
                overrides={
                    "realtime": {"url": server.url},
                    "mqtt": {"port": 9},
                    "audio": {"chimes": False, "volume": 100, "echo": {"mode": "off"}},
                    "listen": {"mode": "open"},
                }
            )
            application = Application(settings, Notifier(), CardManager(FileBackend(*files)))
            running = asyncio.create_task(application.run())
            try:
                return await talk(server, application, said)
            finally:
                application._stop.set()
                await running

    cut_ms = asyncio.run(scene())
    whole, cut = replies(read_wav(files[1]))
    assert len(whole) == pytest.approx(300 * PER_MS, abs=2 * PER_MS)  # fades begin quietly
    assert cut_ms == pytest.approx(len(cut) / PER_MS, abs=PROMISED_MS)
    assert cut_ms == pytest.approx((cut[-1] - 4000) / STEP, abs=PROMISED_MS)
