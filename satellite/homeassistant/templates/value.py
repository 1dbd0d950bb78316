"""A value template: from a message to the text that a platform compares."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from satellite.homeassistant.inbound import NO_JSON, InboundMessage, MessageDropped
from satellite.homeassistant.templates.subject import Subject
from satellite.homeassistant.templates.template import (
    BudgetExceeded,
    Template,
    TemplateBroken,
    TemplateFailed,
    compile_template,
)
from satellite.homeassistant.templates.this import names_of
from satellite.homeassistant.values import Value

MAX_OVERRUNS = 3
"""After so many renderings beyond a bound the template is not rendered again ..."""
FORGIVEN = 0.01
"""... unless a hundred succeeded since: on a busy machine any may take too long once."""

TEXT = "utf-8"

_RAW: Any = object()

__all__ = ["MessageDropped", "ValueTemplate", "payload_as_text"]


class ValueTemplate:
    """Turns a message into text the way Home Assistant does.

    Without a template the payload is the text. A template that fails as a template (something
    undefined, something forbidden) yields the raw payload, or the default that the platform
    passes; one that fails as Python (``'abc' | int``) drops the message.

    With an empty ``encoding`` a template gets bytes. Whatever is compared with words of the config
    is text nevertheless, in UTF-8.
    """

    __slots__ = ("_encoding", "_overruns", "_subject", "_template")

    def __init__(self, text: str | None, subject: Subject | None, encoding: str = TEXT) -> None:
        self._subject = subject
        self._encoding = encoding
        self._template: Template | None = None if text is None else compile_template(text)
        self._overruns = 0.0

    def __bool__(self) -> bool:
        return self._template is not None

    def render(self, message: InboundMessage) -> str:
        """The text; the raw payload when the template itself fails.

        Raises:
            MessageDropped: the message is to be ignored.
        """
        text: str = self._render(message, _RAW)
        return text

    def render_or_drop(self, message: InboundMessage) -> str:
        """The text; a template that fails drops the message.

        Raises:
            MessageDropped: the message is to be ignored.
        """
        text: str | None = self._render(message, None)
        if text is None:
            raise MessageDropped("")
        return text

    def _render(self, message: InboundMessage, fallback: Value) -> Value:
        template = self._template
        if template is None:
            return message.text(self._encoding or TEXT)
        if self._overruns >= MAX_OVERRUNS:
            raise MessageDropped("")
        message.check_size()
        value = message.text(self._encoding) if self._encoding else message.payload
        names: dict[str, Any] = {"value": value}
        value_json = message.json
        if value_json is not NO_JSON:
            names["value_json"] = value_json
        if template.uses_entity and self._subject is not None:
            names.update(names_of(self._subject))
        try:
            rendered = template.render(names)
        except BudgetExceeded as over:
            self._overruns += 1
            last = " It is not used any more." if self._overruns >= MAX_OVERRUNS else ""
            raise MessageDropped(f"a template is too expensive: {over}.{last}") from over
        except TemplateBroken:
            return message.text(self._encoding or TEXT) if fallback is _RAW else fallback
        except TemplateFailed as failed:
            raise MessageDropped(f"a template fails: {failed}") from failed
        if self._overruns:
            self._overruns = max(0.0, self._overruns - FORGIVEN)
        return rendered


@lru_cache(maxsize=16)
def payload_as_text(encoding: str) -> ValueTemplate:
    """No template: the payload is the text. It has no entity and is shared by all."""
    return ValueTemplate(None, None, encoding)
