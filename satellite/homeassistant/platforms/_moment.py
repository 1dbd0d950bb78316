"""Dates and times that can be set."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

from satellite.homeassistant.platforms._settable import Settable
from satellite.homeassistant.platforms._toggle import NONE_TEXT
from satellite.homeassistant.values import Value

MAX_MOMENT_CHARS = 40

_FORMATS = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y",
    "%d %B %Y %H:%M:%S", "%d %B %Y", "%d %b %Y", "%b %d %Y", "%a %b %d %H:%M:%S %Y",
    "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S", "%H:%M",
)  # fmt: skip
"""Other formats that devices use."""


def read_moment(value: str) -> datetime:
    """A date and time in ISO 8601 or another usual format.

    Raises:
        ValueError: it has none of them.
    """
    text = value.strip()
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    with suppress(ValueError, IndexError, TypeError, OverflowError):
        return parsedate_to_datetime(text)
    for layout in _FORMATS if len(text) <= MAX_MOMENT_CHARS else ():
        with suppress(ValueError):
            return datetime.strptime(text, layout)
    raise ValueError("not a moment")


class Moment(Settable):
    """A value that is sent in ISO 8601; a text that cannot be read changes nothing."""

    def read(self, value: str) -> Value:
        """The value of a text.

        Raises:
            ValueError: it cannot be read.
        """
        raise NotImplementedError

    def take_value(self, value: str) -> None:
        if not value:
            return
        if value == NONE_TEXT:
            self._value = None
            return
        try:
            self._value = self.read(value)
        except ValueError:
            return

    def set_value(self, value: Value) -> None:
        payload = self._command.render(value.isoformat(), {"value": value})
        self.send(self.config["command_topic"], payload)
        if self._optimistic:
            self._value = value

    @property
    def state(self) -> str | None:
        return None if self._value is None else str(self._value.isoformat())
