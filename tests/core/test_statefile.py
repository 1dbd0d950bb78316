"""What must survive a full disk, a worn one, and a plug that is pulled at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from satellite.app.control_store import ControlStore
from satellite.core import statefile
from satellite.core.backoff import Pace
from satellite.core.statefile import STALE, StateFile, retry_stores
from tests.app.disk import FOLDER, Disk, PowerCutError


@dataclass(frozen=True)
class Step:
    """Somebody mutes or unmutes, while the disk is so."""

    muted: bool
    full: bool = False
    crowded: bool = False


STEPS = st.lists(st.builds(Step, st.booleans(), st.booleans(), st.booleans()), max_size=5)


@given(STEPS, st.booleans(), st.integers(1, 60), st.integers(0, 5))
@example([Step(True, full=True)], False, 60, 0)
@example([Step(True, full=True)], True, 60, 0)
@example([Step(True, full=True, crowded=True)], True, 60, 0)
def test_who_muted_it_is_not_heard_after_a_power_cut(
    steps: list[Step], used: bool, cut_after: int, survivors: int
) -> None:
    """It is cut at each call of the system in turn, on a disk that may be full."""
    disk = Disk()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(statefile, "os", disk)
        controls = ControlStore(FOLDER, 70)
        if used:
            controls.keep_muted(False)
        disk.cut_after = disk.calls + cut_after
        done, doing = controls.muted, controls.muted
        try:
            for step in steps:
                disk.full, disk.crowded = step.full, step.crowded and used
                doing = step.muted
                controls.keep_muted(step.muted)
                done = step.muted
        except PowerCutError:
            pass
        disk.cut(survivors)
        again = ControlStore(FOLDER, 70)
    assert again.muted or not (done and doing)
    told_by_healthy_disk = all(not (step.full or step.crowded) for step in steps)
    if told_by_healthy_disk and done == doing:
        assert again.muted is done


def test_a_crowded_disk_that_was_never_written_can_keep_nothing_and_says_so() -> None:
    """Not one new file can be made, and there is none whose name could tell."""
    disk = Disk()
    problems: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(statefile, "os", disk)
        controls = ControlStore(FOLDER, 70, on_problem=problems.append)
        disk.crowded = True
        controls.keep_muted(True)
    assert "could not be kept over a restart: No space left" in problems[-1]


def test_what_could_not_be_kept_is_tried_until_it_holds() -> None:
    disk = Disk()
    problems: list[str] = []

    async def scene() -> None:
        controls = ControlStore(FOLDER, 70, on_problem=problems.append)
        controls.keep_muted(False)
        disk.worn = True
        controls.keep_muted(True)
        assert not controls.kept
        assert problems[-1].startswith("Muted, but this could not be kept over a restart: Read-")
        trying = asyncio.create_task(retry_stores(controls))
        await asyncio.sleep(0.05)
        assert not controls.kept
        disk.worn = False
        async with asyncio.timeout(10):
            while problems[-1]:
                await asyncio.sleep(0.01)
        trying.cancel()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(statefile, "os", disk)
        patched.setattr(statefile, "RETRY", Pace(0.01, 0.05))
        asyncio.run(scene())
        assert problems[-1] == ""
        disk.cut(0)
        assert ControlStore(FOLDER, 70).muted


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = StateFile(tmp_path, "some.json", "Something")
    assert (file.read(), file.trusted, file.fresh) == ({}, True, True)
    assert file.write({"a": 1}) == ""
    assert file.write({"b": 2}) == ""
    again = StateFile(tmp_path, "some.json", "Something")
    assert (again.read(), again.trusted, again.fresh) == ({"b": 2}, True, False)
    assert [one.name for one in tmp_path.iterdir()] == ["some.json"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"\0" * 4096, b'{"a": 1', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_damaged_is_not_trusted(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "some.json").write_bytes(damage)
    file = StateFile(tmp_path, "some.json", "Something")
    assert (file.read(), file.trusted, file.fresh) == ({}, False, False)


def test_what_is_no_file_is_neither_trusted_nor_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "gone.json").symlink_to("nowhere")
    for name in ("folder.json", "pipe.json", "loop.json", "gone.json"):
        file = StateFile(tmp_path, name, "Something")
        assert (file.read(), file.trusted) == ({}, False), name


def test_a_folder_that_is_not_there_is_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    for folder in (tmp_path / "gone", tmp_path / "a file"):
        file = StateFile(folder, "some.json", "Something")
        assert (file.read(), file.trusted, file.fresh) == ({}, False, False)
        assert "cannot" not in file.write({"a": 1})


def test_what_is_out_of_date_can_be_read_but_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "some.json").write_text('{"a": 1}')
    (tmp_path / f"some.json{STALE}").touch()
    file = StateFile(tmp_path, "some.json", "Something")
    assert (file.read(), file.trusted) == ({"a": 1}, False)
    assert file.write({"a": 2}) == ""
    assert (file.read(), file.trusted) == ({"a": 2}, True)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system that is full to its last byte."""
    folder = tmp_path / "full"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False, timeout=20)
    except FileNotFoundError:
        pytest.skip("there is no mount(8) here")
    if done.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=20)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", 0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


@pytest.mark.parametrize("before", [None, False], ids=["never used", "unmuted before"])
def test_muted_on_a_disk_that_is_really_full(full_disk: Path, before: bool | None) -> None:
    if before is not None:
        ControlStore(full_disk, 70).keep_muted(before)
    fill(full_disk)
    problems: list[str] = []
    controls = ControlStore(full_disk, 70, on_problem=problems.append)
    assert not controls.muted
    controls.keep_muted(True)
    assert "No space left on device" in problems[-1]
    again = ControlStore(full_disk, 70)
    assert again.muted
    again.keep_muted(False)
    assert ControlStore(full_disk, 70).muted, "what could not be kept is safe"
    (full_disk / "filler").unlink()
    again.keep()
    assert not ControlStore(full_disk, 70).muted
