"""How often a device may be commanded."""

from __future__ import annotations

from collections.abc import Iterable

WINDOW_S = 60.0
MANY = 1_000
"""With more devices than this, those that were not commanded lately are dropped."""


class CommandRateLimit:
    """Limits the commands of each device in a minute."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._sent: dict[object, list[float]] = {}
        self._tidied_s = float("-inf")

    def allows(self, key: object, now_s: float) -> bool:
        """True (and counted) when one more command is within the limit."""
        if len(self._sent) > MANY and now_s - self._tidied_s >= WINDOW_S:
            self._forget_old(now_s)
        sent = [at_s for at_s in self._sent.get(key, ()) if now_s - at_s < WINDOW_S]
        if len(sent) >= self._most:
            return False
        self._sent[key] = [*sent, now_s]
        return True

    def forget_devices(self, gone: Iterable[object]) -> None:
        """Drops devices that are gone."""
        for key in gone:
            self._sent.pop(key, None)

    def _forget_old(self, now_s: float) -> None:
        self._tidied_s = now_s
        self._sent = {key: sent for key, sent in self._sent.items() if now_s - sent[-1] < WINDOW_S}
