"""One message to very many listeners: bounded together, and at the cost of the slow."""

from __future__ import annotations

import pytest

from satellite.homeassistant.entities.observed import Observed
from satellite.homeassistant.registry import allowance
from satellite.homeassistant.registry.allowance import CHEAP_S, FULL_S, MESSAGE_S, REFILL
from satellite.homeassistant.registry.registry import Registry

LISTENERS = 1_000


class Processor:
    """Processor time that passes only while an entity takes a message."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spent_s = 0.0
        self.takes_s = 0.024
        self.taken: list[str] = []
        monkeypatch.setattr(allowance, "thread_time", lambda: self.spent_s)
        monkeypatch.setattr(allowance, "perf_counter", lambda: self.spent_s)
        monkeypatch.setattr(Observed, "receive", lambda entity, *_: self._receive(entity))

    def _receive(self, entity: Observed) -> bool:
        slow = str(entity.unique_id).startswith("slow")
        self.spent_s += self.takes_s if slow else 0.000_1
        self.taken.append(str(entity.unique_id))
        return False

    def clear(self) -> list[str]:
        taken, self.taken = self.taken, []
        return taken


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Processor:
    return Processor(monkeypatch)


def announce(registry: Registry, kind: str, count: int) -> None:
    for number in range(count):
        config = f'{{"unique_id": "{kind}{number}", "name": "{kind} {number}", "state_topic": "s"}}'
        registry.on_message(f"homeassistant/sensor/{kind}{number}/config", config.encode(), 0.0)


def test_a_message_costs_all_who_hear_it_a_few_seconds_at_most(processor: Processor) -> None:
    registry = Registry()
    announce(registry, "slow", LISTENERS)
    spent = []
    for second in range(60):
        before_s = processor.spent_s
        registry.on_message("s", b"1", float(second))
        spent.append(processor.spent_s - before_s)
    assert max(spent) < MESSAGE_S + 0.1
    assert sum(spent) < FULL_S + 60 * REFILL + 12 * MESSAGE_S
    assert sum(spent[-30:]) < 30 * REFILL + FULL_S / 2
    (report,) = {text.split(": ", 1)[1] for text in registry.surroundings.take_reports()}
    assert "takes too much time" in report


def test_who_is_cheap_always_hears(processor: Processor) -> None:
    registry = Registry()
    announce(registry, "slow", 500)
    announce(registry, "cheap", 500)
    for second in range(30):
        registry.on_message("s", b"1", float(second))
    processor.clear()
    registry.on_message("s", b"1", 30.0)
    cheap = [name for name in processor.clear() if name.startswith("cheap")]
    assert len(cheap) == 500


def test_who_was_slow_once_is_forgiven(processor: Processor) -> None:
    """The first message compiles; and a device that was changed may be quick again."""
    registry = Registry()
    announce(registry, "slow", 1)
    processor.takes_s = 0.2
    registry.on_message("s", b"1", 0.0)
    registry.on_message("s", b"1", 1.0)
    processor.takes_s = 0.02
    for second in range(2, 100):
        registry.on_message("s", b"1", float(second))
    assert len(processor.clear()) > 80
    processor.takes_s = CHEAP_S / 2
    registry.on_message("s", b"1", 100.0)
    (entity,) = registry
    assert entity.cost_s is not None
    assert entity.cost_s <= CHEAP_S


def test_who_was_only_kept_waiting_has_cost_nothing(
    processor: Processor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may be at work on the same processor."""
    waits_s = iter(range(1_000_000))
    monkeypatch.setattr(allowance, "perf_counter", lambda: float(next(waits_s)))
    registry = Registry()
    announce(registry, "held", 300)
    for second in range(30):
        registry.on_message("s", b"1", float(second))
    assert len(processor.clear()) == 30 * 300
