"""ALSA's plugins without the one that loads half of a multimedia system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from satellite.audio.portaudio.plugins import VARIABLE, leave_out_plugins


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
    kept = leave_out_plugins(maps)
    assert kept is not None
    names = sorted(path.name for path in kept.iterdir())
    assert names == ["libasound_module_pcm_pulse.so", "libasound_module_rate_lavrate.so"]
    assert all(path.exists() for path in kept.iterdir())


def test_the_persons_own_folder_is_left_alone(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/my/plugins")
    assert leave_out_plugins(maps) is None


def test_nothing_is_done_where_nothing_unwanted_is(maps: Path, tmp_path: Path) -> None:
    (tmp_path / "lib" / "alsa-lib" / "libasound_module_pcm_a52.so").unlink()
    assert leave_out_plugins(maps) is None


def test_nothing_is_done_without_libasound(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("7f00-7f01 r--p 00000000 fe:00 123    /bin/true\n")
    assert leave_out_plugins(tmp_path / "maps") is None
    assert leave_out_plugins(tmp_path / "none") is None


LISTS = """
import os
from satellite.audio.portaudio.backend import PortAudio

audio = PortAudio()
before = set(os.environ)
print([device.name for device in audio.devices()])
assert set(os.environ) == before, set(os.environ) - before
audio.close()
"""


def test_the_environment_does_not_grow_beside_a_second_thread() -> None:
    """PortAudio starts in its own; to add a variable there crashed one start in some 200."""
    clean = {name: value for name, value in os.environ.items() if name != VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", LISTS], env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
