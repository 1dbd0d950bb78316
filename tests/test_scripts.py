"""What the scripts share: ``scripts/lib``, in a small checkout with an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LIB = Path(__file__).parent.parent / "scripts" / "lib"


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
