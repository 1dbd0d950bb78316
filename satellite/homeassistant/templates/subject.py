"""What a template may read of its entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Subject(Protocol):
    """An entity, as its templates see it."""

    @property
    def entity_id(self) -> str:
        """As Home Assistant would call it."""

    @property
    def platform(self) -> str: ...

    @property
    def friendly_name(self) -> str:
        """As Home Assistant shows it."""

    @property
    def attributes(self) -> dict[str, Any]: ...

    def snapshot(self) -> tuple[str, Mapping[str, Any]]:
        """State and attributes."""
