"""Parameters that select one option of a device: modes, presets, speeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import union
from satellite.tools.execution.expected_state import (
    Expectation,
    ExpectedState,
    Predicate,
    StateCheck,
    attribute_equals,
)
from satellite.tools.execution.plan import PlanStep
from satellite.tools.names.nearest import close
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import has_topic, texts
from satellite.tools.text.cleaning import choices, clean, fold, spoken_list

MAX_LISTED = 40
"""Options that are listed with the function: each costs tokens in every session. With more
the parameter takes any text, and a wrong one is answered with those that resemble it."""
MAX_SAID = 12
"""Options that are named when an unknown one was asked for."""
MAX_OPTIONS = 1_000
"""Further options of one device are dropped: a publisher may send any number."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One parameter; where its options are say the traits of each platform (``choices``)."""

    parameter: str
    description: str

    def options(self, entity: Entity, most: int = MAX_OPTIONS) -> dict[str, str]:
        """Choice as shown -> as the device wants it; {} when it has none of this kind."""
        source = entity.traits.choices.get(self.parameter)
        if source is None or not entity.supports(source.service):
            return {}
        if source.topic and not has_topic(entity, source.topic):
            return {}
        return choices(texts(entity.attributes, source.listed), most)

    def schema(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        known = (self.options(target.entity, MAX_LISTED + 1) for target in targets)
        return options_schema(self.parameter, known, self.description)

    def command(
        self, entity: Entity, wanted: str
    ) -> tuple[tuple[str, dict[str, Any]], StateCheck] | str:
        """The service call and the check of its state; or why there is none."""
        options = self.options(entity)
        name = self.parameter.replace("_", " ")
        if not options:
            return f"It has no {name}."
        raw = chosen(options, wanted)
        if raw is None:
            return no_such_option(name, options, wanted)
        source = entity.traits.choices[self.parameter]
        return (source.service, {source.field: raw}), attribute_equals(source.shown, raw)


def options_schema(
    parameter: str, known: Iterable[Iterable[str]], description: str
) -> dict[str, schema.Schema]:
    """The parameter for one of the options of several devices; {} when they have none.

    All of them are listed, or none: what stands in a list is all that a call may say.
    """
    names = union(known, MAX_LISTED + 1)
    if not names:
        return {}
    if len(names) <= MAX_LISTED:
        return {parameter: schema.choice(names, description)}
    examples = ", ".join(names[:5])  # how many others there are was not counted
    text = f"{description}: {examples} and many others. A wrong one is answered with more"
    return {parameter: schema.text(text)}


def chosen(options: Mapping[str, str], wanted: str) -> str | None:
    """The option as the device wants it; case, accents and punctuation do not matter."""
    if wanted in options:
        return options[wanted]
    return {fold(shown): raw for shown, raw in options.items()}.get(fold(wanted))


def no_such_option(name: str, options: Mapping[str, str], wanted: str) -> str:
    """The sentence for an unknown option: it names similar ones, else the first ones."""
    shown = {fold(option): option for option in options}
    near = [shown[one] for one in close(fold(wanted), shown)] if len(options) > MAX_SAID else []
    if near:
        return f"It has no {name} {clean(wanted)!r}, but {spoken_list(near)}."
    return f"Its {name} can be {spoken_list(options, MAX_SAID)}."


@dataclass(slots=True)
class Draft:
    """A step in the making: service calls, state checks, and words for the question."""

    commands: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    checks: list[StateCheck] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)

    condition: Predicate | None = None
    """What must hold besides, though it need not be reported again."""

    def add(self, service: str, data: dict[str, Any], check: StateCheck, phrase: str) -> None:
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
        return lambda _: ExpectedState(tuple(self.checks), self.condition)

    def step(self, target: Target) -> PlanStep:
        phrase = f"set … {' and '.join(self.phrases)}"
        return PlanStep(target, tuple(self.commands), self.expectation(), phrase)
