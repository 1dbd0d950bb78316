"""Runs all checks of ``satellite doctor`` and shows what they found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from satellite.cli.doctor import cards, checks, unit
from satellite.cli.doctor.findings import Finding, Verdict, bad, note
from satellite.core.errors import (
    EXIT_CONFIG,
    EXIT_FAILED,
    EXIT_STOPPED,
    EXIT_UNAVAILABLE,
    SatelliteError,
    SettingsError,
)
from satellite.settings import DEFAULT_CONFIG, load_settings


def examine(config: Path | None, overrides: Mapping[str, Any]) -> int:
    """Prints every finding as it comes. Returns the exit status of the worst one."""
    statuses = {EXIT_STOPPED}

    def show(part: str, findings: Iterator[Finding]) -> None:
        label = part
        for finding in findings:
            statuses.add(finding.status)
            print(f"{_mark(finding.verdict)} {label:<10} {finding.text}")
            if finding.do:
                print(f"  {'':<10} → {finding.do}")
            sys.stdout.flush()
            label = ""

    try:
        settings = load_settings(config, overrides, key_needed=False)
    except SettingsError as error:
        show("settings", iter([bad(error)]))
        return EXIT_CONFIG
    all_checks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("settings", lambda: checks.settings(settings, config or DEFAULT_CONFIG)),
        ("packages", lambda: checks.packages(settings)),
        ("sound", lambda: cards.sound(settings)),
        ("broker", lambda: checks.broker(settings)),
        ("server", lambda: checks.server(settings)),
        ("service", unit.service),
    )
    for part, check in all_checks:
        show(part, _caught(check))
    for status in (EXIT_CONFIG, EXIT_UNAVAILABLE, EXIT_FAILED):
        if status in statuses:
            return status
    return EXIT_STOPPED


def _caught(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check, up to the first error."""
    try:
        yield from check()
    except SatelliteError as error:
        yield bad(error)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "satellite":
            raise
        # The check of the packages has reported it.
        yield note(f"not looked at: the Python package {error.name} is missing")


def _mark(verdict: Verdict) -> str:
    sign, colour = {"good": ("✓", 32), "note": ("·", 33), "bad": ("✗", 31)}[verdict]
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\x1b[{colour}m{sign}\x1b[0m"
    return sign
