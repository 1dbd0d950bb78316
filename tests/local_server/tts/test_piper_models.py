"""Voices of piper are found in packages and in folders, and only whole ones."""

from __future__ import annotations

from pathlib import Path

from satellite.local_server.tts.piper_models import FOLDER, installed_voices


def put(folder: Path, name: str, *, config: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"{name}.onnx"
    model.touch()
    if config:
        (folder / f"{name}.onnx.json").touch()
    return model


def test_a_package_brings_its_voice() -> None:
    model = installed_voices({"XDG_DATA_HOME": "/nonexistent", "XDG_DATA_DIRS": "/nonexistent"})[
        "en_US-joe-medium"
    ]
    assert model.stat().st_size > 1_000_000


def test_folders_of_the_person_and_of_the_machine_are_searched(tmp_path: Path) -> None:
    own = put(tmp_path / "own" / FOLDER, "en_US-one-low")
    put(tmp_path / "all" / FOLDER, "en_US-one-low")
    other = put(tmp_path / "all" / FOLDER, "en_GB-two-high")
    voices = installed_voices(
        {"XDG_DATA_HOME": str(tmp_path / "own"), "XDG_DATA_DIRS": f"/nonexistent:{tmp_path}/all"}
    )
    assert voices["en_US-one-low"] == own
    assert voices["en_GB-two-high"] == other
    assert next(iter(voices)) == "en_US-one-low"


def test_half_a_voice_is_none(tmp_path: Path) -> None:
    put(tmp_path / FOLDER, "en_US-half-low", config=False)
    assert "en_US-half-low" not in installed_voices({"XDG_DATA_HOME": str(tmp_path)})


def test_relative_directories_are_ignored() -> None:
    """As the specification of the XDG base directories asks."""
    assert installed_voices({"XDG_DATA_HOME": ".", "XDG_DATA_DIRS": "a:b::"})
