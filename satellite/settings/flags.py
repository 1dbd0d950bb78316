"""Reads ``--set section.name=value`` into nested dictionaries."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from satellite.core.errors import SettingsError
from satellite.settings.text import MARK


def overrides(assignments: Sequence[str]) -> dict[str, Any]:
    """One tree of all: ``audio.volume=40`` becomes ``{"audio": {"volume": "40"}}``.

    Raises ``SettingsError`` for what is no assignment.
    """
    tree: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.replace(MARK, "").partition("=")
        path = [part.strip() for part in name.split(".")]
        if not equals or len(path) < 2 or not all(path):
            raise SettingsError(
                f"--set {assignment!r} is not understood.",
                do="Write it as --set audio.volume=40.",
            )
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise SettingsError(f"--set {name} goes through a value that is set as a whole.")
        node[path[-1]] = _value(text.strip())
    return tree


def _value(text: str) -> object:
    """Reads quoted text, lists and tables as in the TOML file, all else as in the environment."""
    if text.startswith(("[", "{", '"', "'")):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (tomllib.TOMLDecodeError, RecursionError):
            return text
    return text
