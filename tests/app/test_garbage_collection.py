"""The collector looks at little at a time, and yet nothing that is garbage stays for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from satellite.app.garbage_collection import LEAST, THRESHOLDS, CollectionPolicy


@pytest.fixture
def speaking() -> list[bool]:
    """Holds something while the satellite speaks."""
    return []


@pytest.fixture
def policy(speaking: list[bool]) -> Iterator[CollectionPolicy]:
    """At work, with the collections started by the test alone."""
    before = gc.get_threshold()
    gc.disable()
    gc.collect()
    policy = CollectionPolicy(lambda: bool(speaking))
    gc.callbacks.append(policy)
    try:
        yield policy
    finally:
        gc.callbacks.remove(policy)
        gc.unfreeze()
        gc.set_threshold(*before)
        gc.enable()


class Ring:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_survives_is_not_looked_at_again(policy: CollectionPolicy) -> None:
    old = [Ring() for _ in range(1000)]
    gc.collect()
    assert len(gc.get_objects()) < 1000
    assert gc.get_freeze_count() > 1000
    assert len(old) == 1000


def test_what_becomes_garbage_after_it_was_set_aside_goes_in_the_end(
    policy: CollectionPolicy,
) -> None:
    ring = Ring()
    there = weakref.ref(ring)
    gc.collect()
    del ring
    gc.collect()
    assert there() is not None, "then this test shows nothing"
    for _ in range(100 * LEAST):
        gc.collect()
        if there() is None:
            return
    raise AssertionError("it stays for ever")


def test_all_is_not_looked_at_while_it_speaks(
    policy: CollectionPolicy, speaking: list[bool]
) -> None:
    """A quarter of a second for 2,000 devices on a slow core, and nothing else runs meanwhile."""
    ring = Ring()
    there = weakref.ref(ring)
    gc.collect()
    del ring
    speaking.append(True)
    for _ in range(100 * LEAST):
        gc.collect()
    assert there() is not None
    speaking.clear()
    for _ in range(3):
        gc.collect()
    assert there() is None


def test_fresh_garbage_goes_at_once(policy: CollectionPolicy) -> None:
    ring = Ring()
    there = weakref.ref(ring)
    del ring
    gc.collect()
    assert there() is None


def test_full_collections_are_small(policy: CollectionPolicy) -> None:
    assert gc.get_threshold() == THRESHOLDS
