"""One object for the same text, where thousands of things carry the same few."""

from __future__ import annotations

MOST = 1_024
LONGEST = 256

_seen: dict[str, str] = {}
_sets: dict[frozenset[str], frozenset[str]] = {}


def shared(text: str) -> str:
    """The same text, and the same object if it was seen lately.

    A home of 2,000 entities says "sensor", "Kitchen" and "{{ value_json.temperature }}" hundreds
    of times. Interning would keep every text for ever; here old ones are forgotten.
    """
    if len(text) > LONGEST:
        return text
    known = _seen.get(text)
    if known is not None:
        return known
    if len(_seen) >= MOST:
        _seen.clear()
    _seen[text] = text
    return text


def shared_set(words: frozenset[str]) -> frozenset[str]:
    """The same for sets, such as the features of lamps of one make."""
    if len(_sets) >= MOST:
        _sets.clear()
    return _sets.setdefault(words, words)
