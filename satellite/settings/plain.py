"""Converts settings that are right in the usual spellings, in a millisecond.

Every start waits for the settings, and nearly always they are right. msgspec, which the wire needs
anyway, converts them without loading pydantic: a third of a start, and a fifth of the memory.
``models`` takes more spellings and can say what is wrong. What is taken here is taken there as
well, and means the same (``tests/settings/test_plain.py``).
"""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from satellite.settings.base import FromText, Secret, hints_of, section_at, without_marks
from satellite.settings.sections import Settings
from satellite.settings.sources import Nested

_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_TRUTH = {"true": True, "false": False}


def plain(tree: Nested) -> Settings | None:
    """The settings of the tree, or None where ``models`` has to decide."""
    try:
        return msgspec.convert(_read(Settings, tree), Settings, dec_hook=_special)
    except (ValueError, RecursionError):  # msgspec's ValidationError is one
        return None


def _read(hint: Any, value: Any) -> Any:  # noqa: ANN401 - both may be anything
    """The value for a field of this type, with texts of the environment converted.

    Raises ``ValueError`` for what ``models`` has to decide.
    """
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, FromText):
            value = mark.read(value)
    hint = without_marks(hint)
    if isinstance(value, str):
        return _read_text(hint, value)
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("is not finite")
    section = section_at(hint)
    if isinstance(value, dict) and section is not None:
        hints = hints_of(section)
        return {name: _read(hints.get(name), inner) for name, inner in value.items()}
    inner_hint = get_args(hint)[-1] if get_origin(hint) is dict else (*get_args(hint), None)[0]
    if isinstance(value, dict):
        return {_read(str, name): _read(inner_hint, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner_hint, inner) for inner in value]
    return value


def _read_text(hint: Any, text: str) -> object:  # noqa: ANN401
    text.encode()  # a variable that is no UTF-8 is no text
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if bool in kinds:
        return _TRUTH.get(text, text)
    if int in kinds and _WHOLE.fullmatch(text):
        return int(text)
    if float in kinds and _NUMBER.fullmatch(text):
        return float(text)
    return text


def _special(kind: type, value: object) -> object:
    if kind in (Secret, Path) and isinstance(value, str):
        return kind(value)
    raise ValueError(f"is no {kind.__name__}")
