"""That the server has worked is known after a restart, and of no other server, key or model."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from satellite.app.proven_server import FILE_NAME, ProvenServer
from satellite.realtime.config import LinkConfig

CONFIG = LinkConfig(url="wss://api.openai.com/v1/realtime", model="m", api_key="sk-secret-key")


def test_a_first_start_has_proven_nothing(tmp_path: Path) -> None:
    assert not ProvenServer(tmp_path, CONFIG).worked


def test_a_good_session_is_remembered_over_restarts(tmp_path: Path) -> None:
    first = ProvenServer(tmp_path, CONFIG)
    first.session()
    assert first.worked
    assert ProvenServer(tmp_path, CONFIG).worked
    changed = structs.replace(CONFIG, voice="cedar", instructions="Be kind.")
    assert ProvenServer(tmp_path, changed).worked, "what a person hears does not matter here"


@pytest.mark.parametrize(
    "changed",
    [{"api_key": "sk-another"}, {"model": "n"}, {"url": "wss://box.lan"}, {"dialect": "beta"}],
)
def test_what_was_changed_makes_it_a_first_start_again(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    ProvenServer(tmp_path, CONFIG).session()
    assert not ProvenServer(tmp_path, structs.replace(CONFIG, **changed)).worked
    assert ProvenServer(tmp_path, CONFIG).worked


def test_the_key_itself_is_not_kept(tmp_path: Path) -> None:
    ProvenServer(tmp_path, CONFIG).session()
    assert "secret" not in (tmp_path / FILE_NAME).read_text()


def test_what_cannot_be_read_counts_as_worked(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"worked_wi')
    proven = ProvenServer(tmp_path, CONFIG)
    assert proven.worked
    proven.session()
    assert ProvenServer(tmp_path, CONFIG).worked
    assert not ProvenServer(tmp_path, structs.replace(CONFIG, model="n")).worked, (
        "it is whole again"
    )


def test_without_a_folder_it_is_known_until_the_end() -> None:
    proven = ProvenServer(None, CONFIG)
    assert not proven.worked
    proven.session()
    assert proven.worked


def test_a_disk_that_takes_nothing_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    proven = ProvenServer(folder, CONFIG)
    folder.rmdir()
    for _ in range(3):
        proven.session()
    assert proven.worked
    assert len(caplog.records) == 1
