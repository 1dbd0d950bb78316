"""ALSA's plugins without the one that loads half of a multimedia system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from satellite.audio.card.plugins import VARIABLE, reserve, spare_plugins
from satellite.audio.card.portaudio import PortAudio


@pytest.fixture
def maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A process that has loaded libasound from a folder of ours."""
    monkeypatch.setenv(VARIABLE, "")  # so that it is put back as it was, also if it was not there
    monkeypatch.delenv(VARIABLE)
    folder = tmp_path / "lib" / "alsa-lib"
    folder.mkdir(parents=True)
    for name in ("pcm_pulse", "pcm_a52", "rate_lavrate"):
        (folder / f"libasound_module_{name}.so").touch()
    maps = tmp_path / "maps"
    library = tmp_path / "lib" / "libasound.so.2.0.0"
    maps.write_text(
        f"7f00-7f01 r--p 00000000 fe:00 123    /bin/true\n7f02-7f03 r-xp 0 0 1 {library}\n"
    )
    return maps


def test_all_but_the_encoder_stay(maps: Path) -> None:
    spared = spare_plugins(maps)
    assert spared is not None
    names = sorted(path.name for path in spared.iterdir())
    assert names == ["libasound_module_pcm_pulse.so", "libasound_module_rate_lavrate.so"]
    assert all(path.exists() for path in spared.iterdir())


def test_the_persons_own_folder_is_left_alone(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/my/plugins")
    assert spare_plugins(maps) is None


def test_nothing_is_done_where_nothing_unwanted_is(maps: Path, tmp_path: Path) -> None:
    (tmp_path / "lib" / "alsa-lib" / "libasound_module_pcm_a52.so").unlink()
    assert spare_plugins(maps) is None


def test_nothing_is_done_without_libasound(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("7f00-7f01 r--p 00000000 fe:00 123    /bin/true\n")
    assert spare_plugins(tmp_path / "maps") is None
    assert spare_plugins(tmp_path / "none") is None


def test_the_environment_has_grown_before_there_is_a_second_thread(maps: Path) -> None:
    """To add a variable beside a thread that reads some crashed one start in some 200."""
    PortAudio()
    before = set(os.environ)
    assert VARIABLE in before
    assert spare_plugins(maps) is not None
    assert set(os.environ) == before


def test_the_place_that_was_kept_is_given_to_alsas_own_folder_or_given_up(
    maps: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "lib" / "alsa-lib"
    (folder / "libasound_module_pcm_a52.so").unlink()
    reserve()
    assert spare_plugins(maps) is None
    assert os.environ[VARIABLE] == str(folder)
    del os.environ[VARIABLE]
    reserve()
    assert spare_plugins(tmp_path / "none") is None
    assert VARIABLE not in os.environ
