"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from satellite.core.errors import EXIT_STOPPED, SatelliteError

Verdict = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is. ``status`` is the exit status with which the daemon would end by it."""

    verdict: Verdict
    text: str
    do: str = ""
    status: int = EXIT_STOPPED


def good(text: str) -> Finding:
    return Finding("good", text)


def note(text: str, do: str = "") -> Finding:
    return Finding("note", text, do)


def bad(error: SatelliteError) -> Finding:
    return Finding("bad", error.what, error.do, error.exit_status)
