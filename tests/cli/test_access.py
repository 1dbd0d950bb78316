"""The service can read its settings, also after a person did what the doctor said."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from satellite.cli.doctor import access, checks
from satellite.cli.doctor.findings import Finding
from satellite.settings import load_settings

pytestmark = pytest.mark.usefixtures("no_settings")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
SERVICE, OTHER = "nobody", "daemon"
"""Two users that every Debian has play the service's and somebody else's."""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a service that is installed."""
    monkeypatch.setattr(access, "SERVICE_USER", SERVICE)
    folder = tmp_path / "etc"
    folder.mkdir()
    for above in (folder, *folder.parents[:-1]):
        above.chmod(above.stat().st_mode | 0o011)
    path = folder / "satellite.toml"
    path.write_text('mqtt.password = "geheim"\n')
    path.chmod(0o644)
    monkeypatch.setattr(checks, "DEFAULT_CONFIG", path)
    return path


def findings(path: Path) -> list[Finding]:
    settings = load_settings(path, key_needed=False)
    return [one for one in checks.settings(settings, path) if one.verdict != "good"]


def reads(user: str, path: Path) -> bool:
    """Whether the system itself lets that user read."""
    entry = pwd.getpwnam(user)
    who = ["setpriv", "--reuid", str(entry.pw_uid), "--regid", str(entry.pw_gid), "--clear-groups"]
    done = subprocess.run([*who, "cat", str(path)], capture_output=True, check=False, timeout=20)
    return done.returncode == 0


def obey(advice: str) -> None:
    command = advice.partition(", or better")[0].replace("sudo ", "")
    subprocess.run(["sh", "-c", command], check=True, timeout=20)


@needs_root
def test_after_the_doctors_advice_the_service_reads_its_settings_and_others_do_not(
    config: Path,
) -> None:
    """It advised chmod 600, after which the service ended with 78."""
    (told,) = findings(config)
    assert "others on this machine can read mqtt.password" in told.text
    assert reads(OTHER, config)
    obey(told.do)
    assert reads(SERVICE, config)
    assert not reads(OTHER, config)
    assert findings(config) == []


@needs_root
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o000])
def test_a_file_that_the_service_cannot_read_is_found_and_mended(config: Path, mode: int) -> None:
    config.chmod(mode)
    (told,) = (one for one in findings(config) if one.verdict == "bad")
    assert f"the user {SERVICE}, cannot read {config}" in told.text
    assert told.status == 78
    obey(told.do)
    assert reads(SERVICE, config)
    assert findings(config) == []


@needs_root
def test_a_folder_that_the_service_cannot_enter_hides_the_file(config: Path) -> None:
    config.parent.chmod(0o700)
    told = next(one for one in findings(config) if one.verdict == "bad")
    obey(told.do)
    assert reads(SERVICE, config)


@needs_root
@pytest.mark.parametrize(
    "setting",
    ['[mqtt]\ntls = true\nca_file = "{}"', "realtime.ca_file='{}'", "realtime.api_key_file='{}'"],
)
def test_files_that_are_named_must_be_readable_as_well(setting: str, config: Path) -> None:
    authority = config.with_name("ca.pem")
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    authority.chmod(0o600)
    config.write_text(setting.format(authority))
    (told,) = findings(config)
    assert str(authority) in told.text
    obey(told.do)
    assert findings(config) == []


@needs_root
def test_what_the_system_allows_is_what_is_found(config: Path) -> None:
    entry = pwd.getpwnam(SERVICE)
    for uid in (0, entry.pw_uid):
        for gid in (0, entry.pw_gid):
            for mode in (0o400, 0o040, 0o004, 0o444, 0o044, 0o000):
                os.chown(config, uid, gid)
                config.chmod(mode)
                said = not list(access.service_reads(config))
                assert said is reads(SERVICE, config), (uid, gid, oct(mode))


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings on a machine where the service was never installed."""
    monkeypatch.setattr(access, "SERVICE_USER", "nobody-of-that-name")
    path = tmp_path / "my settings.toml"
    path.write_text('mqtt.password = "geheim"\n')
    path.chmod(0o644)
    return path


def test_where_the_service_was_never_installed_the_file_is_ones_own(alone: Path) -> None:
    if os.geteuid() == 0:
        os.chown(alone, pwd.getpwnam(OTHER).pw_uid, -1)
    (told,) = findings(alone)
    obey(told.do)
    assert alone.stat().st_mode & 0o777 == 0o600
    assert findings(alone) == []


@needs_root
def test_a_file_of_roots_is_not_taken_from_whoever_runs_the_satellite(alone: Path) -> None:
    (told,) = findings(alone)
    assert "chmod 640" in told.do
    obey(told.do.partition(" (")[0].replace("GROUP", str(pwd.getpwnam(SERVICE).pw_gid)))
    alone.parent.chmod(0o755)
    assert alone.stat().st_gid == pwd.getpwnam(SERVICE).pw_gid
    assert alone.stat().st_mode & 0o777 == 0o640
    assert findings(alone) == []
