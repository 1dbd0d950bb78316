"""Topics and filters as MQTT defines them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.homeassistant.topics import (
    check_publish_topic,
    check_subscribe_topic,
    filter_matches,
)


@pytest.mark.parametrize("topic", ["", "a\0b", "a\nb", "x" * 70_000, "a\ufffeb"])
def test_impossible_topics(topic: str) -> None:
    with pytest.raises(ValueError, match="topic"):
        check_subscribe_topic(topic)


@pytest.mark.parametrize("topic", ["a/+/b", "#", "a+b"])
def test_nobody_publishes_on_wildcards(topic: str) -> None:
    with pytest.raises(ValueError, match="wildcards"):
        check_publish_topic(topic)


@pytest.mark.parametrize("topic", ["a+/b", "a/#/b", "a#"])
def test_misplaced_wildcards(topic: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_subscribe_topic(topic)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "matches"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/c/d", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("+/b", "a/b", True),
        ("+/b", "$SYS/b", False),
        ("#", "$SYS/b", False),
        ("$SYS/#", "$SYS/b", True),
        ("a/+", "a/", True),
        ("+", "a/b", False),
    ],
)
def test_matching(topic_filter: str, topic: str, matches: bool) -> None:
    assert filter_matches(topic_filter, topic) is matches


@given(st.lists(st.text("ab", max_size=2), min_size=1, max_size=5))
def test_every_topic_matches_itself_and_all(levels: list[str]) -> None:
    topic = "/".join(levels)
    assert filter_matches(topic, topic)
    assert filter_matches("#", topic)
    assert filter_matches("/".join("+" for _ in levels), topic)
