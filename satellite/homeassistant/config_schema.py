"""Checks and conversions of config values, as in the schemas of Home Assistant.

A ``Schema`` maps the long keys of a platform to checks. Unknown keys are dropped; a wrong value
refuses the whole component, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from satellite.core.mqtt_topics import check_publish_topic, check_subscribe_topic
from satellite.homeassistant.charsets import text_encoding
from satellite.homeassistant.shared import shared
from satellite.homeassistant.templates.errors import TemplateSyntax
from satellite.homeassistant.templates.template import compile_template
from satellite.homeassistant.values import Value

Check = Callable[[Any], Any]

MAX_LIST = 4_096
"""The most entries of a list in a config."""


class ConfigRefused(Exception):  # noqa: N818 - the same word as in the journal
    """A message or component that cannot be used; the text says why."""


# Checks: each takes what JSON holds and gives the value, or raises ValueError -----------------


def text(value: Value) -> str:
    """Text; numbers and booleans become Python's words for them (``True``, ``21.0``)."""
    if isinstance(value, str):
        return shared(value)
    if value is None or isinstance(value, list | dict):
        raise ValueError("must be a text")
    return shared(str(value))


def text_or_none(value: Value) -> str | None:
    return None if value is None else text(value)


def boolean(value: Value) -> bool:
    """True, yes, on, enable, 1 and their opposites, also as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower().strip()
        if word in {"1", "true", "yes", "on", "enable"}:
            return True
        if word in {"0", "false", "no", "off", "disable"}:
            return False
    elif isinstance(value, int | float):
        return value != 0
    raise ValueError("must be true or false")


def integer(value: Value) -> int:
    """A whole number; fractions are cut, text must be a whole number."""
    if isinstance(value, str | int | float):
        return int(value)
    raise ValueError("must be a whole number")


def strict_integer(value: Value) -> int:
    """A whole number that is written as one; some keys of Home Assistant take nothing else."""
    if isinstance(value, int):
        return int(value)
    raise ValueError("must be a whole number, not a text")


def number(value: Value) -> float:
    if isinstance(value, str | int | float):
        result = float(value)
        if result - result == 0:
            return result
    raise ValueError("must be a number")


def positive_integer(value: Value) -> int:
    result = integer(value)
    if result < 0:
        raise ValueError("must not be negative")
    return result


def at_least_one(value: Value) -> int:
    result = integer(value)
    if result < 1:
        raise ValueError("must be at least 1")
    return result


def subscribe_topic(value: Value) -> str:
    return check_subscribe_topic(text(value))


def publish_topic(value: Value) -> str:
    return check_publish_topic(text(value))


def template(value: Value) -> str:
    """A template that can be parsed; its text is kept (once), the compiled form elsewhere."""
    source = text(value)
    try:
        return compile_template(source).source
    except TemplateSyntax as wrong:
        raise ValueError(f"is no template: {wrong}") from wrong


def one_of(*options: str, lower: bool = False) -> Check:
    """One of some words."""
    allowed = frozenset(options)

    def check(value: Value) -> str:
        word = text(value)
        word = word.lower() if lower else word
        if word not in allowed:
            raise ValueError(f"{word[:40]!r} is not one of {', '.join(sorted(allowed))[:200]}")
        return word

    return check


def none_or(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def list_of(check: Check) -> Check:
    """A list; a single value counts as a list of one, null as an empty one."""

    def checked(value: Value) -> list[Any]:
        entries = value if isinstance(value, list) else [] if value is None else [value]
        if len(entries) > MAX_LIST:
            raise ValueError(f"has more than {MAX_LIST} entries")
        return [check(entry) for entry in entries]

    return checked


def device_class(*options: str) -> Check:
    return none_or(one_of(*options, lower=True))


def quality_of_service(value: Value) -> int:
    level = integer(value)
    if level not in (0, 1, 2):
        raise ValueError("must be 0, 1 or 2")
    return level


def encoding(value: Value) -> str:
    """An encoding of texts; an empty one means that payloads are bytes."""
    name = text(value)
    return text_encoding(name) if name else ""


def regex(value: Value) -> str:
    """A regular expression of at most 512 characters."""
    pattern = text(value)
    if len(pattern) > 512:
        raise ValueError("is too long")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as wrong:
        raise ValueError(f"is no regular expression: {wrong}") from wrong
    return pattern


def icon(value: Value) -> str:
    name = text(value)
    if ":" not in name:
        raise ValueError("must look like mdi:name")
    return name


def _availability_entry(value: Value) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be objects with a topic")
    checked: dict[str, Any] = {}
    for key, check in _AVAILABILITY.items():
        if key in value:
            checked[key] = check(value[key])
    if "topic" not in checked:
        raise ValueError("each entry needs a topic")
    return checked


_AVAILABILITY: Mapping[str, Check] = {
    "topic": subscribe_topic,
    "payload_available": text,
    "payload_not_available": text,
    "value_template": template,
}

COMMON: Mapping[str, Check] = {
    "availability": list_of(_availability_entry),
    "availability_mode": one_of("all", "any", "latest"),
    "availability_template": template,
    "availability_topic": subscribe_topic,
    "default_entity_id": text,
    "enabled_by_default": boolean,
    "encoding": encoding,
    "entity_category": one_of("config", "diagnostic"),
    "entity_picture": text,
    "group": list_of(text),
    "icon": icon,
    "json_attributes_template": template,
    "json_attributes_topic": subscribe_topic,
    "message_expiry_interval": positive_integer,
    "name": text_or_none,
    "object_id": text,
    "payload_available": text,
    "payload_not_available": text,
    "qos": quality_of_service,
    "retain": boolean,
    "unique_id": text,
    "visible_by_default": boolean,
}
"""Keys that every platform knows."""
_UNREAD = ("entity_picture", "message_expiry_interval")
"""Keys that are checked and then dropped."""


@dataclass(frozen=True)
class Schema:
    """The keys of one platform.

    ``fields`` are its own keys, ``defaults`` what absent ones stand for, ``required`` must be
    there, and ``rules`` look at the whole (each raises ``ConfigRefused``).
    """

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Callable[[dict[str, Any]], None], ...] = ()

    @cached_property
    def command_keys(self) -> tuple[str, ...]:
        """The keys that hold command topics."""
        return tuple(key for key, check in self.fields.items() if check is publish_topic)

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The config with everything checked and defaults filled in.

        Raises:
            ConfigRefused: a value is wrong, missing, or contradicts another.
        """
        checked = dict(self.defaults)
        own, common = self.fields, COMMON
        for key, value in config.items():
            check = own.get(key) or common.get(key)
            if check is None:
                continue
            try:
                checked[key] = check(value)
            except (ValueError, TypeError, OverflowError) as wrong:
                raise ConfigRefused(f"{key}: {wrong}"[:300]) from wrong
        for key in self.required:
            if key not in checked:
                raise ConfigRefused(f"{key} is missing")
        if "availability_topic" in checked and "availability" in checked:
            raise ConfigRefused("availability and availability_topic exclude each other")
        for rule in self.rules:
            rule(checked)
        for key in _UNREAD:
            checked.pop(key, None)
        return checked


def fields(check: Check, keys: Iterable[str] | str) -> dict[str, Check]:
    """The same check for several keys (given as one text with blanks)."""
    return dict.fromkeys(keys.split() if isinstance(keys, str) else keys, check)


def needs_topic(**pairs: str) -> Callable[[dict[str, Any]], None]:
    """A rule: each key (a template) makes no sense without the other (its topic)."""

    def rule(config: dict[str, Any]) -> None:
        for key, topic in pairs.items():
            if key in config and topic not in config:
                raise ConfigRefused(f"{key} needs {topic}")

    return rule
