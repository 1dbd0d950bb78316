"""Reads out the result of a function that may have any shape. Pure."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from satellite.local_server.nlu.names import listed
from satellite.local_server.nlu.outcome import succeeded

_ANSWERS = ("answer", "result", "text", "output", "content", "summary", "value")
_VERDICTS = ("status", "success", "ok", "result")
_MOST_FACTS = 6
_MOST_LEVELS = 4
_EMPTY = "The answer is empty."
_MAX_LITERAL_CHARS = 10_000
"""A longer text is not parsed as Python, which takes long."""


def read(output: str) -> object:
    """The value of a result, which may be JSON or, of a careless program, what Python prints."""
    try:
        return json.loads(output)
    except (ValueError, RecursionError):
        pass
    try:
        if output.startswith(("{", "[", "None")) and len(output) <= _MAX_LITERAL_CHARS:
            return ast.literal_eval(output)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        pass
    return output


def facts(result: Mapping[str, Any]) -> str:
    """A result of any shape, read out: its answer, ``Done.`` for a success, or its first fields."""
    answer = next((result[name] for name in _ANSWERS if _sayable(result.get(name))), None)
    if answer is not None and not (isinstance(answer, str) and succeeded(answer)):
        return value_words(answer)
    if any(succeeded(result[name]) for name in _VERDICTS if name in result):
        return "Done."
    told = " ".join(
        f"{capital(name.replace('_', ' '))}: {value_words(one)}"
        for name, one in islice(_leaves(result), _MOST_FACTS)
    )
    return told or (_EMPTY if [] in result.values() else "")


def _leaves(value: object, name: str = "", level: int = 0) -> Iterator[tuple[str, Any]]:
    """The facts in a result, those inside of others too, each with its own name."""
    if _sayable(value) and name:
        yield name, value
    elif level <= _MOST_LEVELS and isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, str(key), level + 1)
    elif level <= _MOST_LEVELS and isinstance(value, list):
        for one in value:
            yield from _leaves(one, name, level + 1)


def _sayable(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_sayable(one) for one in value)
    return isinstance(value, str | int | float) and value != ""


def value_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes." if value else "no."
    if isinstance(value, list):
        return f"{listed([value_words(one).removesuffix('.') for one in value[:_MOST_FACTS]])}."
    if isinstance(value, int | float):
        return f"{number_words(value)}."
    return str(value) if str(value).endswith((".", "!", "?")) else f"{value}."


def number_words(value: float) -> str:
    return f"{value:g}"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
