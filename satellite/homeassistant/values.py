"""Names for values whose type only the sender knows."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Whatever a JSON document may hold."""
Value: TypeAlias = Any
"""Whatever a template may compute, or a config or a call may be given."""
Key: TypeAlias = tuple[str, str]
"""What makes an entity the same one: its platform and its unique id."""


def listed(text: str) -> tuple[str, ...]:
    """The words of a text: a readable way to write down many short names."""
    return tuple(text.split())
