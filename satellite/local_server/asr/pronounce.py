"""Pronunciations of words that are in no dictionary, in the recogniser's phones (ARPAbet).

They come from the IPA of espeak-ng, which reads any word by English rules, or without it from a
rough rule by letters. Runs in the recogniser's process.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence

_IPA = {
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "ɔɪ": "OY", "tʃ": "CH", "dʒ": "JH",
    "iː": "IY", "i": "IY", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH", "ɛ": "EH", "e": "EH", "æ": "AE",
    "ɑː": "AA", "ɑ": "AA", "ɒ": "AA", "a": "AA", "ɔː": "AO", "ɔ": "AO", "oː": "AO", "o": "OW",
    "ʊ": "UH", "uː": "UW", "u": "UW", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɚ": "ER", "ɜː": "ER",
    "ɜ": "ER", "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "g": "G", "f": "F",
    "v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "h": "HH",
    "m": "M", "n": "N", "ŋ": "NG", "l": "L", "ɫ": "L", "r": "R", "ɹ": "R", "w": "W", "j": "Y",
    "ɾ": "T", "ʔ": "T", "x": "K", "ç": "HH", "y": "Y",
}  # fmt: skip
_LETTERS = {
    "tion": "SH AH N", "igh": "AY", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "ck": "K",
    "ng": "NG", "qu": "K W", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW",
    "ai": "EY", "ay": "EY", "oa": "OW", "oi": "OY", "er": "ER", "ir": "ER", "ur": "ER",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_ESPEAK_TIMEOUT_S = 10


def pronounce(words: Sequence[str]) -> dict[str, str]:
    """The phones of each word, separated by spaces, never empty."""
    spoken = _by_espeak(words) if words else {}
    return {word: spoken.get(word) or by_letters(word) for word in words}


def _by_espeak(words: Sequence[str]) -> dict[str, str]:
    program = shutil.which("espeak-ng")
    if program is None:
        return {}
    command = [program, "-q", "--ipa", "-v", "en-us", "--stdin"]
    try:
        done = subprocess.run(
            command,
            input="\n\n".join(words),
            capture_output=True,
            text=True,
            timeout=_ESPEAK_TIMEOUT_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return {}
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    if len(lines) != len(words):
        return {}
    return {word: from_ipa(line) for word, line in zip(words, lines, strict=True)}


def from_ipa(ipa: str) -> str:
    """An IPA string in ARPAbet, without marks of stress and length."""
    return " ".join(_longest_first(ipa, _IPA))


def by_letters(word: str) -> str:
    """A guess by the spelling, without a silent last ``e``."""
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    return " ".join(_longest_first(word, _LETTERS)) or "AH"


def _longest_first(text: str, table: dict[str, str]) -> Iterable[str]:
    at = 0
    while at < len(text):
        for length in (4, 3, 2, 1):
            phones = table.get(text[at : at + length])
            if phones is not None and at + length <= len(text):
                yield phones
                at += length
                break
        else:
            at += 1
