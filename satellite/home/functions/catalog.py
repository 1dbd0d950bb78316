"""The list of functions of this home, and the rule that keeps it small.

A function is listed when some device has it, in a fixed order. Names are enumerated as long as
the whole list stays within `LIMIT_TOKENS`; beyond that `get_state` takes names as free text, and
if that is not enough every function does and `find_devices` is added. The result of a wrong name
names the nearest ones either way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from satellite.home.functions import codes, confirm, find, own, schema, state
from satellite.home.functions.alarm import Alarm, Siren
from satellite.home.functions.buttons import Press, Scene, Update
from satellite.home.functions.capability import Capability, Function, name_schema
from satellite.home.functions.climate import Climate
from satellite.home.functions.cover import Cover
from satellite.home.functions.fan import Fan
from satellite.home.functions.guard import ANY_SERVICE, guard
from satellite.home.functions.humidity import Humidity
from satellite.home.functions.inputs import Number, Option, Text
from satellite.home.functions.light import Light
from satellite.home.functions.lock import Lock
from satellite.home.functions.message import Message
from satellite.home.functions.policy import Rules
from satellite.home.functions.power import Power
from satellite.home.functions.robot import Robot
from satellite.home.functions.targets import Directory, Target

CAPABILITIES: tuple[Capability, ...] = (
    Power(),
    Light(),
    Cover(),
    Lock(),
    Climate(),
    Fan(),
    Humidity(),
    Robot(),
    Alarm(),
    Siren(),
    Scene(),
    Press(),
    Option(),
    Number(),
    Text(),
    Message(),
    Update(),
)
BY_NAME = {capability.name: capability for capability in CAPABILITIES}
RESERVED = frozenset({*BY_NAME, state.NAME, find.NAME, confirm.NAME})

LIMIT_TOKENS = 6_000
"""A session of the smaller models holds 32,000 tokens in all, and pays for these each time."""
BYTES_PER_TOKEN = 3.5
"""Measured on JSON with short names; an estimate on the safe side."""


class Size(IntEnum):
    """How much of the home the list names."""

    FULL = 0
    STATE_BY_TEXT = 1
    SEARCH = 2


@dataclass(slots=True)
class Catalog:
    """All functions of one state of the home."""

    rules: Rules
    directory: Directory
    targets: dict[str, list[Target]] = field(default_factory=dict)
    """Name of a function -> the devices it is for."""
    functions: list[Function] = field(default_factory=list)
    size: Size = Size.FULL
    _arguments: dict[str, schema.Schema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for capability in CAPABILITIES:
            if found := capability.candidates(self.directory):
                self.targets[capability.name] = found
        if found := state.candidates(self.directory):
            self.targets[state.NAME] = found
        # The same whatever the size, and the dearest part of a large home.
        last = self._confirm() if self._asks() else []
        for size in Size:
            self.size = size
            self.functions = [*self._list(size), *last]
            if tokens(self.functions) <= LIMIT_TOKENS:
                break

    def _list(self, size: Size) -> list[Function]:
        listed = size < Size.SEARCH
        result = [
            capability.function(self.targets[capability.name], listed)
            for capability in CAPABILITIES
            if capability.name in self.targets
        ]
        if state.NAME in self.targets:
            result.append(state.function(self.targets[state.NAME], size is Size.FULL))
        if size is Size.SEARCH:
            result.append(find.function(self.directory.targets))
        result += [own.function(function) for function in self.rules.own_functions]
        return result

    def _confirm(self) -> list[Function]:
        return [confirm.function(bool(self.rules.pin) or self._takes_codes())]

    def _asks(self) -> bool:
        """Whether some command of this home needs a yes."""
        return any(own.confirm for own in self.rules.own_functions) or any(
            guard(target, ANY_SERVICE, self.rules) for target in self.commanded()
        )

    def _takes_codes(self) -> bool:
        return any(
            codes.wanted(target, ANY_SERVICE) and not codes.configured(target, self.rules)
            for target in self.commanded()
        )

    def commanded(self) -> Iterator[Target]:
        """Every device that some function commands, perhaps several times."""
        for name, found in self.targets.items():
            if name != state.NAME:
                yield from found

    def arguments_schema(self, name: str) -> schema.Schema | None:
        """What a call is held against: names are free text here, they are resolved later."""
        known = self._arguments.get(name)
        if known is None:
            known = self._make_arguments_schema(name)
            if known is not None:
                self._arguments[name] = known
        return known

    def _make_arguments_schema(self, name: str) -> schema.Schema | None:
        capability = BY_NAME.get(name)
        if capability is not None and name in self.targets:
            return dict(capability.function(self.targets[name], listed=False).parameters)
        for function in self.functions:
            if function.name == name:
                return _with_free_names(function)
        return None


def _with_free_names(function: Function) -> schema.Schema:
    parameters = dict(function.parameters)
    properties = dict(parameters.get("properties", {}))
    if function.name in (state.NAME, find.NAME):
        if "devices" in properties:
            free = name_schema((), listed=False)
            properties["devices"] = {**properties["devices"], "items": free}
        if "area" in properties:
            properties["area"] = {"type": "string", "maxLength": 128}
    return {**parameters, "properties": properties}


def wire(functions: Sequence[Function]) -> list[dict[str, object]]:
    """The list as a session carries it."""
    return [
        {
            "type": "function",
            "name": function.name,
            "description": function.description,
            "parameters": function.parameters,
        }
        for function in functions
    ]


def size_bytes(functions: Sequence[Function]) -> int:
    """Bytes of the list as compact JSON."""
    return len(json.dumps(wire(functions), ensure_ascii=False, separators=(",", ":")).encode())


def tokens(functions: Sequence[Function]) -> int:
    """Estimated tokens of the list."""
    return math.ceil(size_bytes(functions) / BYTES_PER_TOKEN)
