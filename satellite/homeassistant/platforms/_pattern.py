"""Regular expressions that devices announce for their texts and codes."""

from __future__ import annotations

from satellite.homeassistant.templates.errors import TemplateFailed
from satellite.homeassistant.templates.regex import regex_match
from satellite.homeassistant.templates.time_limit import limited

MAX_MATCH_S = 0.1
"""An honest pattern takes microseconds; one that backtracks without end is taken not to match."""


def matches(text: str, pattern: str) -> bool:
    """Whether the beginning of ``text`` matches, within ``MAX_MATCH_S``."""
    try:
        return limited(lambda: regex_match(text, pattern), MAX_MATCH_S, "the pattern")
    except TemplateFailed:
        return False
