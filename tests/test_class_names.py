"""One name means one thing: no class of the program bears the name of another."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

PROGRAM = Path(__file__).parents[1] / "satellite"


def test_each_class_name_stands_once() -> None:
    names = Counter(
        node.name
        for module in PROGRAM.rglob("*.py")
        for node in ast.parse(module.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert len(names) > 500
    assert [name for name, count in names.items() if count > 1] == []
