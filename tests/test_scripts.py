"""What the scripts share: ``scripts/lib``, in a small checkout with an environment of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
LIB = TOP / "scripts" / "lib"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose virtual environment is there already."""
    for folder in ("scripts", "satellite", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt", "satellite/part.py"):
        (tmp_path / name).touch()
    shutil.copy(LIB, tmp_path / "scripts" / "lib")
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    bash(tmp_path, '_fingerprint >"$venv/.ready-dev"')
    return tmp_path


def bash(checkout: Path, command: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"source scripts/lib; {command}"],
        cwd=checkout,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_no_process_has_to_compile_the_program(checkout: Path) -> None:
    bash(checkout, "make_venv demo")
    assert list((checkout / "satellite/__pycache__").glob("part.*.pyc"))


def test_a_program_that_cannot_be_compiled_says_so_itself(checkout: Path) -> None:
    (checkout / "satellite/part.py").write_text("def")
    bash(checkout, "make_venv demo")


def test_what_the_workflow_calls_can_be_run() -> None:
    workflow = (TOP / ".github/workflows/test.yml").read_text()
    called = re.findall(r"run: (?:sudo )?(\S+/\S+)", workflow)
    assert called == [".ci/run", "scripts/test-arm64"]
    assert all(os.access(TOP / script, os.X_OK) for script in called)


def test_only_systems_that_a_raspberry_pi_runs_are_made() -> None:
    known = re.findall(r"suite: \[(.+)\]", (TOP / ".github/workflows/test.yml").read_text())
    assert known == ["bookworm, trixie"]
    done = subprocess.run(
        [TOP / "scripts" / "test-arm64", "sarge"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 69
    assert "does not know sarge; it is trixie or bookworm" in done.stderr
