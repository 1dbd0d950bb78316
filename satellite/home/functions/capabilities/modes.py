"""Parameters that choose one word of a list that the device gives: modes, presets, speeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satellite.home.entities.entity import Entity
from satellite.home.functions import schema
from satellite.home.functions.calls.plan import Expectation, Step
from satellite.home.functions.capabilities.capability import union
from satellite.home.functions.naming.targets import Target
from satellite.home.functions.naming.text import choices, fold, spoken_list
from satellite.home.functions.reading.attributes import has_topic, texts

MAX_OPTIONS = 40


@dataclass(frozen=True, slots=True)
class Source:
    """Where a platform keeps the choices, and how one is set and seen.

    ``shown`` is the attribute that holds the present choice; "" means the state itself.
    """

    listed: str
    service: str
    field: str
    shown: str
    topic: str = ""
    """The command topic without which the service does nothing; "" when it is always there."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One parameter; ``sources`` by platform."""

    parameter: str
    description: str
    sources: Mapping[str, Source]

    def options(self, entity: Entity) -> dict[str, str]:
        """Choice as shown -> as the device wants it; {} when it has none of this kind."""
        source = self.sources.get(entity.platform)
        if source is None or not entity.supports(source.service):
            return {}
        if source.topic and not has_topic(entity, source.topic):
            return {}
        return choices(texts(entity.attributes, source.listed), MAX_OPTIONS)

    def schema(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        names = union((self.options(target.entity) for target in targets), MAX_OPTIONS)
        return {self.parameter: schema.choice(names, self.description)} if names else {}

    def command(
        self, entity: Entity, wanted: str
    ) -> tuple[tuple[str, dict[str, Any]], Expectation] | str:
        """The service call and what to expect; or why not."""
        options = self.options(entity)
        name = self.parameter.replace("_", " ")
        if not options:
            return f"It has no {name}."
        raw = options.get(wanted) or {fold(k): v for k, v in options.items()}.get(fold(wanted))
        if raw is None:
            return f"Its {name} can be {spoken_list(options, 12)}."
        source = self.sources[entity.platform]
        return (source.service, {source.field: raw}), shows(source.shown, raw)


@dataclass(slots=True)
class Draft:
    """A step in the making: service calls, what to expect of them, how to say them."""

    commands: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    checks: list[Expectation] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)

    def add(self, service: str, data: dict[str, Any], check: Expectation, phrase: str) -> None:
        self.commands.append((service, data))
        self.checks.append(check)
        self.phrases.append(phrase)

    def choose(self, mode: Mode, entity: Entity, arguments: Mapping[str, Any]) -> str:
        """Add the choice of ``mode`` when the arguments have one; "" or why not."""
        wanted = arguments.get(mode.parameter)
        if wanted is None:
            return ""
        made = mode.command(entity, wanted)
        if isinstance(made, str):
            return made
        (service, data), check = made
        self.add(service, data, check, f"to {wanted}")
        return ""

    def expectation(self) -> Expectation:
        return all_of(tuple(self.checks))

    def step(self, target: Target) -> Step:
        phrase = f"set … {' and '.join(self.phrases)}"
        return Step(target, tuple(self.commands), self.expectation(), phrase)


def reached(states: Sequence[str]) -> Expectation:
    """The state is one of these."""

    def holds(entity: Entity) -> bool:
        return entity.state in states

    return holds


def shows(attribute: str, wanted: object) -> Expectation:
    """The attribute (or, for "", the state) is exactly this."""

    def holds(entity: Entity) -> bool:
        now = entity.attributes.get(attribute) if attribute else entity.state
        return now == wanted

    return holds


def all_of(checks: Sequence[Expectation]) -> Expectation:
    def holds(entity: Entity) -> bool:
        return all(check(entity) for check in checks)

    return holds


def near(attribute: str, wanted: float, tolerance: float) -> Expectation:
    """The attribute is this number, give or take what the device rounds."""

    def holds(entity: Entity) -> bool:
        now = entity.attributes.get(attribute)
        return (
            isinstance(now, (int, float))
            and not isinstance(now, bool)
            and abs(now - wanted) <= tolerance
        )

    return holds
