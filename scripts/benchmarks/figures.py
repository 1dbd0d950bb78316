"""Measured figures by candidate, and their table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NEVER = float("inf")
"""What did not come at all."""


@dataclass(slots=True)
class Row:
    """One figure of each candidate. ``worst``: the largest value counts, not the median."""

    name: str
    unit: str
    goal: str = ""
    worst: bool = False
    values: dict[str, list[float]] = field(default_factory=dict)

    def cell(self, who: str) -> str:
        values = self.values.get(who, [])
        if not values:
            return "–"
        shown = max(values) if self.worst else statistics.median(values)
        alike = len(values) == 1 or self.worst
        spread = "" if alike else f" ({_text(min(values))}…{_text(max(values))})"
        return f"{_text(shown)}{spread}"


class Figures:
    """Rows in the order in which they came."""

    def __init__(self, goals: Mapping[str, str] | None = None) -> None:
        self.rows: dict[str, Row] = {}
        self._goals = goals or {}

    def note(
        self, name: str, unit: str, who: str, value: float | None, *, worst: bool = False
    ) -> None:
        """``value`` None: it did not come."""
        goal = self._goals.get(name, "")
        row = self.rows.setdefault(name, Row(name, unit, goal, worst))
        row.values.setdefault(who, []).append(NEVER if value is None else round(value, 2))

    def table(self, columns: Iterable[str]) -> str:
        who = list(columns)
        lines = [["", "unit", *who, "goal"]]
        for row in self.rows.values():
            lines.append([row.name, row.unit, *(row.cell(one) for one in who), row.goal])
        return aligned(lines)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "name": row.name,
                "unit": row.unit,
                "goal": row.goal,
                # JSON knows no infinity.
                **{
                    who: [None if value == NEVER else value for value in values]
                    for who, values in row.values.items()
                },
            }
            for row in self.rows.values()
        ]


def aligned(lines: list[list[str]]) -> str:
    """Columns of text, as wide as they have to be."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _text(value: float) -> str:
    return "never" if value == NEVER else f"{value:.4g}"
