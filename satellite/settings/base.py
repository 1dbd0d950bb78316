"""The base of every section of the settings.

A section is a ``msgspec.Struct``: its class is made, and a table converted to it, in microseconds,
for which each start of the satellite waits. Two modules convert tables by the annotations of the
fields: ``plain`` by msgspec, and ``models`` by pydantic for whatever msgspec does not take.

This module and those with the sections have no ``from __future__ import annotations`` because the
annotations are used as values.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, ClassVar, NamedTuple, get_args, get_origin

from msgspec import Struct
from msgspec.structs import force_setattr

DEEP = "brackets within brackets without an end"
"""What exceeds the recursion of every parser."""


class Check(NamedTuple):
    """At a field: returns the value to keep, or raises ``ValueError`` that says what it must be."""

    run: Callable[[Any], Any]


class FromText(NamedTuple):
    """At a field: reads the text of an environment variable. Other values are returned as they are.
    Raises ``ValueError``."""

    read: Callable[[object], object]


class Secret:
    """A text that no representation shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One table of the TOML file. It takes no unknown names and cannot be changed after loading."""

    checks: ClassVar[tuple[tuple[str, Check], ...]] = ()
    """Names of fields with their checks."""
    given: ClassVar[frozenset[str]] = frozenset()
    """Names of the fields that a person has set, in settings that were loaded."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - msgspec's own
        super().__init_subclass__(**options)
        marks = (
            (name, mark) for name, hint in cls.__annotations__.items() for mark in get_args(hint)
        )
        cls.checks = tuple((name, mark) for name, mark in marks if isinstance(mark, Check))

    def __post_init__(self) -> None:
        for name, check in self.checks:
            self.choose(name, check.run(getattr(self, name)))
        self.complete()

    def complete(self) -> None:
        """Fills in automatic values. Raises ``ValueError`` where fields do not go together."""

    def note_given(self, names: Iterable[str]) -> None:
        self.__dict__["given"] = frozenset(names)

    def choose(self, name: str, value: object) -> None:
        """Sets a field, for ``complete`` only; the section is frozen otherwise."""
        force_setattr(self, name, value)


def section_at(hint: Any) -> type[Struct] | None:  # noqa: ANN401 - any annotation
    """The section that this annotation names, or the struct of another room; else None."""
    hint = without_marks(hint)
    return hint if isinstance(hint, type) and issubclass(hint, Struct) else None


def without_marks(hint: Any) -> Any:  # noqa: ANN401
    """The type alone of ``Annotated[type, …]``."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def listed(value: object) -> object:
    """Reads a list from the environment: ``a, b`` or ``["a", "b"]``."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return from_json(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def from_json(value: object) -> object:
    """Reads a table or a list of tables, which are JSON in the environment."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from None
    except RecursionError:
        raise ValueError(f"is not valid JSON: {DEEP}") from None


Names = Annotated[tuple[str, ...], FromText(listed)]


def names_of(section: type[Struct], above: str = "") -> list[str]:
    """Dotted names of all settings, in the order of the sections."""
    found: list[str] = []
    for name, hint in hints_of(section).items():
        below = section_at(hint)
        found += names_of(below, f"{above}{name}.") if below else [f"{above}{name}"]
    return found


def secret_at(location: Sequence[str | int], section: type[Section]) -> bool:
    """Whether the setting at ``location`` holds a secret, whose value is never shown."""
    hint: Any = section
    for step in location:
        below = section_at(hint)
        if below is None or step not in below.__struct_fields__:
            break
        hint = hints_of(below)[str(step)]
    hint = without_marks(hint)
    return hint is Secret or Secret in get_args(hint)


def hints_of(section: type[Struct]) -> dict[str, Any]:
    """The annotations of the fields."""
    return {name: section.__annotations__[name] for name in section.__struct_fields__}
