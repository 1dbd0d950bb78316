"""Dates and times that can be set."""

from __future__ import annotations

from satellite.home.platforms._settable import Settable
from satellite.home.platforms._toggle import NONE_TEXT
from satellite.home.values import Value


class Moment(Settable):
    """A value that is written in ISO 8601; what cannot be read changes nothing."""

    def read(self, value: str) -> Value:
        """The value behind a text.

        Raises:
            ValueError: it is none.
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
        self.send(self.config["command_topic"], self._command.render(value.isoformat()))
        if self._optimistic:
            self._value = value

    @property
    def state(self) -> str | None:
        return None if self._value is None else str(self._value.isoformat())
