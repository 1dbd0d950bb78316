"""Who is who in the home: finding the device or area that a name means."""

from __future__ import annotations

import difflib
import heapq
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from satellite.home.entities.entity import Entity
from satellite.home.functions.naming.labels import EVERYWHERE, Labels, Names
from satellite.home.functions.naming.targets import Target, in_area, kinds, tokens
from satellite.home.functions.naming.text import fold
from satellite.home.functions.policy.rules import THINGS, Rules
from satellite.home.functions.work import BATCH, Work

_EVERYWHERE = frozenset(
    {"all", "all areas", "all rooms", "house", "home", "whole house", "whole home"}
)
MAX_ALIASES = 8
SHORTLIST = 40
"""So many names are compared letter by letter with one that nobody has."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that means no device, or more than one; ``nearest`` may help."""

    name: str
    nearest: tuple[str, ...]
    several: bool = False


class Directory:
    """All entities that are offered, by name. Made anew as a whole when devices change."""

    def __init__(self) -> None:
        self.targets: tuple[Target, ...] = ()
        self.areas: tuple[str, ...] = ()
        self.by_key: dict[Hashable, Target] = {}
        self._folded: dict[str, list[Target]] = defaultdict(list)
        self._with_word: dict[str, list[Target]] = defaultdict(list)

    @classmethod
    def of(cls, entities: Iterable[Entity], rules: Rules, names: Names) -> Work[Directory]:
        """The directory of those entities that the rules let the model see."""
        directory = cls()
        labelled = yield from names.label(list(entities), rules)
        busy = yield from _devices_with_a_main_entity(labelled)
        keyed: list[tuple[str, str, Target]] = []
        for label in labelled:
            target = _target(label, rules, busy)
            keyed.append((fold(target.name), str(target.key), target))
            yield 2
        keyed.sort(key=lambda one: one[:2])
        yield len(keyed) // BATCH
        directory.targets = tuple(target for _, _, target in keyed)
        areas: dict[str, str] = {}
        for target in directory.targets:
            directory._index(target)
            for area in target.areas:
                areas.setdefault(fold(area), area)
            yield 2
        directory.areas = tuple(sorted(areas.values(), key=fold))
        return directory

    def _index(self, target: Target) -> None:
        self.by_key[target.key] = target
        spoken = _spoken(target)
        for name in spoken:
            self._folded[name].append(target)
        for word in {word for name in spoken for word in tokens(name)}:
            self._with_word[word].append(target)

    # Names -----------------------------------------------------------------------------------

    def resolve(
        self, name: str, candidates: Sequence[Target], area: str | None = None
    ) -> Target | Unknown:
        """The one candidate that this name can mean.

        Case, accents, separators, a leading article and the order of words do not matter, nor
        words that may be left out or have a synonym, as long as a single device fits; nothing
        is guessed. ``area`` tells devices of the same name apart.
        """
        found = self.look_up(name, candidates, area)
        if len(found) == 1:
            return found[0]
        if found:
            return Unknown(name, tuple(target.name for target in found[:5]), several=True)
        return Unknown(name, nearest(name, candidates))

    def look_up(
        self, name: str, candidates: Sequence[Target], area: str | None = None
    ) -> list[Target]:
        """All candidates that this name can mean."""
        known = self._folded.get(fold(name), ())
        found = _among([target for target in known if name in target.names], candidates)
        if len(found) == 1:
            return found
        found = _among(known, candidates) or self._by_words(name, candidates)
        if len(found) > 1 and area:
            found = [target for target in found if in_area(target, area)] or found
        return found

    def _by_words(self, name: str, candidates: Sequence[Target]) -> list[Target]:
        wanted = tokens(fold(name))
        if not wanted:
            return []
        rarest = min((self._with_word.get(word, []) for word in wanted), key=len)
        words = [
            (target, [tokens(name) for name in _spoken(target)])
            for target in _among(rarest, candidates)
        ]
        same = [target for target, known in words if wanted in known]
        return same or [target for target, known in words if any(wanted < one for one in known)]

    def resolve_area(self, name: str) -> str | Unknown:
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
        close = [area for area in self.areas if words and words < tokens(fold(area))]
        if len(close) == 1:
            return close[0]
        spelled = {fold(area): area for area in self.areas}
        return Unknown(name, tuple(spelled[found] for found in _close(wanted, spelled)))


def _target(label: Labels, rules: Rules, busy: frozenset[int]) -> Target:
    entity = label.entity
    return Target(
        entity=entity,
        name=label.name,
        aliases=label.aliases[:MAX_ALIASES],
        area=label.area,
        areas=label.areas,
        kinds=kinds(entity),
        read_only=label.facts.match_any(rules.read_only),
        secondary=entity.platform == "switch" and id(entity.spec.device) in busy,
        facts=label.facts,
    )


def _spoken(target: Target) -> set[str]:
    """Everything that this device may be called, folded."""
    spoken = {fold(name) for name in (*target.names, *target.facts.names)}
    if target.area:
        spoken.add(f"{fold(target.area)} {fold(target.entity.name)}")
    return spoken


def _among(found: Sequence[Target], candidates: Sequence[Target]) -> list[Target]:
    """Those that are candidates, in order; mostly one is held against many."""
    if len(found) < 3:
        return [target for target in found if any(target is one for one in candidates)]
    allowed = {id(one) for one in candidates}
    return [target for target in found if id(target) in allowed]


_MAIN = THINGS - {"switch"}
"""What a device is there for; a switch is as often one of its settings."""


def _devices_with_a_main_entity(labelled: Sequence[Labels]) -> Work[frozenset[int]]:
    found = set()
    for number, label in enumerate(labelled):
        if label.entity.platform in _MAIN and label.entity.spec.device is not None:
            found.add(id(label.entity.spec.device))
        if number % BATCH == 0:
            yield BATCH // 8
    return frozenset(found)


def nearest(name: str, candidates: Sequence[Target], most: int = 3) -> tuple[str, ...]:
    """Names that sound like the one that nobody has."""
    spelled: dict[str, str] = {}
    for target in candidates:
        for known in target.names:
            spelled.setdefault(fold(known), known)
    wanted = fold(name)[:64]
    found = _close(wanted, spelled, most)
    if len(found) < most:
        words = tokens(wanted)
        alike = (
            known for known in spelled if known not in found and not words.isdisjoint(tokens(known))
        )
        found += islice(alike, most - len(found))
    return tuple(dict.fromkeys(spelled[known] for known in found))


def _close(wanted: str, known: Collection[str], most: int = 3) -> list[str]:
    if len(known) > SHORTLIST:
        # Comparing takes a tenth of a millisecond for each; pairs of letters say enough.
        pairs = {wanted[at : at + 2] for at in range(len(wanted) - 1)}

        def likeness(name: str) -> float:
            return sum(pair in name for pair in pairs) / (len(pairs) + len(name))

        known = heapq.nlargest(SHORTLIST, known, key=likeness)
    return difflib.get_close_matches(wanted, known, most, 0.55)
