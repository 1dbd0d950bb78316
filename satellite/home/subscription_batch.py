"""Subscriptions are gathered for a moment: a home announces hundreds of topics at once."""

from __future__ import annotations

from collections.abc import Iterable

from satellite.home.effects import HomeEffect
from satellite.homeassistant.effects import Subscribe, Unsubscribe

GATHER_S = 0.02
"""Topics are gathered for so long ..."""
GATHER_MOST = 100
"""... or until there are so many."""


class SubscriptionBatch:
    """What is to be subscribed, and what is not needed any more."""

    def __init__(self) -> None:
        self._topics: dict[str, bool] = {}
        """Topic -> whether it is wanted."""
        self.due_s: float | None = None
        """When it has to be told."""

    def clear(self) -> None:
        """The connection is gone; on the next one everything is asked for anyway."""
        self._topics.clear()
        self.due_s = None

    def add(self, wanted: Iterable[str], gone: Iterable[str], now_s: float) -> list[HomeEffect]:
        self._topics |= dict.fromkeys(gone, False)
        self._topics |= dict.fromkeys(wanted, True)
        if self._topics and self.due_s is None:
            self.due_s = now_s + GATHER_S
        return self._take() if len(self._topics) >= GATHER_MOST else []

    def tick(self, now_s: float) -> list[HomeEffect]:
        return self._take() if self.due_s is not None and now_s >= self.due_s else []

    def _take(self) -> list[HomeEffect]:
        topics, self._topics, self.due_s = self._topics, {}, None
        effects: list[HomeEffect] = []
        if gone := tuple(topic for topic, wanted in topics.items() if not wanted):
            effects.append(Unsubscribe(gone))
        if new := tuple(topic for topic, wanted in topics.items() if wanted):
            effects.append(Subscribe(new))
        return effects
