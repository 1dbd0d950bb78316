"""A command template: from the value of a call to the payload that is published."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from satellite.homeassistant.templates.subject import Subject
from satellite.homeassistant.templates.template import Template, compile_template
from satellite.homeassistant.templates.this import names_of
from satellite.homeassistant.values import Value

MAX_LITERAL_CHARS = 65_536


class CommandTemplate:
    """A command template bound to its entity."""

    __slots__ = ("_subject", "_template")

    def __init__(self, text: str, subject: Subject) -> None:
        self._subject = subject
        self._template: Template = compile_template(text)

    def __bool__(self) -> bool:
        return True

    def render(
        self, value: Value, variables: Mapping[str, Any] | None = None
    ) -> str | bytes | None:
        """The payload for ``value``.

        Raises:
            TemplateFailed: nothing may be sent.
        """
        names: dict[str, Any] = {"value": value, **(variables or {})}
        if self._template.uses_entity:
            names.update(names_of(self._subject))
        return _bytes_literal(self._template.render(names))


class _AsItIs(CommandTemplate):
    """No template: values are sent as Python writes them."""

    __slots__ = ()

    def __init__(self) -> None:
        """Has no entity and is shared by all."""

    def __bool__(self) -> bool:
        return False

    def render(
        self,
        value: Value,
        variables: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> str | bytes | None:
        return value if value is None or isinstance(value, str | bytes) else str(value)


AS_IT_IS: CommandTemplate = _AsItIs()


def _bytes_literal(text: str) -> str | bytes:
    """Text that is written like bytes of Python is sent as these bytes."""
    if text[:2] in ("b'", 'b"') and text[-1:] == text[1] and len(text) < MAX_LITERAL_CHARS:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
        return value if isinstance(value, bytes) else text
    return text
