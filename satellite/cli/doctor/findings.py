"""What the doctor finds out about one part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from satellite.core.errors import EXIT_STOPPED, SatelliteError

Verdict = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is. ``status`` is the exit status that a bad one would give the daemon."""

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
