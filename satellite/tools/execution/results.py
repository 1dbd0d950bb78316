"""The result of a call, as the model gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satellite.tools.execution.plan import DeviceOutcome, Status, overall
from satellite.tools.execution.sentences import describe

MAX_SHOWN = 40
"""Devices that are listed one by one; a session of a small model holds 32,000 tokens in all."""

SUCCEEDED = (Status.DONE, Status.ALREADY)


def result_of(outcomes: Sequence[DeviceOutcome], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Status, devices and a sentence. Of very many devices those that failed are listed first, and
    ``not_shown`` counts the others by status."""
    shown, others = outcomes, []
    if len(outcomes) > MAX_SHOWN:
        ordered = sorted(outcomes, key=lambda outcome: outcome.status in SUCCEEDED)
        shown, others = ordered[:MAX_SHOWN], ordered[MAX_SHOWN:]
    result: dict[str, Any] = {
        "status": overall(outcomes).value,
        "devices": [outcome.as_data() for outcome in shown],
    }
    if others:
        not_shown: dict[str, int] = {}
        for outcome in others:
            not_shown[outcome.status.value] = not_shown.get(outcome.status.value, 0) + 1
        result["not_shown"] = not_shown
    result["message"] = describe(outcomes)
    return result | dict(extra)
