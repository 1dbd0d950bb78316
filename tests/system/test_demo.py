"""``satellite demo`` from outside: it plays, leaves a recording and nothing else, can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import psutil
import pytest

DEMO = [sys.executable, "-m", "satellite", "demo"]
LONGEST_S = 170


def family(pid: int) -> list[psutil.Process]:
    """Everything that the demo has started, itself not included."""
    return psutil.Process(pid).children(recursive=True)


def left_over(processes: list[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=5)
    return alive


@pytest.mark.timeout(LONGEST_S + 20)
def test_the_demo_succeeds_and_leaves_a_stereo_recording(tmp_path: Path) -> None:
    began_s = time.monotonic()
    done = subprocess.run(
        [*DEMO, "--wav", str(tmp_path / "scene.wav"), "--picture", str(tmp_path / "scene.svg")],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began_s < LONGEST_S
    with wave.open(str(tmp_path / "scene.wav")) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() / file.getframerate() > 20
    assert "cut off" in done.stdout
    assert "http" not in (tmp_path / "scene.svg").read_text().replace("http://www.w3.org/", "")


@pytest.mark.parametrize(("number", "after_s"), [(signal.SIGINT, 8.0), (signal.SIGTERM, 0.7)])
def test_the_demo_can_be_ended_at_any_time(tmp_path: Path, number: int, after_s: float) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    demo = subprocess.Popen(
        [*DEMO, "--wav", str(tmp_path / "scene.wav")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    time.sleep(after_s)
    assert demo.poll() is None, demo.communicate()
    children = family(demo.pid)
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=20)
    # A busy machine may not have got as far as to listen for signals: then nothing runs yet.
    assert demo.returncode in (0, -number), errors
    assert "Stopped" in errors or not children
    assert left_over(children) == []
    assert list(folder.iterdir()) == []
