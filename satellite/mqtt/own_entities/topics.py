"""The topics of a satellite, made from its id. Pure.

Automations rely on these names; they change only with a migration note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

TURNS = "turns"
"""The level below the prefix that all satellites share."""


@dataclass(frozen=True)
class Topics:
    """The satellite's own topics, below ``<prefix>/<satellite_id>/``."""

    satellite_id: str
    prefix: str = "satellite"
    discovery_prefix: str = "homeassistant"

    @cached_property
    def base(self) -> str:
        return f"{self.prefix}/{self.satellite_id}"

    @cached_property
    def node_id(self) -> str:
        """The satellite's name in discovery topics, where only ``[a-zA-Z0-9_-]`` may stand."""
        return re.sub(r"[^a-zA-Z0-9_-]", "_", f"satellite_{self.satellite_id}")

    def of(self, name: str) -> str:
        """Where the satellite shows something: ``<base>/<name>``."""
        return f"{self.base}/{name}"

    @property
    def availability(self) -> str:
        return self.of("availability")

    @property
    def turns(self) -> str:
        """Shared by all satellites of the broker. No satellite has this id."""
        return f"{self.prefix}/{TURNS}"

    @property
    def speaking(self) -> str:
        """What this one's loudspeaker says, while it does."""
        return f"{self.turns}/{self.satellite_id}/speaking"

    @property
    def all_speaking(self) -> str:
        return f"{self.turns}/+/speaking"

    def speaker_of(self, topic: str) -> str:
        """The id of the satellite that says on this topic what it speaks; empty for any other."""
        start, end = f"{self.turns}/", "/speaking"
        if not (topic.startswith(start) and topic.endswith(end)):
            return ""
        satellite_id = topic[len(start) : -len(end)]
        return "" if "/" in satellite_id else satellite_id

    @property
    def every_command(self) -> str:
        """The filter of all command topics: one, so that no message comes twice."""
        return f"{self.base}/+/set"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has (re)started."""
        return f"{self.discovery_prefix}/status"

    def command(self, name: str) -> str:
        return f"{self.base}/{name}/set"

    def command_of(self, topic: str) -> str:
        """``mute`` for ``<base>/mute/set``; empty for a topic that is none of a command."""
        if not (topic.startswith(f"{self.base}/") and topic.endswith("/set")):
            return ""
        name = topic[len(self.base) + 1 : -len("/set")]
        return "" if "/" in name else name

    def owns(self, topic: str) -> bool:
        """Whether the topic lies at or below the satellite's base."""
        return topic.startswith(self.base) and topic[len(self.base) :][:1] in ("", "/")

    def announcement(self, component: str, object_id: str) -> str:
        return f"{self.discovery_prefix}/{component}/{self.node_id}/{object_id}/config"

    def announces(self, topic: str) -> bool:
        """Whether the topic is a discovery message of this satellite's own."""
        levels = topic.removeprefix(f"{self.discovery_prefix}/").split("/")
        return len(levels) in (3, 4) and levels[-1] == "config" and levels[1] == self.node_id
