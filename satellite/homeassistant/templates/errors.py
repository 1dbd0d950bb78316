"""How templates fail."""

from __future__ import annotations


class TemplateSyntax(ValueError):  # noqa: N818
    """Not a template at all: the discovery message is refused."""


class TemplateFailed(Exception):  # noqa: N818
    """Rendering fails; the message is dropped."""


class TemplateBroken(TemplateFailed):
    """The template itself fails (undefined, forbidden); Home Assistant then uses the payload."""


class BudgetExceeded(TemplateFailed):
    """It needs too much time or memory; the message is dropped and reported."""
