"""Finds the device or area that a name means."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from satellite.homeassistant.entities.entity import Entity
from satellite.tools.names.areas import EVERYWHERE
from satellite.tools.names.labels import Label, NameAssigner
from satellite.tools.names.nearest import close
from satellite.tools.names.targets import Target, in_area, tokens
from satellite.tools.names.text_index import TextIndex
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import fold

_EVERYWHERE = frozenset(
    {"all", "all areas", "all rooms", "house", "home", "whole house", "whole home"}
)
MAX_ALIASES = 8


@dataclass(frozen=True, slots=True)
class UnknownArea:
    """A name that means no area, with similar ones."""

    name: str
    nearest: tuple[str, ...]


class NameIndex:
    """All entities that the model may know, by name. It is built anew when devices change."""

    def __init__(self) -> None:
        self.targets: tuple[Target, ...] = ()
        self.areas: tuple[str, ...] = ()
        self.by_key: dict[Hashable, Target] = {}
        self.by_word = TextIndex()
        """Targets by the words of all their names."""
        self._by_name = TextIndex()

    @classmethod
    def of(cls, entities: Iterable[Entity], rules: Rules, names: NameAssigner) -> NameIndex:
        """The index of those entities that the rules let the model see."""
        name_index = cls()
        labels = names.label(list(entities), rules)
        busy = _devices_with_a_main_entity(labels)
        labels.sort(key=lambda label: (label.folded, label.name))
        areas: dict[str, str] = {}
        targets = []
        for label in labels:
            target = _target(label, rules, busy)
            targets.append(target)
            name_index._index(target, label.folded)
            for area in target.areas:
                areas.setdefault(fold(area), area)
        name_index.targets = tuple(targets)
        name_index.areas = tuple(sorted(areas.values(), key=fold))
        return name_index

    def _index(self, target: Target, folded: str) -> None:
        self.by_key[target.key] = target
        spoken = _spoken(target, folded)
        for name in spoken:
            self._by_name.add(name, target)
        words = tokens(folded) if len(spoken) == 1 else frozenset().union(*map(tokens, spoken))
        for word in words:
            self.by_word.add(word, target)

    # Names -----------------------------------------------------------------------------------

    def look_up(
        self, name: str, candidates: Sequence[Target], area: str | None = None
    ) -> list[Target]:
        """All candidates that this name can mean; it is understood where there is exactly one.

        Case, accents, separators, a leading article and the order of words do not matter, nor
        words that may be left out or have a synonym, as long as a single device fits; nothing
        is guessed. ``area`` tells devices of the same name apart.
        """
        folded = fold(name)
        known = self._by_name.get(folded)
        found = _among([target for target in known if name in target.names], candidates)
        if len(found) == 1:
            return found
        found = _among(known, candidates) or self._by_words(folded, candidates)
        if len(found) > 1 and area:
            found = [target for target in found if in_area(target, area)] or found
        return found

    def _by_words(self, folded: str, candidates: Sequence[Target]) -> list[Target]:
        wanted = tokens(folded)
        if not wanted:
            return []
        rarest = min((self.by_word.get(word) for word in wanted), key=len)
        words = [
            (target, [tokens(name) for name in _spoken(target)])
            for target in _among(rarest, candidates)
        ]
        same = [target for target, known in words if wanted in known]
        return same or [target for target, known in words if any(wanted < one for one in known)]

    def resolve_area(self, name: str) -> str | UnknownArea:
        """The area or floor as it is spelled here, or ``EVERYWHERE``."""
        wanted = fold(name)
        if wanted == EVERYWHERE:
            return EVERYWHERE
        for area in self.areas:
            if fold(area) == wanted:
                return area
        if wanted in _EVERYWHERE:
            return EVERYWHERE
        words = tokens(wanted)
        near = [area for area in self.areas if words and words < tokens(fold(area))]
        if len(near) == 1:
            return near[0]
        spelled = {fold(area): area for area in self.areas}
        return UnknownArea(name, tuple(spelled[found] for found in close(wanted, spelled)))


def _target(label: Label, rules: Rules, busy: frozenset[int]) -> Target:
    entity = label.entity
    names = (label.name, *label.aliases[:MAX_ALIASES])
    return Target(
        entity=entity,
        names=names,
        called=names if names == label.called else label.called,
        area=label.area,
        areas=label.areas,
        read_only=bool(rules.read_only) and label.facts.match_any(rules.read_only),
        secondary=entity.traits.is_setting and id(entity.spec.device) in busy,
    )


def _spoken(target: Target, folded: str | None = None) -> set[str]:
    """All names of a device, folded. ``folded`` is the folded first one, if known."""
    spoken = {fold(target.name) if folded is None else folded}
    if len(target.names) > 1 or target.called is not target.names:
        spoken.update(fold(name) for name in (*target.names, *target.called))
    if target.area:
        area, own = fold(target.area), fold(target.entity.name)
        if not own.startswith(f"{area} "):
            spoken.add(f"{area} {own}")
    return spoken


def _among(found: Sequence[Target], candidates: Sequence[Target]) -> list[Target]:
    """Those targets that are candidates, in their order."""
    if len(found) < 3:
        return [target for target in found if any(target is one for one in candidates)]
    allowed = {id(one) for one in candidates}
    return [target for target in found if id(target) in allowed]


def _devices_with_a_main_entity(labels: Sequence[Label]) -> frozenset[int]:
    return frozenset(
        id(label.entity.spec.device)
        for label in labels
        if label.entity.traits.is_device
        and not label.entity.traits.is_setting  # a switch is as often a setting
        and label.entity.spec.device is not None
    )
