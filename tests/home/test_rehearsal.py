"""After the rehearsal the first devices of a home load nothing any more."""

from __future__ import annotations

import subprocess
import sys

FIRST_DEVICES = """
import json, sys
from satellite.home.rehearsal import rehearse
from satellite.demo import large_home
from satellite.home.home import Home, Rules

if len(sys.argv) > 1:
    rehearse()
known = set(sys.modules)
home = Home(Rules())
home.on_broker(True, 0.0)
for topic, payload in large_home.discovery(5):
    home.on_message(topic, payload, True, 0.0)
for number in range(5):
    payload = json.dumps(large_home.state(number)).encode()
    home.on_message(large_home.base_topic(number), payload, True, 0.0)
home.on_message(large_home.BRIDGE, b'{"state": "online"}', True, 0.0)
home.functions()
call = json.dumps({"devices": [large_home.name(0)], "state": "on"})
home.call("c", "set_power", call, 1, 1.0)
print(*sorted(set(sys.modules) - known))
"""


def loaded(*arguments: str) -> set[str]:
    """Modules that the first devices load in a fresh process."""
    command = [sys.executable, "-c", FIRST_DEVICES, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_the_first_devices_load_nothing_after_the_rehearsal() -> None:
    assert "jinja2" in loaded(), "then this test shows nothing"
    assert loaded("rehearse") == set()
