"""What the home process is told and tells; and what it says at its start about PINs and codes."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from satellite.app.wiring import home_process_config
from satellite.home import messages as ms
from satellite.home.channel import Channel
from satellite.home.service import HomeService
from satellite.settings import load_settings


def warnings(settings: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> str:
    path = tmp_path / "s.toml"
    path.write_text(settings)
    config = home_process_config(load_settings(path, key_needed=False))

    async def build() -> None:
        ours, theirs = socket.socketpair()
        channel: Channel[ms.ToHome] = await Channel.over(theirs, ms.ToHome)
        HomeService(config, channel).bridge.close()
        channel.close()
        ours.close()

    with caplog.at_level("WARNING", "satellite.home.service"):
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


def test_a_language_without_words_for_yes_and_no(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert "yes and no" in warnings('satellite.language = "tlh"', tmp_path, caplog)
    caplog.clear()
    assert warnings('satellite.language = "zh"', tmp_path, caplog) == ""


def test_a_pin_and_no_folder_for_wrong_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert "three tries anew" in warnings('home.pin = "4711"', tmp_path, caplog)
    caplog.clear()
    assert warnings("", tmp_path, caplog) == ""
