"""Texts that strangers wrote: made harmless before a model or a person reads them.

Anyone who can publish below the discovery prefix chooses names, areas, options and states. They
reach the model as data only, bounded and without control characters; a name that reads like an
instruction is not passed on at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

NAME_CHARS = 64
STATE_CHARS = 120
# Work on a hostile text stays small even before it is cut to its final length.
_RAW_CHARS = 1024
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_BLANK = frozenset({"Zl", "Zp", "Zs"})

_ORDERS = r"""
    \b(?:ignore|disregard|pretend|obey|jailbreak)\b
    | \b(?:forget|override|bypass|skip)\s+(?:all|any|every|your|the|previous|safety|rules?)\b
    | \b(?:instructions?|prompts?)\b
    | \b(?:system|developer|assistant|user)\s*(?:message|prompt|role|:)
    | \byou\s+(?:are|must|should|will|may|can|have\s+to|need\s+to)\b
    | \b(?:always|never|immediately|please|now|then|and)\s+
        (?:call|unlock|open|disarm|say|tell|ask|run|execute|answer|confirm|reply|require)\b
    | \b(?:do\s+not|don'?t)\s+\w+
    | \b(?:call|run|execute|use)\s+(?:the\s+)?(?:function|tool)
    | \b(?:set_(?:power|light|cover|lock|climate|fan|alarm)|confirmation_id)\b
    | \b(?:ignorier|vergiss|anweisung|befolge|ignorez|oublie[rz]?|ignora\b|instruc[ct]i|istruzion)
    """
_MARKUP = r"<[|/!a-zA-Z]|\|>|```|\{\{|\{%|\[/?INST|#{3}|https?://|[{}]"
# A sentence ends and another begins; abbreviations ("St. John lamp") are short.
_SENTENCES = r"\w{4,}[.;]\s+\w+\s+\w+|[!?;]\s*\w+\s+\w+|\w{3,}:\s+\w+\s+\w+\s+\w+"
_MANY_WORDS = 10


def clean(text: object, limit: int = NAME_CHARS) -> str:
    """One line of visible characters, at most ``limit`` long, cut at a word where possible."""
    if not isinstance(text, str):
        return ""
    if text.isascii() and text.isprintable() and len(text) <= limit:
        line = " ".join(text.split())
        return text if line == text else line  # nearly every name: nothing to change
    normal = unicodedata.normalize("NFC", text[:_RAW_CHARS])
    kept: list[str] = []
    for char in normal:
        category = unicodedata.category(char)
        if char in "\t\r\n" or category in _BLANK:
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(char)
    line = " ".join("".join(kept).split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip()


def reads_like_an_order(text: str) -> bool:
    """True when a (cleaned) name could be taken for an instruction by a language model."""
    if len(text.split()) > _MANY_WORDS or _mixes_scripts(text):
        return True
    return any(pattern.search(text) for pattern in _suspicions())


def _mixes_scripts(text: str) -> bool:
    """Whether Latin and Cyrillic or Greek letters stand in one word, to look like another word."""
    if text.isascii():
        return False
    return any(
        len({script for letter in word if (script := _script(letter))}) > 1 for word in text.split()
    )


def _script(letter: str) -> str:
    """The script of a letter that has twins in others, else nothing; signs are of none."""
    if not letter.isalpha() or letter in "µΩ\u2126":
        return ""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return script if script in ("LATIN", "CYRILLIC", "GREEK") else ""


@cache
def _suspicions() -> tuple[re.Pattern[str], ...]:
    """Compiled when the first name arrives: starting to listen does not wait for them."""
    orders = re.compile(_ORDERS, re.IGNORECASE | re.VERBOSE)
    return orders, re.compile(_MARKUP), re.compile(_SENTENCES)


def safe(text: object, limit: int = NAME_CHARS) -> str:
    """The cleaned text, or "" when nothing is left or it reads like an instruction."""
    line = clean(text, limit)
    # The whole of an over-long text is judged: the order may stand behind the cut.
    if isinstance(text, str) and len(text) > limit and reads_like_an_order(clean(text, _RAW_CHARS)):
        return ""
    return "" if not line or reads_like_an_order(line) else line


def choices(raw: Iterable[str], limit: int) -> dict[str, str]:
    """Safe option -> option as the device wants it, in order, at most ``limit`` of them."""
    result: dict[str, str] = {}
    for option in raw:
        shown = safe(option, NAME_CHARS)
        if shown and shown not in result:
            result[shown] = option
            if len(result) == limit:
                break
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
