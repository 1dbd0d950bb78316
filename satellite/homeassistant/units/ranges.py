"""Percentages to the range of a device and back, with the rounding of Home Assistant."""

from __future__ import annotations


def to_percent(closed: float, full: float, value: float) -> int:
    """Where ``value`` lies between ``closed`` (0 %) and ``full`` (100 %), rounded down."""
    return int((value - closed) * 100 // (full - closed))


def from_percent(closed: float, full: float, percent: float) -> float:
    """The value of the device for a percentage."""
    return (full - closed) * percent / 100 + closed
