"""The base class of functions that command devices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import ClassVar

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.execution.plan import DeviceOutcome, PlanStep
from satellite.tools.names.targets import Target
from satellite.tools.tool import (
    DEVICES,
    Arguments,
    HomeTool,
    area_names,
    area_schema,
    name_schema,
)

KIND = "With area: only this kind"


class Capability(ABC):
    """A function that commands every device which offers what it does."""

    name: ClassVar[str]
    description: ClassVar[str]
    required: ClassVar[tuple[str, ...]] = ()
    by_area: ClassVar[bool] = True
    """Whether a whole area may be commanded; never for locks and alarms."""
    by_kind: ClassVar[bool] = False

    def commands(self, entity: Entity) -> bool:
        """Whether this function commands this device."""
        return self.name in entity.traits.functions and self.suits(entity)

    def suits(self, entity: Entity) -> bool:  # noqa: ARG002
        """Whether this very device of a platform that lists this function has what it needs."""
        return True

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:  # noqa: ARG002
        """The parameters beside the devices, as far as some of ``targets`` knows them."""
        return {}

    @abstractmethod
    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        """The step for one device, or its outcome when there is nothing to do."""

    def check(self, arguments: Arguments) -> str:
        """What is wrong with arguments beyond the schema, as a sentence; empty when nothing is."""
        given = self.meaningful(arguments)
        if not given and not self.required:
            return "Say what to set."
        return ""

    def meaningful(self, arguments: Arguments) -> set[str]:
        return {name for name in arguments if name not in ("devices", "area", "kind")}

    def applies_by_area(self, target: Target, arguments: Arguments) -> bool:
        """Whether a call for an area means this device, too: who wants everything off does not
        mean the heating, unless it is named by its kind."""
        named = "kind" in arguments or self.name not in target.entity.traits.not_by_area
        return named and not target.secondary

    def function(
        self, targets: Sequence[Target], listed: bool, models: Sequence[Target] = ()
    ) -> HomeTool:
        """``listed``: enumerate the names; otherwise any text is a name.

        ``models`` are the first target of each make (``targets.make``), where that is known.
        """
        properties: dict[str, schema.Schema] = {
            "devices": schema.several(name_schema(targets, listed), DEVICES)
        }
        if self.by_area:
            properties["area"] = area_schema(area_names(targets), listed)
        if self.by_kind:
            properties["kind"] = schema.choice(platforms(targets), KIND)
        properties |= self.values(models or targets)
        required = [name for name in self.required if name in properties]
        return HomeTool(self.name, self.description, schema.table(properties, required))


def platforms(targets: Iterable[Target]) -> list[str]:
    return sorted({target.entity.platform for target in targets})


def span(values: Iterable[float | None], low: float, high: float) -> tuple[float, float]:
    """The widest range of several devices; the defaults where none says anything."""
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else (low, high)


def union(lists: Iterable[Iterable[str]], most: int) -> list[str]:
    """The words of several lists, each once, in the order of their first appearance."""
    found: dict[str, None] = {}
    for words in lists:
        found.update(dict.fromkeys(words))
        if len(found) >= most:
            break
    return list(islice(found, most))
