"""A start pays only for what the first words to the server need; the rest comes after them."""

from __future__ import annotations

import subprocess
import sys

FIRST_WORDS = """
import asyncio, sys
from satellite.cli import main, run
from satellite.cli.parser import parser
parser().parse_args(["run"])
from satellite.audio.cards.manager import CardManager
from satellite.cli.sound_system import sound_system
from satellite.settings import load_settings
settings = load_settings(overrides={"realtime": {"url": "ws://127.0.0.1:9/"}}, key_needed=False)
import satellite.app
from satellite.app.application import Application
from satellite.core.sd_notify import Notifier
async def build() -> None:
    Application(settings, Notifier(), CardManager(sound_system())).dispatcher.close()
asyncio.run(build())
print(*sys.modules)
"""
LATER = (
    "jinja2",
    "multiprocessing",
    "numpy",
    "paho",
    "pydantic",
    "pywebrtc_audio",
    "satellite.audio.wake.detector",
    "satellite.app.home_process",
    "satellite.app.commands",
    "satellite.home",
    "satellite.homeassistant",
    "satellite.mqtt",
    "satellite.local_server",
    "soxr",
    "systemd",
)


def test_nothing_is_loaded_that_the_first_words_do_not_need() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", FIRST_WORDS], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert "satellite.realtime.link" in loaded
    assert not [name for name in LATER if name in loaded]
    of_tools = {name for name in loaded if name.startswith("satellite.tools.")}
    assert of_tools <= {"satellite.tools.policy", "satellite.tools.policy.rules"}
