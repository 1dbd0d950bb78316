"""From values to the bytes of a command."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from satellite.home.effects import Publish
from satellite.home.entities.spec import Spec
from satellite.home.services.service import CallError
from satellite.home.templates.template import Template, TemplateFailed, compile_template
from satellite.home.values import Value

if TYPE_CHECKING:
    from satellite.home.entities.entity import Entity

MAX_COMMAND_BYTES = 65_536
"""A command above this is a mistake or an attack."""


class Outbox:
    """Collects the commands of one call, with the entity's quality of service and retain flag."""

    def __init__(self, spec: Spec) -> None:
        self._qos: int = spec.config.get("qos", 0)
        self._retain: bool = spec.config.get("retain", False)
        self._encoding: str = spec.config.get("encoding", "utf-8")
        self._blocked = spec.surroundings.blocked_topic
        self._waiting: list[Publish] = []

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
        self._waiting.append(Publish(topic, payload, self._qos, self._retain))

    def take(self) -> list[Publish]:
        taken, self._waiting = self._waiting, []
        return taken


class CommandTemplate:
    """A command template bound to its entity; without one values pass as they are."""

    __slots__ = ("_entity", "_template")

    def __init__(self, text: str | None, entity: Entity) -> None:
        self._entity = entity
        self._template: Template | None = None if text is None else compile_template(text)

    def __bool__(self) -> bool:
        return self._template is not None

    def render(
        self, value: Value, variables: Mapping[str, Any] | None = None
    ) -> str | bytes | None:
        """The payload for ``value``: rendered, or its Python text when there is no template.

        Raises:
            CallError: the template fails.
        """
        if self._template is None:
            return value if value is None or isinstance(value, str | bytes) else str(value)
        names: dict[str, Any] = {"value": value, **(variables or {})}
        if self._template.uses_entity:
            names.update(self._entity.template_names())
        try:
            text = self._template.render(names)
        except TemplateFailed as failed:
            self._entity.report(f"a command template fails: {failed}")
            raise CallError(
                "service_validation_error",
                f"The command template of {self._entity.name} fails: {failed}",
                "command_template_error",
            ) from failed
        return _bytes_literal(text)


def _bytes_literal(text: str) -> str | bytes:
    """Text that is written like bytes of Python is sent as these bytes."""
    if text[:2] in ("b'", 'b"') and text[-1:] == text[1] and len(text) < MAX_COMMAND_BYTES:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
        return value if isinstance(value, bytes) else text
    return text
