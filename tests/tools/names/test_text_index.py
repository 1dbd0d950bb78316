"""Texts to targets, against the plain way of keeping them."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from satellite.tools.names.targets import Target
from satellite.tools.names.text_index import TextIndex

TARGETS = [cast("Target", object()) for _ in range(4)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(range(4)))))
def test_every_target_of_a_text_in_the_order_of_arrival(steps: list[tuple[str, int]]) -> None:
    index = TextIndex()
    plain: dict[str, list[Any]] = {}
    for text, number in steps:
        target = TARGETS[number]
        if target in plain.get(text, ()):
            continue  # a directory names each once
        index.add(text, target)
        plain.setdefault(text, []).append(target)
    assert sorted(index) == sorted(plain)
    for text in "abc":
        assert list(index.get(text)) == plain.get(text, [])


def test_the_same_twice_is_there_once() -> None:
    index = TextIndex()
    index.add("a", TARGETS[0])
    index.add("a", TARGETS[0])
    assert list(index.get("a")) == [TARGETS[0]]
