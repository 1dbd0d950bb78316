"""The commands of one call, as bytes on their topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from satellite.homeassistant.effects import Publish
from satellite.homeassistant.services.service import CallError

MAX_COMMAND_BYTES = 65_536
"""A longer command is refused."""


class CommandList:
    """Collects the commands of one call, with the entity's quality of service and retain flag.

    ``config`` is the entity's; ``blocked`` says why a topic must not be written, or None.
    """

    def __init__(self, config: Mapping[str, Any], blocked: Callable[[str], str | None]) -> None:
        self._qos: int = config.get("qos", 0)
        self._retain: bool = config.get("retain", False)
        self._encoding: str = config.get("encoding", "utf-8")
        self._blocked = blocked
        self.messages: list[Publish] = []

    def add(self, topic: str | None, payload: str | bytes | None) -> None:
        """Queue one command.

        Nothing is sent without topic or payload, nor text for an entity whose encoding is empty
        (Home Assistant sends only bytes for those).

        Raises:
            CallError: the topic must not be written, or the payload is too long.
        """
        if not topic or payload is None:
            return
        reason = self._blocked(topic)
        if reason:
            raise CallError("blocked_topic", f"Its command topic is blocked: {reason}")
        if isinstance(payload, str):
            if not self._encoding:
                return
            try:
                payload = payload.encode(self._encoding)
            except (UnicodeEncodeError, LookupError) as wrong:
                raise CallError("home_assistant_error", f"Cannot encode it: {wrong}") from wrong
        if len(payload) > MAX_COMMAND_BYTES:
            raise CallError("home_assistant_error", "The command would be too long")
        self.messages.append(Publish(topic, payload, self._qos, self._retain))
