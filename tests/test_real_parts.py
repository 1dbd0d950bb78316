"""A second try is for tests that use a real part, and for no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
from tests.real_parts import real_parts
def pytest_configure(config):
    config.pluginmanager.register(real_parts)
"""
FAILS_ONCE = """
import socket, subprocess, sys
import pytest
tries = 0
def fails_once():
    global tries
    tries += 1
    assert tries > 1
"""
PURE = "def test_it():\n    fails_once()\n"
SOCKET = "def test_it():\n    socket.socket().bind(('127.0.0.1', 0))\n    fails_once()\n"
PROCESS = "def test_it():\n    subprocess.run([sys.executable, '-c', ''])\n    fails_once()\n"
FIXTURE = """
@pytest.fixture(scope="module")
def server():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        yield
def test_first(server): pass
def test_it(server): fails_once()
def test_pure():
    global tries
    tries = 0
    fails_once()
"""


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        (PURE, "1 failed in"),
        (SOCKET, "1 passed, 1 rerun in"),
        (PROCESS, "1 passed, 1 rerun in"),
        (FIXTURE, "1 failed, 2 passed, 1 rerun in"),
    ],
)
def test_who_is_tried_again(tmp_path: Path, test: str, outcome: str) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_sample.py").write_text(FAILS_ONCE + test)
    top = Path(__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(top), "PATH": ""}, cwd=tmp_path, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert outcome in done.stdout, done.stdout
