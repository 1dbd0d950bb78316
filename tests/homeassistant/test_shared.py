"""The same text is the same object, and old ones are forgotten."""

from __future__ import annotations

from satellite.homeassistant import shared as module
from satellite.homeassistant.shared import LONGEST, MOST, shared, shared_set


def fresh(text: str) -> str:
    """Equal to a text, but not the same object."""
    return "".join(list(text))


def test_equal_texts_become_one() -> None:
    first = shared(fresh("zigbee2mqtt/bridge/state"))
    assert shared(fresh("zigbee2mqtt/bridge/state")) is first
    features = shared_set(frozenset({"on", "off"}))
    assert shared_set(frozenset({"off", "on"})) is features


def test_what_is_long_or_old_is_not_kept() -> None:
    long = "x" * (LONGEST + 1)
    assert shared(long) is long
    for number in range(3 * MOST):
        assert shared(str(number)) == str(number)
        shared_set(frozenset({str(number)}))
    assert len(module._seen) <= MOST
    assert len(module._sets) <= MOST
