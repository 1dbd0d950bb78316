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
from satellite.home.work import EFFORT, Job, finish


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
        self._making: Job[Catalog] | None = None
        self._will_know = 0
        self.catalog: Catalog = finish(Catalog.of(entities, rules, self.names))

    def changed(self) -> None:
        """Devices came, went or are different."""
        self.changes += 1

    def knows(self, changes: int) -> bool:
        return self._known >= changes

    def go_on(self, effort: int = EFFORT) -> int:
        """Make the next catalog or a piece of it, if there is something new.

        ``catalog`` is another one when it is done. What is left of the effort is returned.
        """
        if self._making is None:
            if self.knows(self.changes):
                return effort
            self._will_know = self.changes
            self._making = Job(Catalog.of(self._entities, self._rules, self.names))
        left = self._making.go_on(effort)
        if self._making.done:
            self.catalog = self._making.result
            self._known, self._making = self._will_know, None
        return left

    def complete(self) -> Catalog:
        """The catalog of this very moment, however long it takes."""
        while not self.knows(self.changes):
            self.go_on()
        return self.catalog
