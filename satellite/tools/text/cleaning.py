"""Makes untrusted texts harmless before the model or a person reads them.

Anyone who can publish below the discovery prefix chooses names, areas, options and states. They
reach the model as data only, bounded and without control characters; a name that reads like an
instruction (``prompt_injection``) is not passed on at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain, count

from satellite.homeassistant.names import visible
from satellite.tools.text.prompt_injection import reads_like_an_instruction

NAME_CHARS = 64
STATE_CHARS = 120
# Work on a hostile text stays small even before it is cut to its final length.
_RAW_CHARS = 1024
_UNSPOKEN = str.maketrans(dict.fromkeys('<>{}[]|\\`"“”„«»', " "))
"""Characters of markup and code, which a name can do without."""


def clean(text: object, limit: int = NAME_CHARS) -> str:
    """One line of visible characters, at most ``limit`` long, cut at a word where possible."""
    if not isinstance(text, str):
        return ""
    line = visible(text[:_RAW_CHARS])
    if len(line) <= limit:
        return text if line == text else line
    cut = line[:limit]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip()


def safe(text: object, limit: int = NAME_CHARS) -> str:
    """The cleaned text without markup, or "" when nothing is left or when it reads like an
    instruction. A long text is judged as a whole: the instruction may stand behind the cut."""
    whole = clean(text, _RAW_CHARS)
    if not whole or reads_like_an_instruction(whole):
        return ""
    return clean(whole.translate(_UNSPOKEN), limit)


def choices(raw: Iterable[str], limit: int) -> dict[str, str]:
    """Safe option -> option as the device wants it, in order, at most ``limit`` of them.

    Options that look the same without markup, or when they are cut, are numbered.
    """
    result: dict[str, str] = {}
    for option in dict.fromkeys(raw):
        if len(result) == limit:
            break
        if shown := safe(option, NAME_CHARS):
            numbered = (f"{shown} {number}" for number in count(2))
            result[next(one for one in chain([shown], numbered) if one not in result)] = option
    return result


def spoken_list(items: Iterable[str], most: int = 8) -> str:
    """``a``, ``a and b``, ``a, b and c``; a long list ends with ``and 5 more``."""
    names = list(items)
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


_FOLD = re.compile(r"[\W_]+")
_ARTICLES = frozenset({"the", "a", "an", "my", "our", "der", "die", "das", "le", "la", "les", "el"})


def fold(name: str) -> str:
    """A name for comparing: case, accents, separators and an article in front do not matter."""
    if name.isascii():
        plain = name.lower()
    else:
        apart = unicodedata.normalize("NFKD", name)
        plain = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
    parts = _FOLD.sub(" ", plain).split()
    if len(parts) > 1 and parts[0] in _ARTICLES:
        del parts[0]  # only in front: "Lamp A" is not "Lamp"
    return " ".join(parts)
