"""Topics and filters as MQTT defines them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core.mqtt_topics import (
    check_filter,
    check_publish_topic,
    check_subscribe_topic,
    check_topic,
    filter_matches,
    reaches,
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


LEVEL = st.sampled_from(["a", "b", "satellite", "kitchen", "+"])
FILTER = st.lists(LEVEL, min_size=1, max_size=4).map("/".join) | st.lists(LEVEL, max_size=3).map(
    lambda levels: "/".join([*levels, "#"])
)


@given(FILTER, st.lists(st.sampled_from(["a", "b", "state"]), max_size=3))
def test_a_filter_that_can_match_an_own_topic_reaches_it(
    topic_filter: str, below: list[str]
) -> None:
    topic = "/".join(["satellite/kitchen", *below])
    if filter_matches(topic_filter, topic):
        assert reaches(topic_filter, "satellite/kitchen")


@pytest.mark.parametrize("topic", ["satellite/other/state", "a/#", "satellite", "+/b/state", "+"])
def test_filters_for_others_do_not_reach_it(topic: str) -> None:
    assert not reaches(topic, "satellite/kitchen")


@pytest.mark.parametrize(
    "topic", ["", "a\0b", "a\nb", "a/#/b", "a+", "$share/g/a", "/".join("a" * 201), "a" * 65_536]
)
def test_a_filter_that_costs_the_connection_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match=r"topic|must|shared"):
        check_filter(topic)


@pytest.mark.parametrize("topic", ["a/+", "#", "$SYS/broker", "a\x7fb", "/".join("a" * 201)])
def test_a_topic_that_no_broker_takes_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="topic"):
        check_topic(topic)


def test_good_ones_pass() -> None:
    for topic in ("a", "zigbee2mqtt/Upstairs/Hall lamp", "küche/licht", "/a//b"):
        assert check_topic(topic) == topic
        assert check_filter(topic) == topic
    assert check_filter("a/+/#") == "a/+/#"
