"""Names from anybody who can publish, made fit to be shown and spoken."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 64
"""Characters; enough for any honest name, too few for a hidden instruction to hide well."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode classes that nobody sees or says: controls, bidirectional marks, zero widths."""

_SEPARATORS = " _-–—:/.,|"


def clean_name(text: str, limit: int = MAX_NAME) -> str:
    """One line without control, bidirectional or zero-width characters, at most ``limit`` long.

    Line breaks become blanks. The words stay: a name is data, and data is never obeyed.
    """
    if len(text) > 8 * limit:
        text = text[: 8 * limit]
    if text.isascii() and text.isprintable():
        seen = text
    else:
        seen = "".join(
            character
            if unicodedata.category(character) not in _UNSEEN
            else (" " if character.isspace() else "")
            for character in text
        )
    line = " ".join(seen.split())
    if len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return text if line == text else line


def spoken_name(device: str | None, own: str | None, fallback: str) -> str:
    """The name as a person says it.

    The main thing of a device is called like the device. Other things are called device plus own
    name, unless the own name already begins with the device's ("Kettle", "Kettle power").
    """
    device_text = clean_name(device) if device else ""
    own_text = clean_name(own.replace("_", " ")) if own else ""
    if not device_text:
        return own_text or clean_name(fallback)
    if not own_text:
        return device_text
    rest = _without_prefix(own_text, device_text)
    if rest is None:
        return clean_name(f"{device_text} {own_text}")
    return clean_name(f"{device_text} {rest}") if rest else device_text


def _without_prefix(own: str, device: str) -> str | None:
    """What follows the device's name; None when the own name does not begin with it."""
    plain = re.sub(r"[\s_-]+", " ", device).strip().casefold()
    folded = re.sub(r"[\s_-]", " ", own).casefold()
    if folded == plain:
        return ""
    if folded.startswith(plain) and folded[len(plain) : len(plain) + 1] in _SEPARATORS:
        return own[len(plain) :].strip(_SEPARATORS)
    return None


_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i", "°": "deg", "µ": "u",
        "²": "2", "³": "3", "€": "EUR", "’": "'", "‘": "'", "–": "-", "—": "-",
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z",
        "и": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
        "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch",
        "ш": "sh", "щ": "shch", "ъ": "'", "ы": "y", "ь": "'", "э": "e", "ю": "iu", "я": "ia",
        "α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "e", "θ": "th",
        "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p",
        "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "u", "φ": "ph", "χ": "kh", "ψ": "ps",
        "ω": "o",
    }
)  # fmt: skip


def slugify(text: str, separator: str = "_") -> str:
    """Lower-case ASCII letters, digits and separators, as entity ids are made from names.

    Home Assistant romanizes every script of the world for this; here only Latin, Cyrillic and
    Greek letters are, others are dropped (``is_romanized`` tells).
    """
    plain = re.sub(r"(?<=\d),(?=\d)", "", text.replace("'", " "))
    ascii_text = plain.lower().translate(_LETTERS)
    ascii_text = unicodedata.normalize("NFKD", ascii_text).encode("ascii", "ignore").decode()
    ascii_text = ascii_text.replace("'", "")
    return re.sub(r"[^a-z0-9]+", separator, ascii_text.lower()).strip(separator)


def is_romanized(text: str) -> bool:
    """Whether ``slugify`` keeps every letter of a text."""
    return all(
        character.isascii() or not character.isalpha() or slugify(character) for character in text
    )
