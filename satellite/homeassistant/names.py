"""Names from anybody who can publish, made fit to be shown and spoken."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 64
"""Characters; enough for any honest name, too few for a hidden instruction to hide well."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Me"})
"""Unicode classes that nobody sees or says: controls, bidirectional marks, zero widths, frames."""
_EMPTY = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)
"""Letters and marks that look like nothing, so that two names could look the same."""
_DISGUISED = re.compile(
    "[\u02b0-\u02b8\u1d2c-\u1d6a\u2071\u207f\u2090-\u209c\u2100-\u2138\u2460-\u24ff"
    "\U0001d400-\U0001d7ff\U0001f110-\U0001f189]"
)
"""Letters in the shape of signs for mathematics, in circles, raised and the like."""
_SMALL = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
_WHITE_ON_BLACK = range(0x1F150, 0x1F18A)
_MARKS_IN_A_ROW = 3
"""Accents upon accents: Thai, Hebrew and Vietnamese need no more on one letter."""

_SEPARATORS = " _-–—:/.,|"


def visible(text: str) -> str:
    """One line of what a person sees of a text; what only looks like a letter is that letter."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = _DISGUISED.sub(_as_letter, _EMPTY.sub("", text)).translate(_SMALL)
    plain = unicodedata.normalize("NFC", shown)
    kept: list[str] = []
    marks = 0
    for character in plain:
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if category in _UNSEEN:
            kept.append(" " if character.isspace() else "")
        elif marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return " ".join("".join(kept).split())


def _as_letter(sign: re.Match[str]) -> str:
    if ord(sign[0]) in _WHITE_ON_BLACK:
        place = (ord(sign[0]) - _WHITE_ON_BLACK.start) % 32
        return chr(ord("a") + place) if place < 26 else sign[0]
    plain = unicodedata.normalize("NFKC", sign[0])
    return plain if plain.isalpha() else sign[0]


def clean_name(text: str, limit: int = MAX_NAME) -> str:
    """One visible line, at most ``limit`` long. The words stay: a name is data."""
    line = visible(text[: 8 * limit])
    if len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return text if line == text else line


_TWINS = dict(
    zip("авекмнорстухісјѕԁһӏαβεηικμνορτυχı", "abekmhopctyxicjsdhlabehikmvoptuxi", strict=True)
)
"""Letters of other scripts that look like Latin ones in one of their two cases, in lower case."""
_LOOKS = str.maketrans(_TWINS)
_LATIN_TWINS = {"CYRILLIC": frozenset("abcehikmoptxy"), "GREEK": frozenset("abehikmnoptuvxyz")}
"""Latin letters that look like common ones of another script."""


def look(folded: str) -> str:
    """What a folded name looks like: equal for names that a person cannot tell apart."""
    return folded if folded.isascii() else folded.translate(_LOOKS)


def has_lookalike(letter: str, script: str) -> bool:
    """Whether a letter looks like one of another script: LATIN, CYRILLIC or GREEK."""
    return letter.lower() in _LATIN_TWINS.get(script, _TWINS)


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
