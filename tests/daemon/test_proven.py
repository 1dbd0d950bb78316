"""That the server has worked is known after a restart, and of no other server, key or model."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from satellite.daemon.proven import FILE_NAME, Proven
from satellite.realtime.config import LinkConfig

CONFIG = LinkConfig(url="wss://api.openai.com/v1/realtime", model="m", api_key="sk-secret-key")


def test_a_first_start_has_proven_nothing(tmp_path: Path) -> None:
    assert not Proven(tmp_path, CONFIG).worked


def test_a_good_session_is_remembered_over_restarts(tmp_path: Path) -> None:
    first = Proven(tmp_path, CONFIG)
    first.session()
    assert first.worked
    assert Proven(tmp_path, CONFIG).worked
    changed = structs.replace(CONFIG, voice="cedar", instructions="Be kind.")
    assert Proven(tmp_path, changed).worked, "what a person hears does not matter here"


@pytest.mark.parametrize(
    "changed",
    [{"api_key": "sk-another"}, {"model": "n"}, {"url": "wss://box.lan"}, {"dialect": "beta"}],
)
def test_what_was_changed_makes_it_a_first_start_again(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    Proven(tmp_path, CONFIG).session()
    assert not Proven(tmp_path, structs.replace(CONFIG, **changed)).worked
    assert Proven(tmp_path, CONFIG).worked


def test_the_key_itself_is_not_kept(tmp_path: Path) -> None:
    Proven(tmp_path, CONFIG).session()
    assert "secret" not in (tmp_path / FILE_NAME).read_text()


def test_a_damaged_file_was_written_by_a_good_session(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"worked_wi')
    proven = Proven(tmp_path, CONFIG)
    assert proven.worked
    proven.session()
    assert Proven(tmp_path, CONFIG).worked


def test_without_a_folder_or_with_a_full_disk_it_is_known_until_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in (None, tmp_path / "missing"):
        proven = Proven(folder, CONFIG)
        assert not proven.worked
        proven.session()
        proven.session()
        assert proven.worked
    assert len(caplog.records) <= 1
