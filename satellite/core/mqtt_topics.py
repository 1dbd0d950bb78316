"""Rules of MQTT topics and filters."""

from __future__ import annotations

MAX_TOPIC_BYTES = 65_535
"""Limit of the protocol (MQTT 3.1.1 section 4.7.3)."""
MAX_LEVELS = 200
"""Mosquitto ends the connection of a client that subscribes or publishes deeper than this."""


def _check(text: str) -> str:
    """What every topic and filter must be.

    Raises:
        ValueError: empty, too long, or with characters that brokers may refuse.
    """
    if not text:
        raise ValueError("a topic must not be empty")
    if len(text) * 4 > MAX_TOPIC_BYTES and len(text.encode("utf-8", "replace")) > MAX_TOPIC_BYTES:
        raise ValueError("a topic must not be longer than 65535 bytes")
    if not (text.isascii() and text.isprintable()):
        _check_characters(text)
    return text


def _check_characters(text: str) -> None:
    for character in text:
        code = ord(character)
        if code < 0x20 or 0x7F <= code <= 0x9F:
            raise ValueError("a topic must not hold control characters")
        if 0xD800 <= code <= 0xDFFF or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
            raise ValueError("a topic must not hold characters that are none")


def check_subscribe_topic(text: str) -> str:
    """A filter to subscribe: ``+`` for a whole level, ``#`` for the rest."""
    text = _check(text)
    if "+" in text or "#" in text:
        levels = text.split("/")
        for index, level in enumerate(levels):
            if "+" in level and level != "+":
                raise ValueError("+ must stand for a whole level of a topic")
            if "#" in level and (level != "#" or index != len(levels) - 1):
                raise ValueError("# must be the last level of a topic")
    return text


def check_publish_topic(text: str) -> str:
    """A topic to publish on: no wildcards."""
    text = _check(text)
    if "+" in text or "#" in text:
        raise ValueError("wildcards must not be used in a topic to publish on")
    return text


def has_wildcard(topic_filter: str) -> bool:
    return "+" in topic_filter or "#" in topic_filter


def filter_matches(topic_filter: str, topic: str) -> bool:
    """MQTT 3.1.1 section 4.7; wildcards at the start never match ``$`` topics."""
    if topic_filter == topic:
        return True
    if topic[:1] == "$" and topic_filter[:1] in "+#":
        return False
    wanted, given = topic_filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(given) or (level != "+" and level != given[index]):
            return False
    return len(wanted) == len(given)


def reaches(topic_filter: str, base: str) -> bool:
    """Whether a filter (or topic) can match anything at or below ``base``."""
    levels = topic_filter.split("/")
    for index, own in enumerate(base.split("/")):
        if index >= len(levels):
            return False
        if levels[index] == "#":
            return True
        if levels[index] not in ("+", own):
            return False
    return True


def check_filter(topic_filter: str) -> str:
    """A filter that a broker takes; a bad one would cost the connection, again and again.

    Raises:
        ValueError: says what is wrong with it.
    """
    check_subscribe_topic(topic_filter)
    if topic_filter.startswith("$share/"):
        raise ValueError("a shared subscription would take messages away from others")
    return _check_depth(topic_filter)


def check_topic(topic: str) -> str:
    """A topic that a broker takes for publishing. Raises ValueError that says what is wrong."""
    check_publish_topic(topic)
    if topic.startswith("$"):
        raise ValueError("topics that begin with $ belong to the broker")
    return _check_depth(topic)


def _check_depth(topic: str) -> str:
    if topic.count("/") >= MAX_LEVELS:
        raise ValueError(f"a topic must not have more than {MAX_LEVELS} levels")
    return topic
