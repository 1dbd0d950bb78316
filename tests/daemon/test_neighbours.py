"""What is said at the start about PINs and codes that are not as safe as people may think."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from satellite.daemon.neighbours import Neighbours
from satellite.settings import load_settings


def warnings(settings: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> str:
    path = tmp_path / "s.toml"
    path.write_text(settings)

    async def build() -> None:
        there = Neighbours(
            load_settings(path, key_needed=False),
            on_tools=lambda _: None,
            on_call_done=lambda _: None,
            on_peer=lambda *_: None,
        )
        there.bridge.close()

    with caplog.at_level("WARNING", "satellite.daemon.neighbours"):
        asyncio.run(build())
    return " ".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(("language", "told"), [("fr", True), ("de", False), ("en", False)])
def test_a_language_whose_numbers_are_not_masked(
    language: str,
    told: bool,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    settings = f'home.pin = "4711"\nsatellite.language = "{language}"'
    said = warnings(settings, tmp_path, caplog)
    assert ("English, German and Chinese" in said) is told
    assert "4711" not in said


def test_a_pin_and_no_folder_for_wrong_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert "three tries anew" in warnings('home.pin = "4711"', tmp_path, caplog)
    caplog.clear()
    assert warnings("", tmp_path, caplog) == ""
