"""What an entity is built from: its checked config, and what the home shares with all entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from satellite.homeassistant.crash_record import NOBODY, CrashRecord, Mark, NoCrashRecord
from satellite.homeassistant.entities.device import Device

MAX_REPORTS = 200
"""The most reports that wait to be taken, so that broken messages cannot fill the memory."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class HomeContext:
    """What all entities of a home share.


    ``temperature_unit`` is the unit in which people speak; devices that use the other one are
    converted. ``wall_clock`` is used by templates only. ``blocked_topic`` says why a command
    topic must not be written, or None when it may. ``crash_record`` is told what is worked at.
    """

    temperature_unit: str = "°C"
    time_zone: tzinfo = UTC
    wall_clock: Callable[[], datetime] = _now
    blocked_topic: Callable[[str], str | None] = lambda topic: None  # noqa: ARG005
    entity_id_of: Callable[[str], str | None] = lambda unique_id: None  # noqa: ARG005
    crash_record: CrashRecord = field(default_factory=NoCrashRecord)
    _reports: list[str] = field(default_factory=list)
    _reported: set[tuple[object, str]] = field(default_factory=set)

    def report(self, about: object, text: str) -> None:
        """Keep a line for the journal; the same line about the same thing only once."""
        mark = (about, text[:120])
        if mark in self._reported or len(self._reports) >= MAX_REPORTS:
            return
        if len(self._reported) > 20 * MAX_REPORTS:
            self._reported.clear()
        self._reported.add(mark)
        self._reports.append(text)

    def forget(self, about: object) -> None:
        """Allow the same reports about this thing again, as its config is new."""
        self._reported = {mark for mark in self._reported if mark[0] != about}

    def take_reports(self) -> list[str]:
        """The lines since the last call."""
        taken, self._reports = self._reports, []
        return taken


@dataclass(slots=True)
class Spec:
    """One validated component of a discovery message, and where it belongs.

    ``discovery_id`` is the id in the topic (``node object`` or ``object component-key``);
    ``config`` is checked and has its defaults; ``entity_id`` is what Home Assistant would use.
    """

    platform: str
    discovery_id: str
    topic: str
    config: Mapping[str, Any]
    context: HomeContext
    unique_id: str | None = None
    device: Device | None = None
    origin: str | None = None
    component_key: str | None = None
    mark: Mark = NOBODY
    entity_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Platform and unique id; without a unique id the discovery id stands in."""
        if self.unique_id is not None:
            return self.platform, self.unique_id
        return self.platform, f"\0{self.discovery_id}"

    @property
    def fallback_name(self) -> str:
        """The name of an entity whose config gives none."""
        return self.discovery_id.replace("_", " ")
