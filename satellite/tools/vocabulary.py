"""The names of a home as words for the recogniser that writes down what people say.

Publishers choose these names, and a recogniser hears more readily what it expects. So none of them
may be an answer to a question or a code: nobody is to be heard saying yes because a lamp has that
name.
"""

from __future__ import annotations

from collections.abc import Iterator

from satellite.tools.catalog import Catalog
from satellite.tools.confirmation.answer import SpokenAnswer, read_answer
from satellite.tools.names.targets import Target
from satellite.tools.text.cleaning import fold, safe
from satellite.tools.text.spoken_digits import codes_in

MAX_NAMES = 100
MAX_CHARS = 800
"""whisper-1 reads 224 tokens of a prompt, which is about as much."""
LONGEST_CHARS = 40
"""Nobody says a longer name."""


def vocabulary(catalog: Catalog) -> tuple[str, ...]:
    """Names of devices and areas: first of what can be commanded, then of what can be read."""
    found: dict[str, str] = {}
    chars = 0
    for name in _names(catalog):
        key = fold(name)
        if key in found or not _harmless(name, catalog):
            continue
        chars += len(name) + 2
        if len(found) == MAX_NAMES or chars > MAX_CHARS:
            break
        found[key] = name
    return tuple(found.values())


def _names(catalog: Catalog) -> Iterator[str]:
    targets = catalog.name_index.targets
    by_use = [one for one in targets if _commanded(one)] + [
        one for one in targets if not _commanded(one) and one.entity.traits.readable
    ]
    areas: dict[str, None] = {}
    for target in by_use:
        yield from target.names
        areas |= dict.fromkeys(target.areas)
    yield from areas


def _commanded(target: Target) -> bool:
    return target.entity.traits.commandable and not target.read_only


def _harmless(name: str, catalog: Catalog) -> bool:
    if len(name) > LONGEST_CHARS or safe(name) != name or codes_in(name):
        return False
    rules = catalog.rules
    return read_answer(name, rules.language, rules.yes_words) is SpokenAnswer.NEITHER
