"""Compares what a server made of a session with what was asked.

Only fields that both name are compared: servers leave out what they do not know, and add their own.
Texts and words are never shown: instructions are the person's own, and the rest names the home.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from satellite.realtime.fields import printable

MAX_TOLD = 12
_UNSHOWN = frozenset({"instructions", "keywords", "prompt"})
_ALIKE = 0.01
"""Numbers that differ by less were rounded on the way."""


def differences(asked: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """One phrase for each field that the server set otherwise, such as ``speed is 1 instead of
    1.2``."""
    found: list[str] = []
    for phrase in _compare(asked, made, ""):
        found.append(phrase)
        if len(found) == MAX_TOLD:
            break
    return found


def other_model(asked: str, made: str) -> str:
    """A phrase about a model that is not the one asked for, nor a dated version of it."""
    same = not asked or not made or made == asked or made.startswith(f"{asked}-20")
    return "" if same else f"model is {_shown(made)} instead of {_shown(asked)}"


def _compare(asked: Mapping[str, Any], made: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, wanted in asked.items():
        if name not in made:
            continue
        actual, where = made[name], f"{above}{name}"
        if name == "tools":
            yield from _missing_tools(wanted, actual)
        elif isinstance(wanted, Mapping) and isinstance(actual, Mapping):
            yield from _compare(wanted, actual, f"{where}.")
        elif _same(wanted, actual):
            continue
        elif name in _UNSHOWN:
            yield f"{where} is another"
        else:
            yield f"{where} is {_shown(actual)} instead of {_shown(wanted)}"


def _missing_tools(wanted: object, actual: object) -> Iterator[str]:
    names, known = _tool_names(wanted), set(_tool_names(actual))
    missing = [name for name in names if name not in known]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        yield f"tools is without {', '.join(_shown(name) for name in missing[:3])}{more}"


def _tool_names(tools: object) -> list[str]:
    names = []
    for tool in tools if isinstance(tools, list) else []:
        inner = tool.get("function", tool) if isinstance(tool, Mapping) else {}
        name = inner.get("name") if isinstance(inner, Mapping) else None
        if isinstance(name, str):
            names.append(name)
    return names


def _same(wanted: object, actual: object) -> bool:
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return wanted is actual
    if isinstance(wanted, int | float) and isinstance(actual, int | float):
        return abs(wanted - actual) < _ALIKE
    if isinstance(wanted, str) and isinstance(actual, str):
        return wanted.strip().casefold() == actual.strip().casefold()
    if isinstance(wanted, list) and isinstance(actual, list):
        return sorted(map(repr, wanted)) == sorted(map(repr, actual))
    if isinstance(wanted, Mapping) and isinstance(actual, str):  # a voice by its id
        return wanted.get("id") == actual
    return wanted == actual


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return "set"
    if isinstance(value, list):
        return "another list"
    return printable(f"{value:g}" if isinstance(value, float) else str(value), 40)
