"""What ``scripts/install`` leaves on a machine, in a folder that plays the machine.

Python packages are not fetched here: a stand-in for ``python3`` makes the virtual environment,
records what pip was asked for, and replaces files as pip does. The unit itself is judged by
systemd's own tools.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from satellite.settings import load_settings
from satellite.settings.sources import CREDENTIALS, OPENAI_CREDENTIAL

TOP = Path(__file__).parent.parent
UNIT = TOP / "systemd" / "satellite.service"

STAND_IN = """#!/bin/sh
echo "$@" >> "{log}"
bin=${{0%/*}}
case "$*" in
  "-c "*renameat2*) exec {real} "$@" ;;
  "-m venv"*) for folder; do :; done; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
  *"pip install"*)
    rm -f "$bin/satellite" "$bin/version"
    printf '#!%s\\n' "$0" > "$bin/satellite"
    cp "{version}" "$bin/version" ;;
  "-m satellite --version") grep -v broken "$bin/version" ;;
esac
"""


class Machine:
    """A root folder and the command that installs into it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.log = folder / "python.log"
        self.python = folder / "python3"
        self.version = folder / "version"
        """What is in the checkout; the stand-in installs it."""
        self.version.write_text("1")
        names = {"log": self.log, "real": sys.executable, "version": self.version}
        self.python.write_text(STAND_IN.format(**names))
        self.python.chmod(0o755)

    def attempt(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TOP / "scripts" / "install", "--root", self.root, *arguments],
            env={**os.environ, "PYTHON": str(self.python), **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def install(self, *arguments: str) -> str:
        done = self.attempt(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def installed(self) -> str:
        """The version of the program in its place, if that is whole."""
        folder = self.root / "opt/satellite/venv/bin"
        python, script = (folder / "python").read_text(), (folder / "satellite").read_text()
        assert python == self.python.read_text()
        assert script == "#!/opt/satellite/venv/bin/python\n"
        return (folder / "version").read_text()

    def files(self) -> set[str]:
        return {str(p.relative_to(self.root)) for p in self.root.rglob("*") if not p.is_dir()}

    def mode(self, name: str) -> int:
        return stat.S_IMODE((self.root / name).stat().st_mode)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_puts_everything_in_its_place(machine: Machine) -> None:
    told = machine.install()
    assert {
        "etc/satellite/satellite.toml",
        "etc/systemd/system/satellite.service",
        "etc/systemd/system/multi-user.target.wants/satellite.service",
        "opt/satellite/config/satellite.toml",
        "opt/satellite/config/home-assistant.yaml",
        "opt/satellite/venv/bin/satellite",
        "usr/lib/sysusers.d/satellite.conf",
        "usr/local/bin/satellite",
    } <= machine.files()
    assert (machine.root / "usr/local/bin/satellite").readlink() == Path(
        "/opt/satellite/venv/bin/satellite"
    )
    assert machine.mode("etc/satellite/credentials") == 0o700
    assert machine.mode("etc/satellite/satellite.toml") == 0o644
    assert "systemd is not running here" in told
    assert load_settings(machine.root / "etc/satellite/satellite.toml", key_needed=False)


def test_takes_from_debian_what_pip_would_have_to_compile(machine: Machine) -> None:
    machine.install()
    asked = machine.log.read_text()
    assert "venv --clear --system-site-packages" in asked
    assert "/opt/satellite/venv.new" in asked
    assert re.search(r"pip install .*--constraint \S+ \S+\[offline,wake\]", asked)


def test_its_program_does_not_know_the_folder_it_was_built_in(machine: Machine) -> None:
    machine.install()
    for name in ("satellite", "python"):
        text = (machine.root / "opt/satellite/venv/bin" / name).read_text()
        assert str(machine.root / "opt") not in text
    command = (machine.root / "opt/satellite/venv/bin/satellite").read_text()
    assert command == "#!/opt/satellite/venv/bin/python\n"


def test_again_changes_nothing_and_keeps_settings(machine: Machine) -> None:
    machine.install()
    before = machine.files()
    mine = machine.root / "etc/satellite/satellite.toml"
    mine.write_text("audio.volume = 11\n")
    told = machine.install()
    assert machine.files() == before
    assert mine.read_text() == "audio.volume = 11\n"
    assert "stay as they are" in told
    assert machine.log.read_text().count("-m venv") == 1


def test_remove_leaves_settings_and_purge_leaves_nothing(machine: Machine) -> None:
    machine.install()
    secret = machine.root / "etc/satellite/credentials/openai-api-key"
    secret.write_text("sk-test")
    machine.install("--remove")
    assert machine.files() == {
        "etc/satellite/satellite.toml",
        "etc/satellite/credentials/openai-api-key",
    }
    machine.install("--remove")
    machine.install()
    assert secret.read_text() == "sk-test"
    variables = machine.root / "etc/default/satellite"  # a key may stand there as well
    variables.parent.mkdir()
    variables.write_text("OPENAI_API_KEY=sk-test\n")
    machine.install("--remove", "--purge")
    assert machine.files() == set()


def test_refuses_what_it_does_not_know(machine: Machine) -> None:
    for wrong in (["--rot"], ["--purge"], ["--root"]):
        done = subprocess.run(
            [TOP / "scripts" / "install", *wrong],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 69
        assert wrong[0] in done.stderr


class Faked:
    """Programs that tell of another machine, before the real ones in the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.path = f"{folder}:{os.environ['PATH']}"

    def answer(self, program: str, text: str) -> None:
        file = self.folder / program
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def machine(self, architecture: str, kernel: str, bits: int) -> None:
        self.answer("dpkg", f'[ "$1" != --print-architecture ] || echo {architecture}')
        self.answer("uname", f"echo {kernel}")
        self.answer("getconf", f"echo {bits}")


@pytest.fixture
def faked(tmp_path: Path) -> Faked:
    return Faked(tmp_path / "faked")


class TestArchitecture:
    @pytest.mark.parametrize(
        ("architecture", "kernel"),
        [
            ("armhf", "armv7l"),
            ("armhf", "aarch64"),  # Raspberry Pi OS 32-bit, which starts a 64-bit kernel
            ("armel", "armv6l"),
            ("i386", "x86_64"),
        ],
    )
    def test_a_32_bit_system_is_told_before_anything_is_changed(
        self, machine: Machine, faked: Faked, architecture: str, kernel: str
    ) -> None:
        faked.machine(architecture, kernel, 32)
        done = machine.attempt(PATH=faked.path)
        assert done.returncode == 69
        assert done.stderr.startswith(f"This is a 32-bit system ({architecture})")
        assert done.stderr.count("\n") == 1
        assert "64-bit" in done.stderr
        assert not machine.root.exists()
        assert not machine.log.exists()

    def test_without_dpkg_the_kernel_is_asked(self, machine: Machine, faked: Faked) -> None:
        faked.answer("dpkg", "exit 127")
        faked.answer("uname", "echo armv7l")
        done = machine.attempt(PATH=faked.path)
        assert (done.returncode, machine.root.exists()) == (69, False)

    @pytest.mark.parametrize(
        ("architecture", "kernel"), [("arm64", "aarch64"), ("amd64", "x86_64")]
    )
    def test_a_64_bit_system_is_installed_on(
        self, machine: Machine, faked: Faked, architecture: str, kernel: str
    ) -> None:
        faked.machine(architecture, kernel, 64)
        assert machine.attempt(PATH=faked.path).returncode == 0
        assert "usr/local/bin/satellite" in machine.files()

    def test_what_a_32_bit_system_has_can_be_removed(self, machine: Machine, faked: Faked) -> None:
        machine.install()
        faked.machine("armhf", "aarch64", 32)
        assert machine.attempt("--remove", PATH=faked.path).returncode == 0
        assert machine.files() == {"etc/satellite/satellite.toml"}


class TestUnit:
    text = UNIT.read_text()

    def test_gives_each_secret_and_none_is_needed(self) -> None:
        loaded = dict(re.findall(r"(?m)^LoadCredential=([a-z-]+):(.+)$", self.text))
        fallback = re.findall(r"(?m)^SetCredential=([a-z-]+):\\n$", self.text)
        names = {*CREDENTIALS, OPENAI_CREDENTIAL}
        assert loaded == {name: f"/etc/satellite/credentials/{name}" for name in names}
        assert set(fallback) == names

    def test_does_not_restart_what_a_restart_cannot_mend(self) -> None:
        assert "\nRestartPreventExitStatus=78\n" in self.text
        assert "\nRestart=on-failure\n" in self.text

    def test_lets_its_children_step_back(self) -> None:
        """piper's process lowers its priority and died of being forbidden to."""
        forbidden = self.text.index("\nSystemCallFilter=~@privileged @resources\n")
        assert self.text.index("\nSystemCallFilter=setpriority sched_setaffinity\n") > forbidden

    def test_lets_the_sound_card_through(self) -> None:
        assert "\nDeviceAllow=char-alsa rw\n" in self.text
        assert "\nSupplementaryGroups=audio\n" in self.text
        assert "\nPrivateDevices=" not in self.text

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
    def test_systemd_understands_it_and_calls_it_safe(self, tmp_path: Path) -> None:
        runnable = tmp_path / "satellite.service"
        runnable.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", self.text))
        verified = _systemd_analyze("verify", str(runnable))
        assert "satellite.service" not in verified, verified
        judged = _systemd_analyze("security", "--offline=yes", str(UNIT))
        exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged)
        assert exposure, judged
        assert float(exposure[1]) <= 2.0


def _systemd_analyze(*arguments: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr
