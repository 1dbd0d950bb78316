"""An error that only a person can mend is said aloud and stays on the broker."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from satellite.app import fatal_error
from satellite.app.fatal_error import announce_fatal_error
from satellite.audio.cards.manager import CardManager
from satellite.audio.file_backend import FileBackend
from satellite.core.errors import SettingsError
from satellite.core.sd_notify import Notifier
from satellite.demo.broker import Mosquitto
from satellite.local_server.tts.voice import SpokenPiece
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings, load_settings
from tests.audio.test_file_backend import read_wav
from tests.mqtt.around import until, witness

pytestmark = pytest.mark.usefixtures("no_settings")
TOPICS = Topics("kitchen")
SECRET = "sk-geheim-geheim"
ERROR = SettingsError(f"The server refuses the key {SECRET}.", do="Check it.")
SOUND = b"\x00\x20" * 4_800  # 0.2 s of a level that no chime has


class Voice:
    """A synthesiser that says what it is given in one constant sound, or never comes to an end."""

    name = "made up"

    def __init__(self, *, hangs: bool = False) -> None:
        self.said: list[str] = []
        self.closed = False
        self._hangs = hangs

    async def speak(self, text: str, *_: object) -> AsyncGenerator[SpokenPiece, None]:
        self.said.append(text)
        yield SpokenPiece(text, SOUND)
        if self._hangs:
            await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True


class Manager(Notifier):
    """A service manager that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.fed = 0

    def status(self, text: str) -> None:
        self.lines.append(text)

    def alive(self) -> None:
        self.fed += 1


def settings_at(port: int, *, chimes: bool = False, language: str = "en") -> Settings:
    return load_settings(
        overrides={
            "satellite": {"id": TOPICS.satellite_id, "language": language},
            "realtime": {"url": "ws://127.0.0.1:9/"},
            "mqtt": {"host": "127.0.0.1", "port": port},
            "audio": {"chimes": chimes, "volume": 100},
        },
        key_needed=False,
    )


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Voice:
    made = Voice()
    monkeypatch.setattr(fatal_error, "installed_voice", lambda **_: made)
    monkeypatch.setattr(fatal_error, "BROKER_S", 0.5)
    monkeypatch.setattr(fatal_error, "secrets_of", lambda _settings: [SECRET])
    return made


def test_it_is_said_and_shown_without_the_key(voice: Voice, tmp_path: Path) -> None:
    heard, manager = tmp_path / "out.wav", Manager()

    async def scene() -> dict[str, bytes]:
        async with Mosquitto() as mosquitto, witness(mosquitto.host, mosquitto.port) as seen:
            cards = CardManager(FileBackend(None, heard))
            await announce_fatal_error(settings_at(mosquitto.port), cards, manager, ERROR)
            await until(lambda: seen.last.get(TOPICS.availability) == b"offline")
            return dict(seen.last)

    seen = asyncio.run(scene())
    (said,) = voice.said
    assert "refuses the key" in said
    assert SECRET not in said
    assert voice.closed
    loud = [sample for sample in read_wav(heard) if sample > 0x1000]
    assert len(loud) > 0.15 * 24_000
    problem = "The server refuses the key ***. Check it."
    assert seen[f"{TOPICS.base}/problem"].decode() == problem
    assert seen[f"{TOPICS.base}/state"] == b"error"
    assert (manager.lines, manager.fed) == ([problem], 1)


def test_in_german_a_german_sentence_is_said_and_the_error_is_shown(
    voice: Voice, tmp_path: Path
) -> None:
    manager = Manager()
    cards = CardManager(FileBackend(None, tmp_path / "out.wav"))
    settings = settings_at(9, language="de")
    asyncio.run(announce_fatal_error(settings, cards, manager, ERROR))
    assert voice.said == ["Ich muss aufhören. Jemand muss meine Einstellungen prüfen."]
    assert manager.lines == ["The server refuses the key ***. Check it."]


def test_without_a_broker_it_is_said_all_the_same(voice: Voice, tmp_path: Path) -> None:
    async def scene() -> None:
        cards = CardManager(FileBackend(None, tmp_path / "out.wav"))
        async with asyncio.timeout(15):
            await announce_fatal_error(settings_at(9), cards, Manager(), ERROR)

    asyncio.run(scene())
    assert len(voice.said) == 1


def test_a_stop_cuts_it_short(monkeypatch: pytest.MonkeyPatch, voice: Voice) -> None:
    endless = Voice(hangs=True)
    monkeypatch.setattr(fatal_error, "installed_voice", lambda **_: endless)

    async def scene() -> None:
        cards = CardManager(FileBackend())
        telling = asyncio.create_task(announce_fatal_error(settings_at(9), cards, Manager(), ERROR))
        await until(lambda: endless.said)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(15):
            await telling

    asyncio.run(scene())
    assert endless.closed
    assert not voice.said
