"""The home's modules know each other in one direction only, also in what they only name."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / "satellite" / "homeassistant"

VOCABULARY = {
    "charsets",
    "crash_guard",
    "effects",
    "inbound",
    "names",
    "shared",
    "topics",
    "values",
}
ORDER = (
    VOCABULARY,
    {"units", "services", "templates"},
    {"discovery"},
    {"entities"},
    {"platforms"},
    {"registry"},
)
"""Each may know those before it."""


def name_of(module: Path) -> str:
    return ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(module): module for module in HOME.rglob("*.py")}


def imports(module: Path) -> set[str]:
    """The modules of the home that one imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & MODULES.keys()


def test_no_modules_know_each_other() -> None:
    inner = {name: imports(module) - {name} for name, module in MODULES.items()}
    assert len(list(TopologicalSorter(inner).static_order())) == len(MODULES)


def test_each_folder_knows_only_what_is_below_it() -> None:
    places = {part: place for place, parts in enumerate(ORDER) for part in parts}
    for name, module in MODULES.items():
        if name == "satellite.homeassistant":
            continue
        own = name.split(".")[2]
        for other in imports(module) - {"satellite.homeassistant"}:
            part = other.split(".")[2]
            assert part == own or places[part] < places[own] or {part, own} <= VOCABULARY, (
                f"{name} knows {other}"
            )


def test_the_home_knows_nobody_outside() -> None:
    for module in HOME.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                inside = node.module.startswith("satellite.homeassistant")
                assert inside or not node.module.startswith("satellite"), module
