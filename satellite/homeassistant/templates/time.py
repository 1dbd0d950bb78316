"""Times in templates, with the rules of Home Assistant."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from typing import Any

from satellite.homeassistant.templates.errors import BudgetExceeded
from satellite.homeassistant.values import Value

NO_DEFAULT: Any = object()
MAX_FORMAT_CHARS = 128
"""``strftime`` may grow each directive; the longest useful format is far shorter."""


_PADDED = re.compile(r"%[-_0^#+]*[1-9]")
"""Field widths, which the C library knows: ``%99999d``."""


datetime.strptime("", "")  # loads what it needs now, not within the time limit of a template


class Clock:
    """Where templates get the time from; the daemon sets the zone, tests set the clock."""

    zone: tzinfo = UTC
    read: Callable[[], datetime] = staticmethod(lambda: datetime.now(UTC))


def no_default(function: str, value: Value) -> ValueError:
    return ValueError(
        f"{function} got invalid input '{str(value)[:60]}' but no default was specified"
    )


def now() -> datetime:
    return Clock.read().astimezone(Clock.zone)


def utcnow() -> datetime:
    return Clock.read().astimezone(UTC)


def parse_datetime(text: str) -> datetime | None:
    """ISO 8601 in its usual forms; without an offset none is assumed."""
    if len(text) > MAX_FORMAT_CHARS:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def as_datetime(value: Value, default: Value = NO_DEFAULT) -> Value:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, clock_time())
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        pass
    parsed = parse_datetime(str(value))
    if parsed is None:
        if default is NO_DEFAULT:
            raise no_default("as_datetime", value)
        return default
    return parsed


def as_timestamp(value: Value, default: Value = NO_DEFAULT) -> Value:
    if hasattr(value, "timestamp"):
        return value.timestamp()
    parsed = parse_datetime(str(value))
    if parsed is None:
        if default is NO_DEFAULT:
            raise no_default("as_timestamp", value)
        return default
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=Clock.zone)).timestamp()


def as_local(value: datetime) -> datetime:
    if value.tzinfo is None:
        value = value.replace(tzinfo=Clock.zone)
    return value.astimezone(Clock.zone)


def as_timedelta(value: Value) -> timedelta | None:
    """``HH:MM:SS``, ``D HH:MM:SS`` or a number of seconds."""
    text = str(value)[:MAX_FORMAT_CHARS].strip()
    days, _, rest = text.rpartition(" ")
    try:
        parts = [float(part) for part in rest.split(":")]
        if len(parts) > 3:
            return None
        hours, minutes, seconds = ([0.0] * (3 - len(parts)) + parts)[:3]
        whole_days = float(days.removesuffix("days").removesuffix("day") or 0) if days else 0.0
        return timedelta(days=whole_days, hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return None


def checked_format(date_format: Value) -> str:
    text = str(date_format)
    if len(text) > MAX_FORMAT_CHARS or _PADDED.search(text):
        raise BudgetExceeded("it uses a very long date format")
    return text


def strftime(value: Value, date_format: Value) -> str:
    """``value.strftime`` with a bounded format."""
    text: str = value.strftime(checked_format(date_format))
    return text


def timestamp_custom(
    value: Value,
    date_format: str = "%Y-%m-%d %H:%M:%S",
    local: bool = True,
    default: Value = NO_DEFAULT,
) -> Value:
    try:
        moment = _from_timestamp(value)
        return strftime(as_local(moment) if local else moment, date_format)
    except (ValueError, TypeError, OverflowError, OSError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("timestamp_custom", value) from wrong
        return default


def timestamp_local(value: Value, default: Value = NO_DEFAULT) -> Value:
    try:
        return as_local(_from_timestamp(value)).isoformat()
    except (ValueError, TypeError, OverflowError, OSError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("timestamp_local", value) from wrong
        return default


def timestamp_utc(value: Value, default: Value = NO_DEFAULT) -> Value:
    try:
        return _from_timestamp(value).isoformat()
    except (ValueError, TypeError, OverflowError, OSError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("timestamp_utc", value) from wrong
        return default


def _from_timestamp(value: Value) -> datetime:
    if isinstance(value, str):
        raise TypeError("a text is no timestamp")
    return datetime.fromtimestamp(value, UTC)


def strptime(text: Value, date_format: Value, default: Value = NO_DEFAULT) -> Value:
    if isinstance(text, str) and len(text) > MAX_FORMAT_CHARS:
        raise BudgetExceeded("it reads a date from a very long text")
    try:
        return datetime.strptime(text, checked_format(date_format))
    except (ValueError, AttributeError, TypeError) as wrong:
        if default is NO_DEFAULT:
            raise no_default("strptime", text) from wrong
        return default


def today_at(text: str = "") -> datetime:
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    if not text:
        return today
    at = clock_time.fromisoformat(text)
    return today.replace(hour=at.hour, minute=at.minute, second=at.second)


_SPANS = (
    ("year", 365 * 86_400),
    ("month", 30 * 86_400),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)


def relative_time(value: Value) -> Value:
    """How long ago, in the largest whole unit; what is no past moment passes unchanged."""
    if not isinstance(value, datetime):
        return value
    seconds = int((now() - as_local(value)).total_seconds())
    if seconds < 0:
        return value
    for name, length_s in _SPANS:
        if seconds >= length_s or name == "second":
            count = seconds // length_s
            return f"{count} {name}{'' if count == 1 else 's'}"
    return value
