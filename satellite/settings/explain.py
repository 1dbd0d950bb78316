"""Says what is wrong with the settings, in sentences for the person who can mend them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from satellite.settings.base import Section, names_of, secret_at
from satellite.settings.sources import DELIMITER, PREFIX, Environment, Location, SettingsSource

if TYPE_CHECKING:
    from pydantic import ValidationError

SHOWN_CHARACTERS = 60
"""Longer values are cut in messages."""
LOOKED_AT_CHARACTERS = 1_000
"""Of a value, for parts that may be secret; longer than any address."""

_PLAIN: Mapping[str, str] = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotation marks",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table of settings",
    "model_attributes_type": "must be a table of settings",
    "missing": "is missing",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "literal_error": "must be one of {expected}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
}


def explain(
    error: ValidationError, model: type[Section], sources: Sequence[SettingsSource]
) -> Iterable[str]:
    """One sentence for each problem. The first of ``sources`` that holds a value won."""
    known = names_of(model)
    for problem in error.errors(include_url=False):
        location = _without_markers(problem["loc"])
        name = dotted(location)
        at = location[:-1] if problem["type"] == "missing" else location
        place = next((s.place(at) for s in sources if at and s.holds(at)), "")
        prefix = f"{name} {place}".strip()
        if problem["type"] == "extra_forbidden":
            yield f"{prefix} is not a setting{_did_you_mean(name, known)}"
            continue
        what = _what(problem["type"], problem)
        shown = "" if secret_at(location, model) else _shown(problem)
        yield f"{prefix}: {what}{shown}." if prefix else f"{what[:1].upper()}{what[1:]}."


def unknown_variables(environment: Environment, model: type[Section]) -> Iterable[str]:
    """One sentence for each variable that looks like a setting with one underscore too few.

    Other names with our prefix and without ``__`` are ignored: container systems make some.
    """
    variables = {variable(name): name for name in names_of(model)}
    sections = {name.partition(".")[0].upper() for name in variables.values()}
    for given in environment.without_section:
        near = difflib.get_close_matches(given, variables, n=1, cutoff=0.85)
        in_section = given.removeprefix(PREFIX).partition("_")[0] in sections
        if near:
            yield f"The environment variable {given} is not a setting; did you mean {near[0]}?"
        elif in_section and not given.endswith(("_PORT", "_HOST", "_TCP")):
            yield (
                f"The environment variable {given} is not a setting; they are written "
                f"{PREFIX}SECTION{DELIMITER}NAME."
            )


def variable(name: str) -> str:
    """The environment variable of a dotted name."""
    return PREFIX + name.upper().replace(".", DELIMITER)


def dotted(location: Location) -> str:
    """``home.functions[2].topic``, counting list entries from one as people do."""
    text = ""
    for step in location:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _without_markers(location: Location) -> Location:
    """Drops the steps that pydantic adds for unions and keys, which no file has."""
    return tuple(step for step in location if step not in ("[key]", "constrained-int"))


def _what(kind: str, problem: Mapping[str, Any]) -> str:
    context = problem.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", problem["msg"]))
    return _PLAIN[kind].format(**context) if kind in _PLAIN else str(problem["msg"])


def _shown(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "missing" or isinstance(problem.get("input"), dict | list):
        return ""
    text = _IN_ADDRESSES.sub("***", repr(problem.get("input"))[:LOOKED_AT_CHARACTERS])
    return f" (it is {text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + '…'})"


_IN_ADDRESSES = re.compile(r"""[^/\s'"]+(?=@)|(?<=[?&])[^=&\s'"]+=[^&\s'"]+""")
"""Names, passwords and keys that people write into addresses."""


def _did_you_mean(name: str, known: list[str]) -> str:
    """The nearest name: first one that is right in another section, then the most similar."""
    leaf = name.rpartition(".")[2]
    same_leaf = [other for other in known if other.rpartition(".")[2] == leaf]
    near = difflib.get_close_matches(name, same_leaf, n=1, cutoff=0)
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    section = name.partition(".")[0]
    near = near or difflib.get_close_matches(section, {n.partition(".")[0] for n in known}, n=1)
    return f"; did you mean {near[0]}?" if near else "."
