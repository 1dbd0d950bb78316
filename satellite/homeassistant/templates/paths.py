"""The fast way for templates that only pick one value.

``{{ value }}``, ``{{ value_json.a.b }}``, ``{{ value_json['a'][0] }}``, each with an optional
``| is_defined`` of Home Assistant. What such a path means is defined by Jinja: a look-up of an
item, or of an attribute when there is no such item. Here only the sure cases are done; anything
unusual is handed to Jinja, so that the result never differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from satellite.homeassistant.templates.errors import TemplateBroken
from satellite.homeassistant.values import Value

Render = Callable[[Mapping[str, Any]], str]

_STEP = r"""(?:\s*\.\s*[A-Za-z_]\w*|\.\d+|\[\s*'[^'\\]*'\s*\]|\[\s*"[^"\\]*"\s*\]|\[\s*\d+\s*\])"""
_PATH = re.compile(
    r"\{\{-?\s*(?P<root>value|value_json)(?P<steps>" + _STEP + r"*)\s*"
    r"(?P<defined>\|\s*is_defined\s*)?-?\}\}"
)
_STEPS = re.compile(
    r"""\.\s*([A-Za-z_]\w*)|\.(\d+)|\[\s*'([^']*)'\s*\]|\[\s*"([^"]*)"\s*\]|\[\s*(\d+)\s*\]"""
)
_MAX_INDEX_DIGITS = 6

_METHODS = frozenset(
    name for kind in (dict, list, str, int, float, bool, type(None)) for name in dir(kind)
)
"""Names that Jinja may find as attributes of a JSON value instead of as keys."""

_MISSING: Any = object()


def compile_path(source: str, jinja: Callable[[str], Render]) -> Render | None:
    """A renderer for a template that is one path; None when it is anything else.

    ``jinja(source)`` makes the real template, asked for only when a value is of a kind that only
    Jinja can judge.
    """
    found = _PATH.fullmatch(source)
    if found is None:
        return None
    steps = _read_steps(found["steps"])
    if steps is None or (found["root"] == "value" and (steps or found["defined"])):
        return None
    if found["root"] == "value":
        return _value
    return _Path(source, steps, found["defined"] is not None, jinja)


def _value(names: Mapping[str, Any]) -> str:
    return _written(names["value"])


def _written(value: Value) -> str:
    text: str = value if type(value) is str else str(value)
    return text


def _read_steps(text: str) -> tuple[str | int, ...] | None:
    steps: list[str | int] = []
    for attribute, number, single, double, index in _STEPS.findall(text):
        if attribute:
            if attribute in _METHODS or attribute.startswith("_"):
                return None
            steps.append(attribute)
        elif number or index:
            digits = number or index
            if len(digits) > _MAX_INDEX_DIGITS or (len(digits) > 1 and digits[0] == "0"):
                return None
            steps.append(int(digits))
        else:
            steps.append(single or double)
    return tuple(steps)


class _Path:
    __slots__ = ("_defined", "_jinja", "_real", "_source", "_steps")

    def __init__(
        self,
        source: str,
        steps: tuple[str | int, ...],
        defined: bool,
        jinja: Callable[[str], Render],
    ) -> None:
        self._source = source
        self._steps = steps
        self._defined = defined
        self._jinja = jinja
        self._real: Render | None = None

    def __call__(self, names: Mapping[str, Any]) -> str:
        here = names.get("value_json", _MISSING)
        for step in self._steps:
            if here is _MISSING:
                raise TemplateBroken(f"{step!r} of something that is not there")
            try:
                here = here[step]
            except (KeyError, IndexError):
                if step in _METHODS:
                    return self._ask_jinja(names)
                here = _MISSING
            except TypeError:
                return self._ask_jinja(names)
        if here is _MISSING:
            if self._defined:
                raise TemplateBroken("the value is not defined")
            return ""
        return _written(here)

    def _ask_jinja(self, names: Mapping[str, Any]) -> str:
        if self._real is None:
            self._real = self._jinja(self._source)
        return self._real(names)
