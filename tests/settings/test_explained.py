"""``config/satellite.toml`` is what people read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from satellite.settings import Settings, load_settings
from satellite.settings.base import names_of

EXPLAINED = Path(__file__).parents[2] / "config" / "satellite.toml"
TEXT = EXPLAINED.read_text()

pytestmark = pytest.mark.usefixtures("no_settings")


TABLES = ("home.cameras", "home.functions", "realtime.mcp")
"""Lists of tables, which have no default to be shown but an example."""


def test_the_file_as_it_comes_changes_nothing() -> None:
    assert load_settings(EXPLAINED, key_needed=False) == Settings()


def test_the_file_names_every_setting_with_its_default(tmp_path: Path) -> None:
    spelt_out = re.sub(r"(?m)^#(?=[a-z_\[])", "", TEXT)
    path = tmp_path / "all.toml"
    path.write_text(spelt_out)
    tree = tomllib.loads(spelt_out)
    for name in names_of(Settings):
        node: Any = tree
        for part in name.split("."):
            assert part in node or name in TABLES, f"{name} is not explained"
            node = node.get(part, {})
    who = {"satellite": {"id": "vm", "name": "Vm"}}
    assert load_settings(path, who, key_needed=False) == load_settings(None, who, key_needed=False)


def test_its_examples_are_right(tmp_path: Path) -> None:
    path = tmp_path / "examples.toml"
    tables = re.sub(r"(?m)^#(?=\[)", "", TEXT)
    examples = re.findall(r"(?m)^#     (.+)$", tables)
    names = [line for line in examples if line.startswith('"')]
    lists = "\n".join(line for line in examples if not line.startswith('"'))
    path.write_text(
        lists
        + "\n[realtime.headers]\n"
        + names[0]
        + "\n[home.aliases]\n"
        + names[1]
        + "\n[home.areas]\n"
        + "\n".join(names[2:4])
        + "\n[home.codes]\n"
        + names[4]
        + "\n[spending.prices]\n"
        + names[5]
    )
    settings = load_settings(path, key_needed=False)
    assert list(settings.realtime.headers) == ["X-Gateway-Key"]
    assert settings.home.functions[0].name == "water_plants"
    assert settings.home.functions[0].qos == 1
    assert settings.home.cameras[0].topic == "cameras/front_door/snapshot"
    assert settings.realtime.mcp[0].label == "weather"
    assert settings.home.aliases["Kitchen ceiling"] == ("big light", "main lamp")
    assert settings.home.areas["Upstairs"] == ("Bedroom", "Bathroom")
    assert settings.home.codes["House alarm"].get_secret_value() == "4711"
    assert settings.spending.prices["my-model"].audio_out == 20


def test_no_line_looks_like_a_secret() -> None:
    assert "sk-" not in TEXT
