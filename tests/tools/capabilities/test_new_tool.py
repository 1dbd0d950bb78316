"""A new function for the model is one module: it is listed, described and carried out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODULE = """
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability
from satellite.tools.execution.plan import PlanStep


class Wiggle(Capability):
    name = "wiggle"
    description = "Wiggle a lamp."
    required = ("devices", "times")
    by_area = False

    def commands(self, entity):
        return entity.platform == "light"

    def values(self, targets):
        return {"times": schema.number("How often", 1, 9, whole=True)}

    def plan(self, target, arguments):
        steps = (("turn_on", {}), ("turn_off", {})) * arguments["times"]
        return PlanStep(target, steps, None, "wiggle")
"""
USE = """
import sys
from satellite.tools import capabilities
capabilities.__path__.append(sys.argv[1])
from tests.tools.conftest import Driver
home = Driver()
home.light("Lamp")
home.switch("Plug")
assert home.names("wiggle") == ["Lamp"]
assert list(home.functions()).index("wiggle") > list(home.functions()).index("set_light")
assert home.ask("wiggle", devices=["Lamp"], times=99)["status"] == "invalid_arguments"
assert home.ask("wiggle", devices=["lamp"], times=2)["status"] == "sent"
assert len(home.take_published()) == 4
"""


def test_one_module_is_enough(tmp_path: Path) -> None:
    (tmp_path / "wiggle.py").write_text(MODULE)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
