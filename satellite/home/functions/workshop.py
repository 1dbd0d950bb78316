"""Keeps the catalog up to date, a little work at a time.

Looking at each of 2,000 devices takes a tenth of a second, and longer on a small machine. So the
catalog that is there stays in use while the next one is made in pieces.
"""

from __future__ import annotations

from collections.abc import Iterable

from satellite.home.entities.entity import Entity
from satellite.home.functions.catalog import Catalog
from satellite.home.functions.naming.labels import Names
from satellite.home.functions.policy.rules import Rules
from satellite.home.functions.work import Work, finish

EFFORT = 400
"""Looks at a device in one piece of work: 2 ms on a PC, some 10 ms on a small board."""


class Workshop:
    """Makes catalogs of ``entities``, which may change at any time.

    Changes are counted: ``knows(changes)`` tells whether the catalog was made after so many.
    """

    def __init__(self, entities: Iterable[Entity], rules: Rules) -> None:
        self.names = Names()
        self.changes = 0
        self._entities = entities
        self._rules = rules
        self._known = 0
        self._making: Work[Catalog] | None = None
        self._will_know = 0
        self.catalog: Catalog = finish(Catalog.of(entities, rules, self.names))

    def changed(self) -> None:
        """Devices came, went or are different."""
        self.changes += 1

    def knows(self, changes: int) -> bool:
        return self._known >= changes

    def begin(self) -> None:
        """Start with the next catalog, unless one is being made or there is nothing new."""
        if self._making is None and not self.knows(self.changes):
            self._will_know = self.changes
            self._making = Catalog.of(self._entities, self._rules, self.names)

    def advance(self, effort: int = EFFORT) -> None:
        """Do a piece of the work; ``catalog`` is another one when it is done."""
        if self._making is None:
            return
        try:
            while effort > 0:
                effort -= next(self._making)
        except StopIteration as done:
            self.catalog = done.value
            self._known, self._making = self._will_know, None

    def complete(self) -> Catalog:
        """The catalog of this very moment, however long it takes."""
        while not self.knows(self.changes):
            self.begin()
            self.advance()
        return self.catalog
