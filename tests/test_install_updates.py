"""An update leaves a program that works: killed at any moment, or when the new one does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_install import TOP, UNIT, Machine

KILLER = """
set -T
count=0
kill_at() {
    case $BASH_COMMAND in
        mv*|cp*|rm*|ln*|install\\ *|sync*|mktemp*|*bin/python*|exchange*) ;;
        *) return 0 ;;
    esac
    count=$((count + 1))
    [ $count -ne $KILL_AT ] || kill -9 $$
}
trap kill_at DEBUG
"""
"""Read by bash before a script (BASH_ENV): kills it before that one of the commands that change
something."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def attempt_killed(machine: Machine, killed_at: int) -> subprocess.CompletedProcess[str]:
    killer = machine.root.parent / "killer"
    killer.write_text(KILLER)
    return machine.attempt(BASH_ENV=str(killer), KILL_AT=str(killed_at))


def test_an_update_that_is_killed_leaves_a_program_that_works(machine: Machine) -> None:
    """At each of its commands in turn; it left nothing that could be started."""
    machine.install()
    unit = machine.root / "etc/systemd/system/satellite.service"
    before = machine.files()
    killed_at, switched = 0, False
    while True:
        killed_at += 1
        old, new = machine.installed(), f"{killed_at} "
        machine.version.write_text(new)
        done = attempt_killed(machine, killed_at)
        now = machine.installed()
        assert now in (old, new), f"killed at {killed_at}"
        assert unit.read_text() == UNIT.read_text(), f"killed at {killed_at}"
        switched = switched or now == new
        assert (done.returncode == 0) is (now == new) or done.returncode == -9
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
    assert killed_at > 20
    assert switched
    assert machine.files() == before, "what the killed ones left is gone"


def test_a_first_installation_that_is_killed_can_be_done_again(tmp_path: Path) -> None:
    for killed_at in (2, 9, 16):
        folder = tmp_path / str(killed_at)
        folder.mkdir()
        machine = Machine(folder)
        done = attempt_killed(machine, killed_at)
        assert done.returncode == -9
        machine.install()
        assert machine.installed() == "1"


def test_a_new_program_that_does_not_start_is_not_put_in_its_place(machine: Machine) -> None:
    machine.install()
    machine.version.write_text("broken")
    done = machine.attempt()
    assert done.returncode == 69
    assert "does not start" in done.stderr
    assert "What was installed before is still in its place" in done.stderr
    assert machine.installed() == "1"
    machine.version.write_text("2")
    machine.install()
    assert machine.installed() == "2"


def test_what_a_person_added_stays_and_the_old_files_are_not_changed(machine: Machine) -> None:
    machine.install()
    voice = machine.root / "opt/satellite/venv/lib/a voice of piper's"
    voice.parent.mkdir()
    voice.write_text("hello")
    old = (machine.root / "opt/satellite/venv/bin/version").open()  # as a process that still runs
    machine.version.write_text("2")
    machine.install()
    assert voice.read_text() == "hello"
    assert old.read() == "1"
    assert machine.installed() == "2"


def test_two_at_once_do_not_mix(machine: Machine) -> None:
    machine.install()
    with subprocess.Popen(
        ["flock", machine.root / "opt/satellite", "-c", "echo held; cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        done = machine.attempt()
        other.communicate("")
    assert done.returncode == 69
    assert "being installed already" in done.stderr


def test_where_files_cannot_change_places_in_one_step_they_do_so_in_three(
    tmp_path: Path,
) -> None:
    code = re.search(r"(?s)\nexchange='\n(.*?)'\n", (TOP / "scripts/install").read_text())
    assert code
    without = code[1].replace("renameat2(-100", "(lambda *_: -1)(-100")
    assert without != code[1]
    for program in (code[1], without):
        for name in ("one", "other"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "name").write_text(name)
        names = [str(tmp_path / name) for name in ("one", "other", "spare")]
        subprocess.run([sys.executable, "-c", program, *names], check=True, timeout=20)
        assert (tmp_path / "one" / "name").read_text() == "other"
        assert (tmp_path / "other" / "name").read_text() == "one"
        assert not (tmp_path / "spare").exists()


SYSTEMD = """#!/bin/sh
state={folder}/state
version=$(cat /opt/satellite/venv/bin/version)
case "$*" in
  *is-active*) cat $state; [ "$(cat $state)" = active ]; exit ;;
  *restart*) echo "$version" >> {folder}/started
    case $version in *deaf*) echo failed > $state; exit 1 ;; *) echo active > $state ;; esac ;;
esac
"""
"""A service manager whose service gets ready unless its version is a deaf one."""
PLACES = (
    "opt",
    "etc/systemd/system",
    "etc/satellite",
    "usr/local/bin",
    "usr/lib/sysusers.d",
    "run",
)


class Running(Machine):
    """A machine with a service manager: its folders lie over those of this one, for the script."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.programs = folder / "programs"
        self.programs.mkdir()
        stand_ins = {
            "systemctl": SYSTEMD.format(folder=folder),
            "dpkg-query": "#!/bin/sh\nprintf installed\n",
            "systemd-sysusers": "#!/bin/sh\n",
        }
        for name, text in stand_ins.items():
            (self.programs / name).write_text(text)
            (self.programs / name).chmod(0o755)
        (folder / "state").write_text("inactive\n")
        for place in PLACES:
            (self.root / place).mkdir(parents=True)
        (self.root / "run/systemd/system").mkdir(parents=True)
        self.started = folder / "started"

    def attempt(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        over = [f"mkdir -p /{one}; mount --bind {self.root}/{one} /{one}" for one in PLACES]
        script = "; ".join(("set -e", *over, f"exec {TOP}/scripts/install"))
        path = f"{self.programs}:{os.environ['PATH']}"
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, *arguments],
            env={**os.environ, "PYTHON": str(self.python), "PATH": path, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def may_mount() -> bool:
    """Whether this user may lay folders over others, for one process."""
    try:
        tried = ["unshare", "--mount", "mount", "--bind", "/tmp", "/tmp"]
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount folders")
class TestUpdateOfARunningService:
    def test_a_new_program_that_gets_ready_stays(self, tmp_path: Path) -> None:
        machine = Running(tmp_path)
        machine.install()
        machine.version.write_text("2")
        machine.install()
        assert machine.installed() == "2"
        assert machine.started.read_text().split() == ["1", "2"]
        assert not (machine.root / "opt/satellite/venv.new").exists()

    def test_one_that_does_not_is_taken_back(self, tmp_path: Path) -> None:
        machine = Running(tmp_path)
        machine.install()
        machine.version.write_text("deaf")
        done = machine.attempt()
        assert done.returncode == 69
        assert "did not get ready" in done.stderr
        assert "the old one is back in its place: active" in done.stderr
        assert machine.installed() == "1"
        assert machine.started.read_text().split() == ["1", "deaf", "1"]
        assert (machine.root / "etc/systemd/system/satellite.service").read_text() == (
            UNIT.read_text()
        )

    def test_where_nothing_ran_before_nothing_is_taken_back(self, tmp_path: Path) -> None:
        machine = Running(tmp_path)
        machine.version.write_text("deaf")
        done = machine.attempt()
        assert done.returncode == 69
        assert "It did not start" in done.stderr
        assert machine.installed() == "deaf"
