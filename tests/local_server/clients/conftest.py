"""Clients that are no packages of this project's own environment: installed once for all tests.

Each is pinned by the files of this folder and installed into a temporary folder by pip or npm.
Where that is impossible (no Node, no registry within reach) the tests that need it are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALL_TIMEOUT_S = 180
OLDEST_NODE = 20
"""``@openai/agents-realtime`` asks for 22, and runs with this."""


def _install(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{command[0]} could not install the clients within {INSTALL_TIMEOUT_S} s")
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        pytest.skip(f"the clients could not be installed: {last}")


@pytest.fixture(scope="session")
def node_clients(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs a script of this folder in Node; its name is to be added."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no Node with npm here, so no client in JavaScript was tried")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.strip().removeprefix("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node is {version.stdout.strip()}, and the clients need {OLDEST_NODE}")
    folder = tmp_path_factory.mktemp("npm")
    for file in (HERE / "package.json", *HERE.glob("*.mjs")):
        shutil.copy(file, folder)
    flags = ("--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")
    _install([npm, "install", *flags], folder)
    return [node, str(folder)]


@pytest.fixture(scope="session")
def agents_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter that has the ``openai-agents`` package, which needs other versions of this
    project's own packages."""
    folder = tmp_path_factory.mktemp("agents")
    _install([sys.executable, "-m", "venv", "--without-pip", str(folder)], folder)
    python = str(folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile"]
    _install([*pip, "--requirement", str(HERE / "requirements.txt")], folder)
    return python
