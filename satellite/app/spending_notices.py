"""Keeps over restarts what was said about money, so that each thing is said once."""

from __future__ import annotations

from pathlib import Path

from satellite.conversation.spending_steps import SpendingStep
from satellite.core.statefile import StateFile

FILE_NAME = "spending-notices.json"


class SpendingNotices:
    """A file that cannot be read or written means that something is said once more."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file = StateFile(folder, FILE_NAME, "What was said about spending")
        self._said = self._file.read()

    def is_new(self, step: SpendingStep, period: str) -> bool:
        """Whether this step, or a later one, was not said of that day or month; it is now."""
        steps = self._said.get("steps")
        said = steps.get(period, 0) if isinstance(steps, dict) else 0
        if isinstance(said, int) and said >= step.rank:
            return False
        others = steps if isinstance(steps, dict) else {}
        kept = {key: value for key, value in others.items() if key[:7] == period[:7]}
        self._keep("steps", {**kept, period: step.rank})
        return True

    def limit_is_new(self, daily_limit_usd: float) -> bool:
        """Whether the limit that nobody has set was not said yet; it is now. Never without a
        folder: each start would be the first."""
        if self._folder is None or self._said.get("default_limit_usd") == daily_limit_usd:
            return False
        self._keep("default_limit_usd", daily_limit_usd)
        return True

    def _keep(self, name: str, value: object) -> None:
        self._said = {**self._said, name: value}
        self._file.write(self._said)
