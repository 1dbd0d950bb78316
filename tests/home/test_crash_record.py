"""The device that the satellite died over is known at the next start, and set aside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from satellite.home.crash_record import (
    LIST_NAME,
    MARKER_NAME,
    MOST,
    FileCrashRecord,
    crash_record,
)
from satellite.home.home import Home
from satellite.homeassistant.crash_record import Mark, mark_of
from satellite.homeassistant.effects import Problem
from satellite.homeassistant.entities.spec import HomeContext
from satellite.tools.policy.rules import Rules

TOPIC = "homeassistant/sensor/bad/config"
CONFIG = {
    "unique_id": "bad",
    "name": "Bad",
    "state_topic": "s",
    "value_template": "{{ value | int }}",
}
GOOD = {
    "unique_id": "good",
    "name": "Good",
    "state_topic": "s",
    "value_template": "{{ value | int }}",
}

CHILD = """
import sys
import time
from pathlib import Path

from satellite.home.crash_record import FileCrashRecord
from satellite.homeassistant.entities.spec import HomeContext
from satellite.home.home import Home
from satellite.tools.policy.rules import Rules
from satellite.homeassistant.templates import rendering

folder, how, config = sys.argv[1:]
home = Home(Rules(), context=HomeContext(crash_record=FileCrashRecord((None, Path(folder)))))
render = rendering._Rendering.__call__

def slowly(self, names):
    if names.get("name") == "Bad":
        if how == "raise":
            raise NotImplementedError("nobody foresaw this")
        print("in the middle", flush=True)
        time.sleep(600)
    return render(self, names)

rendering._Rendering.__call__ = slowly
other = config.replace("Bad", "Good").replace("bad", "good")
home.on_message("homeassistant/sensor/good/config", other.encode(), True, 0.0)
home.on_message("homeassistant/sensor/bad/config", config.encode(), True, 0.0)
home.on_message("s", b"5", True, 0.0)
"""
"""A process that works at a device for ever, or fails in a way that nothing foresees."""


class Clock:
    now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def raw(config: dict[str, str], **more: str) -> bytes:
    return json.dumps({**config, **more}).encode()


def die(folder: Path, how: signal.Signals | None = signal.SIGKILL) -> None:
    """A process that dies in the middle of the rendering of the bad device."""
    # It uses the names of its entity, so that the child can tell whose template it is.
    text = raw(CONFIG, value_template="{{ name }}{{ value }}").decode()
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), "raise" if how is None else "sleep", text],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line == "in the middle\n":
                assert how is not None
                child.send_signal(how)
        assert child.wait(60) != 0


class Process:
    """A start after that, with everything that was announced before."""

    def __init__(self, folder: Path, clock: Clock, boot_id: str = "") -> None:
        self.problems: list[str] = []
        self.shown = ""
        self.record = FileCrashRecord((None, folder), clock=clock, boot_id=boot_id)
        self.record.tell(self._show)
        self.home = Home(Rules(), context=HomeContext(crash_record=self.record))

    def _show(self, text: str) -> None:
        self.shown = text

    def tell(self, topic: str, payload: bytes) -> None:
        for effect in self.home.on_message(topic, payload, True, 0.0):
            if isinstance(effect, Problem):
                self.problems.append(effect.text)

    def announce(self, **more: str) -> set[str | None]:
        template = {"value_template": "{{ name }}{{ value }}"}
        self.tell(TOPIC.replace("bad", "good"), raw(GOOD, **template))
        self.tell(TOPIC, raw(CONFIG, **{**template, **more}))
        return {entity.unique_id for entity in self.home.registry}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGABRT, None])
def test_the_device_it_died_over_is_set_aside_and_the_others_work(
    tmp_path: Path, how: signal.Signals | None
) -> None:
    die(tmp_path, how)
    clock = Clock()
    process = Process(tmp_path, clock)
    assert TOPIC in process.shown
    assert "left out for an hour" in process.shown
    assert f"mosquitto_pub -r -n -t '{TOPIC}'" in process.shown
    assert process.announce() == {"good"}
    assert any(TOPIC in problem for problem in process.problems)
    process.tell("s", b"5")
    assert [entity.state for entity in process.home.registry] == ["Good5"]
    # Also at the start after the next one, and nobody is blamed again for a process that lives.
    again = Process(tmp_path, clock)
    assert again.announce() == {"good"}
    assert "for an hour" in again.shown


def test_it_is_tried_again_and_rests_longer_each_time(tmp_path: Path) -> None:
    clock = Clock()
    for pause, after_s in (("for an hour", 3_601), ("for a day", 86_401), ("anew", 10**9)):
        die(tmp_path)
        assert pause in Process(tmp_path, clock).shown
        clock.now_s += after_s
        tried = Process(tmp_path, clock).announce() == {"good", "bad"}
        assert tried is (after_s < 10**9)


def test_a_device_that_announces_something_else_is_taken_again(tmp_path: Path) -> None:
    die(tmp_path)
    process = Process(tmp_path, Clock())
    assert process.announce() == {"good"}
    assert process.announce(name="Mended") == {"good", "bad"}
    assert process.shown == ""
    assert Process(tmp_path, Clock()).announce() == {"good", "bad"}


def test_a_device_that_is_removed_is_forgotten(tmp_path: Path) -> None:
    die(tmp_path)
    process = Process(tmp_path, Clock())
    process.tell(TOPIC, b"")
    assert process.shown == ""
    assert Process(tmp_path, Clock()).announce() == {"good", "bad"}


def test_nobody_is_blamed_for_a_stop_or_for_a_power_cut(tmp_path: Path) -> None:
    mark = mark_of(TOPIC, b"{}")
    first = FileCrashRecord((None, tmp_path), boot_id="one")
    first.begin(mark)
    first.end()
    assert FileCrashRecord((None, tmp_path), boot_id="one").why_set_aside(mark) == ""
    first.begin(mark)
    assert FileCrashRecord((None, tmp_path), boot_id="two").why_set_aside(mark) == ""
    # What was there is taken as read: it is not found a second time.
    assert FileCrashRecord((None, tmp_path), boot_id="one").why_set_aside(mark) == ""


def test_one_part_of_a_device_is_set_aside_alone(tmp_path: Path) -> None:
    device = {
        "device": {"identifiers": ["d"]},
        "origin": {"name": "o"},
        "components": {
            key: {"p": "sensor", "unique_id": key, "name": key, "state_topic": "s"}
            for key in ("one", "two")
        },
    }
    topic, payload = "homeassistant/device/d/config", json.dumps(device).encode()
    FileCrashRecord((None, tmp_path)).begin(mark_of(topic, payload)._replace(component="one"))
    process = Process(tmp_path, Clock())
    process.tell(topic, payload)
    assert {entity.unique_id for entity in process.home.registry} == {"two"}
    assert "its part 'one'" in process.shown


def test_any_names_have_room_and_the_list_is_bounded(tmp_path: Path) -> None:
    clock = Clock()
    for number in range(MOST + 5):
        mark = Mark(f"{number}" + "t" * 5_000, "c\0\n" * 5_000, f"{number}")
        record = FileCrashRecord((None, tmp_path), clock=clock)
        record.begin(mark)
        assert FileCrashRecord((None, tmp_path), clock=clock).why_set_aside(mark)
    kept = json.loads((tmp_path / LIST_NAME).read_text())["devices"]
    assert len(kept) == MOST
    assert (tmp_path / LIST_NAME).stat().st_size < 100_000


@pytest.mark.parametrize("content", [b"", b"\xff" * 4_096, b"\x00\x09nonsense!", b"{"])
def test_a_damaged_file_harms_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARKER_NAME).write_bytes(content)
    (tmp_path / LIST_NAME).write_bytes(content)
    process = Process(tmp_path, Clock())
    assert process.announce() == {"good", "bad"}


def test_without_a_folder_nothing_is_remembered(tmp_path: Path) -> None:
    mark = mark_of(TOPIC, b"{}")
    for folder in (None, tmp_path / "not there"):
        record = FileCrashRecord((None, folder))
        record.begin(mark)
        record.end()
        assert record.why_set_aside(mark) == ""


def test_the_marker_lies_in_the_runtime_directory_where_there_is_one(tmp_path: Path) -> None:
    runtime, state = tmp_path / "run", tmp_path / "state"
    runtime.mkdir()
    state.mkdir()
    record = crash_record({"RUNTIME_DIRECTORY": str(runtime), "STATE_DIRECTORY": str(state)})
    record.begin(mark_of(TOPIC, b"{}"))
    assert os.listdir(runtime) == [MARKER_NAME]
    assert os.listdir(state) == []
    assert TOPIC.encode() in (runtime / MARKER_NAME).read_bytes()
