"""What somebody set by hand is still set after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from satellite.app.control_store import FILE_NAME, ControlStore
from satellite.core import statefile
from satellite.core.statefile import state_folder


def test_without_a_past_it_listens_as_loud_as_the_settings_say(tmp_path: Path) -> None:
    controls = ControlStore(tmp_path, 70)
    assert (controls.muted, controls.volume) == (False, 70)


def test_who_muted_it_finds_it_muted_and_who_unmuted_it_not(tmp_path: Path) -> None:
    ControlStore(tmp_path, 70).keep_muted(True)
    again = ControlStore(tmp_path, 70)
    assert again.muted
    again.keep_muted(False)
    assert not ControlStore(tmp_path, 70).muted


def test_mute_and_volume_do_not_overwrite_each_other(tmp_path: Path) -> None:
    controls = ControlStore(tmp_path, 70)
    controls.keep_muted(True)
    controls.keep_volume(35)
    again = ControlStore(tmp_path, 70)
    assert (again.muted, again.volume) == (True, 35)


def test_a_new_volume_in_the_settings_counts_more_than_an_old_one_by_hand(tmp_path: Path) -> None:
    ControlStore(tmp_path, 70).keep_volume(35)
    assert ControlStore(tmp_path, 80).volume == 80
    assert ControlStore(tmp_path, 70).volume == 35


@pytest.mark.parametrize(
    "damage",
    [
        *("", "{", "[]", "{}", "null", "\0" * 99, '{"volume": 30}'),
        *('{"muted": "who knows"}', '{"muted": null}', '{"muted": 0}', '{"muted": "false"}'),
    ],
)
def test_a_damaged_memory_is_a_muted_one(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE_NAME).write_text(damage)
    controls = ControlStore(tmp_path, 70)
    assert (controls.muted, controls.volume) == (True, 70)
    controls.keep_muted(False)
    assert not ControlStore(tmp_path, 70).muted


@pytest.mark.parametrize("volume", [-1, 101, "50", 12.5, True, None])
def test_an_impossible_volume_is_none(tmp_path: Path, volume: object) -> None:
    kept = {"muted": False, "volume": volume, "configured_volume": 70}
    (tmp_path / FILE_NAME).write_text(json.dumps(kept))
    controls = ControlStore(tmp_path, 70)
    assert (controls.muted, controls.volume) == (False, 70)


def test_without_a_folder_it_works_until_the_end() -> None:
    controls = ControlStore(None, 70)
    controls.keep_muted(True)
    controls.keep_volume(20)
    assert (controls.muted, controls.volume) == (True, 20)
    assert not ControlStore(None, 70).muted


def test_what_is_muted_for_want_of_a_record_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("")
    controls = ControlStore(tmp_path, 70)
    assert FILE_NAME in controls.unreliable
    controls.keep_muted(False)
    assert ControlStore(tmp_path, 70).unreliable == ""


def test_a_folder_that_is_gone_means_muted_and_is_told(tmp_path: Path) -> None:
    problems: list[str] = []
    controls = ControlStore(tmp_path / "gone", 70, on_problem=problems.append)
    assert controls.muted
    controls.keep_muted(True)
    assert controls.muted
    assert "Muted, but this could not be kept over a restart: No such file" in problems[-1]


def test_a_volume_that_could_not_be_kept_does_not_mute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = ControlStore(tmp_path, 70)
    controls.keep_muted(False)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(statefile, "_write_through", full)
        controls.keep_volume(20)
    assert not controls.kept
    again = ControlStore(tmp_path, 70)
    assert (again.muted, again.volume) == (False, 70)


def test_systemd_names_the_folder() -> None:
    assert state_folder({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}) == Path("/var/lib/a")
    assert state_folder({}) is None


def test_who_mutes_a_satellite_that_will_forget_it_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    controls = ControlStore(None, 70)
    assert not controls.muted
    controls.keep_muted(True)
    controls.keep_muted(False)
    controls.keep_muted(True)
    assert len([told for told in caplog.messages if "STATE_DIRECTORY" in told]) == 1
