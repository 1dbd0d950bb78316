"""Collects subscriptions for a moment: a home announces hundreds of topics at once."""

from __future__ import annotations

from collections.abc import Iterable

from satellite.home.effects import HomeEffect
from satellite.homeassistant.effects import Subscribe, Unsubscribe

COLLECT_S = 0.02
"""Topics are collected for so long ..."""
MAX_TOPICS = 100
"""... or until there are so many."""


class SubscriptionBatch:
    """Topics to subscribe and to unsubscribe."""

    def __init__(self) -> None:
        self._topics: dict[str, bool] = {}
        """Topic -> whether it is wanted."""
        self.due_s: float | None = None
        """When ``tick`` returns them; None if there are none."""

    def clear(self) -> None:
        """The connection is lost; on the next one everything is subscribed anyway."""
        self._topics.clear()
        self.due_s = None

    def add(self, wanted: Iterable[str], gone: Iterable[str], now_s: float) -> list[HomeEffect]:
        self._topics |= dict.fromkeys(gone, False)
        self._topics |= dict.fromkeys(wanted, True)
        if self._topics and self.due_s is None:
            self.due_s = now_s + COLLECT_S
        return self._take() if len(self._topics) >= MAX_TOPICS else []

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
