"""Gives every entity a unique name, and its areas.

The name is the one that the device announces, made harmless; equal names are told apart by area,
then by kind, then by a number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.names import look
from satellite.tools.names.areas import Areas
from satellite.tools.policy.offered import offered
from satellite.tools.policy.patterns import Facts
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import clean, fold, safe

# Names of entities that say nothing beside the device's: "Bedside bulb Light 0", "TRV", "Relay".
_EMPTY = (
    "mqtt light lamp bulb dimmer switch relay socket outlet plug output channel cover roller "
    "shutter blind climate thermostat trv fan lock valve siren humidifier vacuum power state "
    "position 0 1"
)
_EMPTY_WORDS = frozenset(_EMPTY.split())

MAX_NEUTRAL = 1_000


@dataclass(slots=True)
class Label:
    """An entity with its name and areas. ``called`` are its names before it was told apart."""

    entity: Entity
    name: str
    folded: str
    """The name, folded."""
    aliases: tuple[str, ...]
    area: str
    areas: tuple[str, ...]
    called: tuple[str, ...]

    @property
    def facts(self) -> Facts:
        return Facts(self.entity, self.called, self.areas)


class NameAssigner:
    """Names entities. It remembers neutral names, so that "light 7" stays the same lamp."""

    def __init__(self) -> None:
        self._neutral: dict[Hashable, str] = {}
        self._counters: Counter[str] = Counter()
        self._told: set[str] = set()
        self.problems: list[str] = []
        """What a person should read."""

    def report_problem(self, problem: str) -> None:
        """Reports a problem once, however often devices are named."""
        if problem not in self._told and len(self._told) < MAX_NEUTRAL:
            self._told.add(problem)
            self.problems.append(problem)

    def label(self, entities: Sequence[Entity], rules: Rules) -> list[Label]:
        """Names and areas of those entities that the rules let the model see."""
        places = Areas(rules)
        for entity in entities:
            places.learn(entity)
        self._forget(entities)
        named_like_device = _named_like_device(entities)
        labels = []
        for entity in entities:
            short = named_like_device.get(entity.key) or entity.name
            label = self._label(entity, short, rules, places)
            if offered(entity, label.facts, rules):
                self._make_harmless(label, short)
                labels.append(label)
        self._tell_apart(labels)
        return labels

    def _forget(self, entities: Sequence[Entity]) -> None:
        """Drops the neutral names of entities that are gone, once there are many."""
        if len(self._neutral) > MAX_NEUTRAL:
            present = {entity.key for entity in entities}
            self._neutral = {k: name for k, name in self._neutral.items() if k in present}

    def _label(self, entity: Entity, short: str, rules: Rules, places: Areas) -> Label:
        name = clean(short.replace("_", " "))
        folded = fold(name)
        area, areas = places.of(entity, name, folded)
        aliases = _aliases(entity, folded, rules) if rules.aliases else ()
        called = (name, *aliases, *([] if name == entity.name else [entity.name]))
        return Label(entity, name, folded, aliases, area, areas, called)

    def _make_harmless(self, label: Label, short: str) -> None:
        """Replaces a name that reads like an instruction. Judges only what the model would see."""
        name = clean(safe(short).replace("_", " ")) or self._neutral_name(label.entity)
        if name != label.name:
            label.called = tuple(dict.fromkeys((name, *label.called)))
            label.name, label.folded = name, fold(name)

    def _neutral_name(self, entity: Entity) -> str:
        known = self._neutral.get(entity.key)
        if known is None:
            kind = entity.platform.replace("_", " ")
            self._counters[kind] += 1
            known = self._neutral[entity.key] = f"{kind} {self._counters[kind]}"
            raw = clean(entity.name, 120)
            if raw:
                self.problems.append(
                    f"The name {raw!r} reads like an instruction, or imitates other letters; the "
                    f"model knows this {kind} as {known!r}. Rename it, or find out who announced "
                    "it."
                )
        return known

    def _tell_apart(self, labels: list[Label]) -> None:
        groups: dict[str, list[Label]] = defaultdict(list)
        for label in labels:
            groups[look(label.folded)].append(label)
        taken = {folded for folded, group in groups.items() if len(group) == 1}
        for group in groups.values():
            if len(group) > 1:
                group.sort(key=lambda label: (label.entity.traits.rank, str(label.entity.key)))
                names = _distinct(group, taken)
                for label, name in zip(group, names, strict=True):
                    label.name, label.folded = name, fold(name)
                    taken.add(look(label.folded))


def _kind(label: Label) -> str:
    return (label.entity.device_class or label.entity.platform).replace("_", " ")


def _distinct(group: list[Label], taken: set[str]) -> list[str]:
    """A different name for each label of a group that shares one.

    Where several devices can be commanded by the name, none keeps it: a publisher who gives a
    switch the name of another's lamp gets no command that was meant for the lamp.
    """
    first = None if _are_rivals(group) else group[0].entity.traits.rank
    bare = {look(label.folded) for label in group} if first is None else set()

    def by_area(label: Label) -> str:
        return f"{label.name} ({label.area})" if label.area else label.name

    def by_kind(label: Label) -> str:
        is_first = label.entity.traits.rank == first
        return label.name if is_first else f"{label.name} ({_kind(label)})"

    def by_both(label: Label) -> str:
        return f"{label.name} ({', '.join(filter(None, (label.area, _kind(label))))})"

    ways: list[Callable[[Label], str]] = [by_area, by_kind, by_both]
    for way in ways:
        names = [way(label) for label in group]
        looks = {look(fold(name)) for name in names}
        if len(looks) == len(names) and looks.isdisjoint(taken | bare):
            return names
    result: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for base in map(by_both, group):
        name = ""
        while not name or look(fold(name)) in taken or look(fold(name)) in result:
            numbers[base] += 1
            name = base if numbers[base] == 1 else f"{base} {numbers[base]}"
        result[look(fold(name))] = name
    return list(result.values())


def _are_rivals(group: Sequence[Label]) -> bool:
    """Whether more than one device can be commanded by the shared name."""
    owners = {
        label.entity.key if label.entity.spec.device is None else id(label.entity.spec.device)
        for label in group
        if label.entity.traits.commandable
    }
    return len(owners) > 1


def _named_like_device(entities: Sequence[Entity]) -> dict[Hashable, str]:
    """Key of an entity -> name of its device, for the main entity of a device whose own name only
    repeats its kind ("Bedside bulb Light 0").
    """
    by_device: dict[int, list[Entity]] = defaultdict(list)
    for entity in entities:
        if entity.spec.device is not None and entity.enabled and not entity.category:
            by_device[id(entity.spec.device)].append(entity)
    result: dict[Hashable, str] = {}
    for members in by_device.values():
        things = [entity for entity in members if entity.traits.is_device]
        if len(things) != 1 or any(entity.entity_name is None for entity in members):
            continue
        own = set(fold(things[0].entity_name or "").split())
        device = things[0].device_name or ""
        if own <= _EMPTY_WORDS | set(fold(device).split()) and device:
            result[things[0].key] = device
    return result


def _aliases(entity: Entity, folded: str, rules: Rules) -> tuple[str, ...]:
    """The further names of an entity in the settings."""
    own = (folded, fold(entity.name))
    return tuple(
        alias
        for spelled, further in rules.aliases.items()
        if fold(spelled) in own or spelled == entity.unique_id
        for alias in (clean(one) for one in further)
        if alias
    )
