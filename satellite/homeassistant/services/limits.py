"""What one data field of a call may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """Range, step, unit or choices of a value; what does not apply is None or empty.

    ``minimum``, ``maximum`` and ``step`` are in ``unit`` ("°C", "%", "K", "s"); ``options`` are
    the exact texts that the device knows.
    """

    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str | None = None
    options: tuple[str, ...] = ()
