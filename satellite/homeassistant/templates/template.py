"""Templates of discovery messages: compile once, render often, never trust.

Most templates are a single path (``{{ value_json.a.b }}``); those become plain look-ups and never
touch Jinja. Everything else runs in a sandbox with a limit of time (``rendering``), which is
imported when the first such template arrives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from satellite.homeassistant.templates.errors import (
    BudgetExceeded,
    TemplateBroken,
    TemplateFailed,
    TemplateSyntax,
)
from satellite.homeassistant.templates.paths import compile_path
from satellite.homeassistant.templates.text_cache import TextCache

__all__ = [
    "BudgetExceeded",
    "Template",
    "TemplateBroken",
    "TemplateFailed",
    "TemplateSyntax",
    "compile_template",
]

MAX_TEMPLATE_CHARS = 8_192
"""The largest template seen in the field has 1,500 characters."""
MAX_SIGNS = 2_500
"""Words and other signs of a template: each takes some 40 µs to compile on a PC. A table of two
hundred entries has 1,600."""
MAX_RESULT_CHARS = 262_144
"""A rendered text above this is dropped."""
MAX_CACHED_CHARS = 1_000_000
"""Of all cached template texts together; homes repeat the same few."""

_SIGN = re.compile(r"\w+|[^\w\s]")
_MARKS = re.compile(r"\{\{|\{%|\{#")
_ENTITY_WORDS = re.compile(
    r"\b(?:this|entity_id|name|states|state_attr|is_state|is_state_attr|has_value)\b"
)


Renderer = Callable[[Mapping[str, Any]], str]
"""Renders a template: a path, a constant, or Jinja."""


class Template:
    """One compiled template.

    ``uses_entity`` tells whether it wants to know of its entity (``this``, ``entity_id``,
    ``state_attr``, ...); ``plain`` whether it runs without Jinja.
    """

    __slots__ = ("_render", "plain", "source", "uses_entity")

    def __init__(self, source: str, render: Renderer, plain: bool) -> None:
        self.source = source
        self.plain = plain
        self.uses_entity = not plain and _ENTITY_WORDS.search(source) is not None
        self._render = render

    def render(self, names: Mapping[str, Any]) -> str:
        """The text for these variables, without blanks around it.

        Raises:
            TemplateBroken: the template itself fails (something undefined or forbidden).
            TemplateFailed: Python fails inside it (a text that is no number).
            BudgetExceeded: it needs too much time or memory.
        """
        text = self._render(names).strip()
        if len(text) > MAX_RESULT_CHARS:
            raise BudgetExceeded(f"its result has {len(text)} characters")
        if not text.isascii():
            _check_whole(text)
        return text


def _check_whole(text: str) -> None:
    """Raises TemplateFailed for half of a surrogate pair, which cannot be encoded."""
    try:
        text.encode()
    except UnicodeEncodeError as wrong:
        raise TemplateFailed("its result holds half of a character") from wrong


_cache: TextCache[Template] = TextCache(MAX_CACHED_CHARS)


def compile_template(source: str) -> Template:
    """The compiled template, from the cache when this text was seen before.

    Raises:
        TemplateSyntax: it is no template: a syntax error, an unknown filter or test.
    """
    known = _cache.get(source)
    if known is not None:
        return known
    template = _compile(source.strip())
    _cache.put(source, template)
    return template


def _compile(source: str) -> Template:
    if not _MARKS.search(source):
        return Template(source, lambda _: source, plain=True)
    path = compile_path(source, sandboxed)
    if path is not None:
        return Template(source, path, plain=True)
    if len(source) > MAX_TEMPLATE_CHARS or len(_SIGN.findall(source)) > MAX_SIGNS:
        return Template(source, _too_long, plain=False)
    return Template(source, sandboxed(source), plain=False)


def sandboxed(source: str) -> Renderer:
    """The template in Jinja's sandbox; this is what imports Jinja."""
    from satellite.homeassistant.templates.rendering import sandbox_template

    return sandbox_template(source)


def _too_long(names: Mapping[str, Any]) -> str:  # noqa: ARG001
    raise BudgetExceeded(f"it has more than {MAX_TEMPLATE_CHARS} characters or {MAX_SIGNS} signs")
