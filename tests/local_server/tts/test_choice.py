"""piper speaks where it is installed, espeak-ng elsewhere; a voice that is not there is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from satellite.core.errors import MissingPartError, SettingsError
from satellite.local_server.tts import choice
from satellite.local_server.tts.choice import choose_voice
from satellite.local_server.tts.espeak import EspeakVoice
from satellite.local_server.tts.piper import PiperVoice

VOICES = {"en_GB-one-low": Path("/voices/one.onnx"), "en_US-two-high": Path("/voices/two.onnx")}


@pytest.fixture
def voices(monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    found = dict(VOICES)
    monkeypatch.setattr(choice, "installed_voices", lambda: found)
    monkeypatch.setattr(choice, "piper_is_installed", lambda: True)
    return found


@pytest.mark.parametrize(
    ("wanted", "model"),
    [
        ("auto", "/voices/one.onnx"),
        ("piper", "/voices/one.onnx"),
        ("en_US-two-high", "/voices/two.onnx"),
    ],
)
@pytest.mark.usefixtures("voices")
def test_piper_speaks_where_it_is_installed(wanted: str, model: str) -> None:
    voice = choose_voice(wanted)
    assert isinstance(voice, PiperVoice)
    assert voice.model == Path(model)


@pytest.mark.usefixtures("voices")
def test_espeak_ng_can_be_chosen() -> None:
    assert isinstance(choose_voice("espeak"), EspeakVoice)


@pytest.mark.usefixtures("voices")
def test_piper_needs_no_espeak_ng(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert isinstance(choose_voice(), PiperVoice)


@pytest.mark.usefixtures("voices")
def test_an_unknown_voice_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SettingsError, match="espeak, en_GB-one-low, en_US-two-high"):
        choose_voice("en_US-three")


@pytest.mark.parametrize(
    ("wanted", "language", "spoken_by"),
    [
        ("auto", "", "/voices/one.onnx"),
        ("auto", "en-GB", "/voices/one.onnx"),
        ("auto", "fr", "/voices/one.onnx"),
        ("auto", "de-AT", "/voices/drei.onnx"),
        ("en_US-two-high", "de", "/voices/two.onnx"),
        ("auto", "zh", "cmn"),
        ("espeak", "de", "de"),
        ("espeak", "en", ""),
    ],
)
def test_a_voice_of_the_language_speaks(
    wanted: str, language: str, spoken_by: str, voices: dict[str, Path]
) -> None:
    voices["de_DE-drei-low"] = Path("/voices/drei.onnx")
    voice = choose_voice(wanted, language=language)
    said_by = str(voice.model) if isinstance(voice, PiperVoice) else voice.language
    assert said_by == spoken_by


@pytest.mark.usefixtures("voices")
def test_another_voice_speaks_where_there_is_none_of_the_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert isinstance(choose_voice(language="de"), PiperVoice)


def test_without_a_voice_piper_is_not_taken(voices: dict[str, Path]) -> None:
    voices.clear()
    assert isinstance(choose_voice(), EspeakVoice)
    with pytest.raises(MissingPartError, match="no voice"):
        choose_voice("piper")


def test_without_piper_its_voices_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "piper_is_installed", lambda: False)
    assert isinstance(choose_voice(), EspeakVoice)
    for voice in ("piper", "en_US-joe-medium"):
        with pytest.raises(MissingPartError, match="piper-tts"):
            choose_voice(voice)
