"""espeak-ng as a real part: speaks in pieces, only the text, and can be hushed."""

from __future__ import annotations

import asyncio
import shutil

import numpy as np
import psutil
import pytest

from satellite.core.errors import MissingPartError
from satellite.local_server.tts.espeak import EspeakVoice
from satellite.local_server.tts.voice import DELTA_MS, SpokenPiece, VoiceError

DELTA_BYTES = DELTA_MS * 48
SENTENCES = "The kitchen light is on. It is 21.5 degrees there."


def spoken(text: str, voice: str = "alloy", speed: float = 1.0) -> list[SpokenPiece]:
    async def collect() -> list[SpokenPiece]:
        return [piece async for piece in EspeakVoice().speak(text, voice, speed)]

    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "Mein Mikrofon ist stummgeschaltet."), ("cmn", "我的麦克风已静音。")],
)
def test_it_speaks_other_languages(language: str, text: str) -> None:
    async def collect() -> list[SpokenPiece]:
        return [piece async for piece in EspeakVoice(language).speak(text, "alloy", 1.0)]

    said = asyncio.run(collect())
    assert len(sound(said)) > 24_000


def sound(said: list[SpokenPiece]) -> bytes:
    return b"".join(piece.pcm for piece in said)


def test_it_speaks_at_24_khz_in_small_pieces() -> None:
    said = spoken(SENTENCES)
    assert "".join(piece.words for piece in said).split() == SENTENCES.split()
    assert all(len(piece.pcm) <= DELTA_BYTES for piece in said)
    samples = np.frombuffer(sound(said), dtype=np.int16)
    assert 2 < len(samples) / 24_000 < 8
    assert np.abs(samples.astype(np.int32)).max() > 3_000
    share = np.abs(np.fft.rfft(samples)) ** 2
    in_voice = np.fft.rfftfreq(len(samples), 1 / 24_000) < 5_000
    assert share[in_voice].sum() > 0.8 * share.sum()  # a wrong rate would shift it up


def test_words_come_with_their_sound() -> None:
    """The transcript runs along with the audio, so that an interruption cuts both alike."""
    said = spoken("one two three four five six seven eight nine ten")
    half = said[: len(said) // 2]
    words = "".join(piece.words for piece in half).split()
    assert 3 <= len(words) <= 7


def test_speed_and_voice_are_heard() -> None:
    normal, fast = len(sound(spoken(SENTENCES))), len(sound(spoken(SENTENCES, speed=1.5)))
    assert fast < 0.85 * normal
    assert sound(spoken("hello", "cedar")) != sound(spoken("hello", "marin"))


def test_an_unknown_voice_speaks_too() -> None:
    assert sound(spoken("hello", "voice_custom")) != b""


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_to_say_is_silence(text: str) -> None:
    assert spoken(text) == []


@pytest.mark.parametrize(
    "text",
    ["[[h@l'oU]]", "-v de", "--help", "<speak>hi</speak>", "50 % & 20 °C", "a\nb", "\u00e9\u4e2d"],
)
def test_text_is_only_text(text: str) -> None:
    """Neither options nor markup of the synthesiser can be given by a client."""
    assert sound(spoken(text)) != b""


def test_the_first_sentence_does_not_wait_for_the_last() -> None:
    async def first() -> float:
        voice = EspeakVoice().speak("Hello there. " + "A long sentence follows here. " * 300, "", 1)
        begin = asyncio.get_running_loop().time()
        piece = await anext(voice)
        took_s = asyncio.get_running_loop().time() - begin
        await voice.aclose()
        assert piece.pcm
        return took_s

    assert asyncio.run(first()) < 2


def test_a_voice_that_is_hushed_leaves_no_process() -> None:
    async def hush() -> None:
        async def talk() -> None:
            async for _ in EspeakVoice().speak("word " * 3_000, "", 1.0):
                pass

        task = asyncio.create_task(talk())
        while not speaking():
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(hush(), 10))
    assert not speaking()


def speaking() -> bool:
    try:
        return any(child.name() == "espeak-ng" for child in psutil.Process().children())
    except psutil.NoSuchProcess:  # it ended while one looked
        return speaking()


def test_a_missing_synthesiser_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(MissingPartError, match="espeak-ng"):
        EspeakVoice()


def test_a_synthesiser_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/false")
    with pytest.raises(VoiceError, match="status 1"):
        spoken("hello")
