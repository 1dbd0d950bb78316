"""A home of a few lines for each test."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.registry.change import Change
from satellite.homeassistant.registry.registry import Registry


class Bench:
    """A registry with a clock that only the test moves."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = Registry() if registry is None else registry
        self.now_s = 0.0

    def send(self, topic: str, payload: object = b"", retained: bool = False) -> Change:
        if isinstance(payload, str):
            payload = payload.encode()
        elif not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        return self.registry.on_message(topic, payload, self.now_s, retained)

    def announce(self, platform: str, config: dict[str, Any], place: str = "x") -> Entity:
        """The entity of a config that must be accepted."""
        change = self.send(f"homeassistant/{platform}/{place}/config", config)
        assert change.refused is None, change.refused
        (entity,) = change.added or change.updated
        return entity

    def refusal(self, platform: str, config: object, place: str = "x") -> str:
        """The reason why a config is refused."""
        change = self.send(f"homeassistant/{platform}/{place}/config", config)
        assert not change.added
        assert change.refused is not None
        return change.refused


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def make_bench() -> type[Bench]:
    return Bench
