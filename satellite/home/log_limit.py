"""Limits how many problems are logged in a minute."""

from __future__ import annotations

from collections.abc import Iterable

PER_MINUTE = 30


class LogLimit:
    """Passes ``per_minute`` lines in a minute and counts the others."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._most = per_minute
        self._since_s = float("-inf")
        self._passed = 0
        self._held = 0

    def pass_on(self, texts: Iterable[str], now_s: float) -> list[str]:
        """Those of ``texts`` that are to be logged now."""
        lines: list[str] = []
        if now_s - self._since_s >= 60.0:
            if self._held:
                lines.append(f"{self._held} more messages could not be used in the last minute.")
            self._since_s, self._passed, self._held = now_s, 0, 0
        for text in texts:
            if self._passed < self._most:
                self._passed += 1
                lines.append(text)
            else:
                self._held += 1
        return lines
