"""Surroundings that more than one room of the tests needs."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from satellite.demo.broker import Mosquitto
from satellite.settings import load, sources
from tests.real_parts import real_parts

# How long an example takes says more about what else this machine does than about the code. Each
# run has the same examples; --hypothesis-profile=explore looks for others.
settings.register_profile("satellite", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("satellite")

QUICK_ROOMS = (
    "conversation",
    "homeassistant",
    "tools",
    "settings",
    "audio/capture",
    "audio/echo",
    "audio/wake",
    "audio/playback",
)
"""Rooms without sockets, cards and other programs: ``-m quick`` (``scripts/test --quick``) runs all
of them but for what Hypothesis makes up, which is half of their time."""
SPOKEN = tuple(
    f"audio/{one}.py"
    for one in ("capture/test_room_silence", "wake/test_detector", "echo/test_in_a_room")
)
"""What needs a voice of flite there."""

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(real_parts, "real-parts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    root = Path(config.rootpath) / "tests"
    for item in items:
        place = item.path.relative_to(root).as_posix() if item.path.is_relative_to(root) else ""
        made_up = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        quick = place.startswith(tuple(f"{room}/" for room in QUICK_ROOMS)) and place not in SPOKEN
        if quick and not made_up:
            item.add_marker(pytest.mark.quick)


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that runs the tests."""
    for name in list(os.environ):
        if name.startswith("SATELLITE_") or name in ("OPENAI_API_KEY", "CREDENTIALS_DIRECTORY"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(load, "DEFAULT_CONFIG", tmp_path / "etc" / "satellite.toml")
    monkeypatch.setattr(sources, "DEFAULT_CREDENTIALS", tmp_path / "etc" / "credentials")


@pytest.fixture
def elsewhere() -> Iterator[Run]:
    """Runs coroutines on a loop of another thread, for parts that have to answer meanwhile."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    loop.close()


@pytest.fixture
def broker(elsewhere: Run) -> Iterator[Mosquitto]:
    """A real mosquitto on loopback, for code that blocks its own thread."""
    mosquitto = Mosquitto()
    elsewhere(mosquitto.__aenter__())
    yield mosquitto
    elsewhere(mosquitto.__aexit__(None, None, None))
