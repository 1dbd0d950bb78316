"""The list of functions of this home, kept small enough for a session.

A function is listed when some device has it, in a fixed order. Names are enumerated as long as
the whole list stays within `LIMIT_TOKENS`; beyond that `get_state` takes names as free text, and
if that is not enough every function does and `find_devices` is added. The result of a wrong name
names the nearest ones either way.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import Key
from satellite.tools import cameras, own_functions, schema
from satellite.tools.capabilities import find_devices, get_state
from satellite.tools.capabilities.all import BY_NAME, CAPABILITIES
from satellite.tools.capabilities.capability import Capability
from satellite.tools.confirmation import confirm
from satellite.tools.confirmation.requirement import configured_code
from satellite.tools.names.labels import NameAssigner
from satellite.tools.names.name_index import NameIndex
from satellite.tools.names.targets import Target, capability_key
from satellite.tools.policy.risk import ANY_SERVICE, needs_confirmation
from satellite.tools.policy.rules import Rules
from satellite.tools.shared_topics import find_sharing
from satellite.tools.text.cleaning import clean
from satellite.tools.tool import HomeTool, name_schema

RESERVED = frozenset({*BY_NAME, get_state.NAME, find_devices.NAME, confirm.NAME, "stay_silent"})
"""Names of built-in functions; the last is the conversation's own."""

LIMIT_TOKENS = 6_000
"""A session of the smaller models holds 32,000 tokens in all, and pays for these each time."""
BYTES_PER_TOKEN = 3.5
"""Measured on JSON with short names; an estimate on the safe side."""


class Size(IntEnum):
    """How many names the list holds."""

    FULL = 0
    STATE_BY_TEXT = 1
    SEARCH = 2


@dataclass(slots=True)
class Catalog:
    """All functions of one state of the home."""

    rules: Rules
    name_index: NameIndex
    sharing_topics: Mapping[Key, str]
    """Devices that publish where a risky one listens -> the name of that one."""
    targets: dict[str, list[Target]] = field(default_factory=dict)
    """Name of a function -> the devices it is for."""
    functions: list[HomeTool] = field(default_factory=list)
    size: Size = Size.FULL
    _models: dict[str, list[Target]] = field(default_factory=dict)
    """Name of a function -> of its devices the first of each ``capability_key``."""
    _arguments: dict[str, schema.Schema] = field(default_factory=dict)

    @classmethod
    def of(cls, entities: Iterable[Entity], rules: Rules, names: NameAssigner) -> Catalog:
        """The catalog of those entities that the rules let the model see."""
        present = list(entities)
        name_index = NameIndex.of(present, rules, names)
        sharing = find_sharing(present, name_index, rules)
        for key, other in sharing.items():
            names.report_problem(
                f"{name_index.by_key[key].name!r} is commanded where {clean(other)!r} listens, so "
                "it asks first, too. If its bridge does not do so, find out who announced it."
            )
        catalog = cls(rules, name_index, sharing)
        catalog._sort()
        catalog._choose_size()
        return catalog

    def _sort(self) -> None:
        """Finds the devices of each function; those of one ``capability_key`` can do the same."""
        makes: dict[Hashable, list[str]] = {}
        found: dict[str, list[Target]] = defaultdict(list)
        for target in self.name_index.targets:
            entity = target.entity
            if entity.traits.readable:
                found[get_state.NAME].append(target)
            if target.read_only or not entity.traits.commandable:
                continue
            kind = capability_key(entity)
            names = makes.get(kind)
            if names is None:
                names = [one.name for one in CAPABILITIES if one.commands(entity)]
                makes[kind] = names
                for name in names:
                    self._models.setdefault(name, []).append(target)
            for name in names:
                found[name].append(target)
        order = (*BY_NAME, get_state.NAME)
        self.targets = {name: found[name] for name in order if name in found}

    def _choose_size(self) -> None:
        """Takes the largest size that a session can carry, or the smallest."""
        last = self._confirm()
        for size in Size:
            self.size = size
            self.functions = []
            total_bytes = 1 + sum(map(_piece_bytes, last))
            for function in self._list(size):
                self.functions.append(function)
                total_bytes += _piece_bytes(function)
                if size is not Size.SEARCH and total_bytes > LIMIT_TOKENS * BYTES_PER_TOKEN:
                    break
            else:
                break
        self.functions += last

    def _list(self, size: Size) -> Iterator[HomeTool]:
        listed = size < Size.SEARCH
        for capability in CAPABILITIES:
            if capability.name in self.targets:
                yield self._function(capability, listed=listed)
        if get_state.NAME in self.targets:
            yield get_state.function(self.targets[get_state.NAME], size is Size.FULL)
        if size is Size.SEARCH:
            yield find_devices.function(self.name_index.targets)
        if self.rules.cameras:
            yield cameras.function(self.rules.cameras)
        yield from map(own_functions.function, self.rules.own_functions)

    def _function(self, capability: Capability, *, listed: bool) -> HomeTool:
        name = capability.name
        return capability.function(self.targets[name], listed, self._models[name])

    def _confirm(self) -> list[HomeTool]:
        """The function ``confirm``, if some command of this home needs it."""
        asks = any(function.confirm for function in self.rules.own_functions)
        code = bool(self.rules.pin)
        for target in self.commanded():
            if asks and code:
                break
            asks = asks or self.asks(target)
            code = code or (
                target.entity.needs_code(ANY_SERVICE) and not configured_code(target, self.rules)
            )
        return [confirm.function(code)] if asks else []

    def asks(self, target: Target) -> bool:
        """Whether some command of this device needs confirmation."""
        return target.entity.key in self.sharing_topics or needs_confirmation(
            target.facts, target.every_name, ANY_SERVICE, self.rules
        )

    def commanded(self) -> Iterator[Target]:
        """Every device that some function commands, perhaps several times."""
        for name, found in self.targets.items():
            if name != get_state.NAME:
                yield from found

    def arguments_schema(self, name: str) -> schema.Schema | None:
        """The schema for checking calls; names are free text in it, they are resolved later."""
        known = self._arguments.get(name)
        if known is None:
            known = self._make_arguments_schema(name)
            if known is not None:
                self._arguments[name] = known
        return known

    def _make_arguments_schema(self, name: str) -> schema.Schema | None:
        capability = BY_NAME.get(name)
        if capability is not None and name in self.targets:
            return dict(self._function(capability, listed=False).parameters)
        for function in self.functions:
            if function.name == name:
                return _with_free_names(function)
        return None


def reserved(rules: Rules) -> frozenset[str]:
    """Names that no function of the settings may have."""
    return RESERVED | {cameras.LOOK} if rules.cameras else RESERVED


def _with_free_names(function: HomeTool) -> schema.Schema:
    parameters = dict(function.parameters)
    properties = dict(parameters.get("properties", {}))
    if function.name in (get_state.NAME, find_devices.NAME):
        if "devices" in properties:
            free = name_schema((), listed=False)
            properties["devices"] = {**properties["devices"], "items": free}
        if "area" in properties:
            properties["area"] = {"type": "string", "maxLength": 128}
    return {**parameters, "properties": properties}


def wire(functions: Sequence[HomeTool]) -> list[dict[str, object]]:
    """The list as it is sent to a server."""
    return [
        {
            "type": "function",
            "name": function.name,
            "description": function.description,
            "parameters": function.parameters,
        }
        for function in functions
    ]


def size_bytes(functions: Sequence[HomeTool]) -> int:
    """Bytes of the list as compact JSON."""
    return len(json.dumps(wire(functions), ensure_ascii=False, separators=(",", ":")).encode())


def _piece_bytes(function: HomeTool) -> int:
    """What one function adds to the list, with its comma."""
    return size_bytes([function]) - 1


def tokens(functions: Sequence[HomeTool]) -> int:
    """Estimated tokens of the list."""
    return math.ceil(size_bytes(functions) / BYTES_PER_TOKEN)
