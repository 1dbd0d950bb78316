"""Reads texts that people wrote in any editor.

Editors of Windows put a byte order mark in front, or save UTF-16; what is copied from a web page
brings invisible characters along.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""The byte order mark as a character."""
# The longer ones first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def decoded(content: bytes) -> str:
    """The text, by its byte order mark or as UTF-8. Raises ``ValueError`` that says what it is."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = encoding.removesuffix("-sig").upper()
        raise ValueError(f"it is not {name} text in line {line}") from None
    if "\0" in text:
        raise ValueError("it holds NUL bytes, as UTF-16 without a byte order mark does")
    return text


def has_byte_order_mark(content: bytes) -> bool:
    """Whether it begins with a byte order mark."""
    return content.startswith(tuple(mark for mark, _ in _MARKS))


def stripped(text: str) -> str:
    """Without blanks and invisible characters at its ends; for keys, passwords and PINs."""
    start, end = 0, len(text)
    while start < end and _unseen(text[start]):
        start += 1
    while start < end and _unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def cleaned_key(text: str) -> str:
    """A key without what is copied along with it: the name of its variable, ``Bearer``, quotation
    marks (which ``--env-file`` of container programs keeps)."""
    return stripped(_BEFORE_KEY.sub("", stripped(text))).strip(_QUOTES)


_QUOTES = "\"'`“”„‘’"
_BEFORE_KEY = re.compile(
    rf"^(?:export\s+)?(?:\w*key\s*[=:]\s*)?[{_QUOTES}]?(?:authorization:\s*)?(?:bearer\s+)?",
    re.IGNORECASE,
)


def unexpected_character(text: str, message: str) -> str:
    """The name of the character at which TOML failed, if it is one that people overlook."""
    found = _PLACE.search(message)
    if found is None:
        return ""
    line, column = (int(number) for number in found.groups())
    lines = text.splitlines()
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    if not rest or rest[0].isascii():
        return ""
    name = unicodedata.name(rest[0], "a character without a name")
    return f"; there stands U+{ord(rest[0]):04X}, {'BYTE ORDER MARK' if rest[0] == MARK else name}"


def _unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cf", "Cc")
