"""The local voice: one text after the other, each can be ended, and who cannot speak says so."""

from __future__ import annotations

import asyncio
import shutil
from array import array
from collections.abc import AsyncGenerator, Callable

import pytest

from satellite.app import local_voice
from satellite.app.local_voice import AHEAD_S, LocalVoice
from satellite.conversation.events import BYTES_PER_MS, Event
from satellite.conversation.events.local import LocalAudio, LocalSpeechEnded
from satellite.core.errors import MissingPartError
from satellite.local_server.tts.voice import SpokenPiece, Synthesiser, VoiceError

ODD_TEXTS = ("a\ud800b", "\0", "...", "\N{FIRE}", "[[boom]] <b>", "-v de")
NO_ESPEAK = "The speech synthesiser espeak-ng is not installed."


class Mouth:
    """A voice that says so many pieces of 80 ms as the text has letters, then waits or fails."""

    name = "a test"

    def __init__(self) -> None:
        self.closed = 0

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[SpokenPiece, None]:
        assert (voice, speed) == ("alloy", 1.0)
        if text == "fails":
            raise VoiceError("espeak-ng ended with status 1")
        for letter in text:
            yield SpokenPiece(letter, bytes(80 * BYTES_PER_MS))
        if text == "hangs":
            await asyncio.Event().wait()

    async def warm_up(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        self.closed += 1


class Listener:
    """A local voice, and everything that it tells."""

    def __init__(self, load: Callable[[str], Synthesiser] | None = None) -> None:
        self.told: list[tuple[str, str]] = []
        self.sound = bytearray()
        self.problems: list[str] = []
        self.mouth = Mouth()
        self._news = asyncio.Event()
        self.voice = LocalVoice(
            self._hear, on_problem=self.problems.append, load=load or (lambda _: self.mouth)
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, LocalAudio):
            self.told.append((event.item_id, "sound"))
            self.sound += event.audio
        if isinstance(event, LocalSpeechEnded):
            self.told.append((event.item_id, event.failure or "end"))
        self._news.set()

    async def until(self, one: tuple[str, str]) -> None:
        async with asyncio.timeout(20):
            while one not in self.told:
                self._news.clear()
                await self._news.wait()


def test_texts_are_spoken_in_order_and_the_end_of_each_is_told() -> None:
    async def scene() -> list[tuple[str, str]]:
        listener = Listener()
        running = asyncio.create_task(listener.voice.run())
        listener.voice.speak("a", "xy")
        listener.voice.speak("b", "z")
        await listener.until(("b", "end"))
        running.cancel()
        await asyncio.wait({running})
        assert listener.mouth.closed == 1
        return listener.told

    assert asyncio.run(scene()) == [
        ("a", "sound"),
        ("a", "sound"),
        ("a", "end"),
        ("b", "sound"),
        ("b", "end"),
    ]


def test_what_was_hushed_is_not_told_any_more_and_the_next_is_spoken() -> None:
    async def scene() -> list[tuple[str, str]]:
        listener = Listener()
        running = asyncio.create_task(listener.voice.run())
        for item_id, text in (("a", "hangs"), ("b", "never"), ("c", "x")):
            listener.voice.speak(item_id, text)
        listener.voice.stop("b")
        await listener.until(("a", "sound"))
        listener.voice.stop("a")
        await listener.until(("c", "end"))
        running.cancel()
        await asyncio.wait({running})
        return listener.told

    told = asyncio.run(scene())
    assert {item_id for item_id, _ in told} == {"a", "c"}
    assert ("a", "end") not in told


def test_a_failure_is_told_and_shown_until_something_was_spoken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> Listener:
        listener = Listener()
        running = asyncio.create_task(listener.voice.run())
        for item_id, text in (("a", "fails"), ("b", "fails"), ("c", "x")):
            listener.voice.speak(item_id, text)
        await listener.until(("c", "end"))
        running.cancel()
        await asyncio.wait({running})
        return listener

    listener = asyncio.run(scene())
    assert listener.told[:2] == [(item, "espeak-ng ended with status 1") for item in "ab"]
    reason = "Nothing can be said without a server: espeak-ng ended with status 1"
    assert listener.problems == [reason, ""]
    assert reason in caplog.text


def test_without_a_synthesiser_it_says_what_to_install() -> None:
    def nobody(_: str) -> Synthesiser:
        raise MissingPartError(NO_ESPEAK, do="Install the Debian package espeak-ng.")

    async def scene() -> Listener:
        listener = Listener(nobody)
        running = asyncio.create_task(listener.voice.run())
        listener.voice.speak("a", "x")
        await listener.until(("a", f"{NO_ESPEAK} Install the Debian package espeak-ng."))
        running.cancel()
        await asyncio.wait({running})
        return listener

    assert "Install the Debian package espeak-ng." in asyncio.run(scene()).problems[0]


def test_it_is_never_far_ahead_of_what_can_be_heard() -> None:
    async def scene() -> float:
        listener = Listener()
        running = asyncio.create_task(listener.voice.run())
        listener.voice.speak("a", "x" * 1000)
        async with asyncio.timeout(10):
            while len(listener.sound) < AHEAD_S * 1000 * BYTES_PER_MS:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        running.cancel()
        await asyncio.wait({running})
        return len(listener.sound) / BYTES_PER_MS / 1000

    assert asyncio.run(scene()) < AHEAD_S + 3


def test_a_voice_that_is_not_used_is_given_up_and_loaded_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_voice, "KEPT_S", 0.05)

    async def scene() -> tuple[int, int]:
        listener = Listener()
        running = asyncio.create_task(listener.voice.run())
        listener.voice.speak("a", "x")
        await listener.until(("a", "end"))
        async with asyncio.timeout(10):
            while not listener.mouth.closed:
                await asyncio.sleep(0.01)
        closed = listener.mouth.closed
        listener.voice.speak("b", "x")
        await listener.until(("b", "end"))
        running.cancel()
        await asyncio.wait({running})
        return closed, listener.mouth.closed

    assert asyncio.run(scene()) == (1, 2)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@pytest.mark.parametrize(
    "text", ["a\ud800b", "\0", "...", "\N{FIRE}", "[[boom]] <b>", "-v de", "x" * 9_000]
)
def test_no_text_ends_the_process(text: str) -> None:
    """A lone surrogate of a server's JSON would have: it cannot be encoded."""

    async def scene() -> list[tuple[str, str]]:
        listener = Listener(local_voice.installed_voice)
        running = asyncio.create_task(listener.voice.run())
        listener.voice.speak("a", text)
        listener.voice.speak("b", "Hello.")
        if len(text) > 1_000:
            await listener.until(("a", "sound"))
            listener.voice.stop("a")
        async with asyncio.timeout(30):
            await listener.until(("b", "end"))
        running.cancel()
        await asyncio.wait({running})
        return listener.told

    assert ("b", "sound") in asyncio.run(scene())


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_the_installed_synthesiser_is_heard() -> None:
    async def scene() -> array[int]:
        listener = Listener(local_voice.installed_voice)
        running = asyncio.create_task(listener.voice.run())
        listener.voice.speak("a", "Smoke in the kitchen.")
        await listener.until(("a", "end"))
        running.cancel()
        await asyncio.wait({running})
        return array("h", bytes(listener.sound))

    sound = asyncio.run(scene())
    assert len(sound) > 24_000
    assert max(sound) > 3_000
