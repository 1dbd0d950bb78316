"""Finds the words of word lists in a name, by kind, in all languages at once.

A word may be written as

    word       this word and no other
    stem*      every word that begins so (endings of cases, first parts of compounds)
    *ending    every word that ends so (last parts of compounds)
    =word      only if it is the whole name, numbers aside
    two_words  these words one after the other
    -word      no word of this kind, whatever else it looks like; with ``*`` as above

Case and accents do not matter, except in languages where accents make other words (those have
whole words only). Scripts that join words without blanks, or whose letters combine, are looked for
anywhere in a name. A word counts in every language: nobody says which one a name is in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TypeAlias

from satellite.homeassistant.shared import shared_set
from satellite.locales.locale import all_locales

_ANYWHERE = frozenset(
    [
        "CJK",
        "HIRAGANA",
        "KATAKANA",
        "HANGUL",
        "THAI",
        "LAO",
        "KHMER",
        "MYANMAR",
        "DEVANAGARI",
        "BENGALI",
        "GURMUKHI",
        "GUJARATI",
        "TAMIL",
        "TELUGU",
        "KANNADA",
        "MALAYALAM",
        "SINHALA",
    ]
)
"""Scripts in which a word is found as a part of the text."""
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
"""Accents and vowel points of scripts whose letters stand without them."""
_LETTERS = str.maketrans("łøđðıґىةیک", "loddiгيهيك") | str.maketrans({"æ": "ae", "œ": "oe"})
"""Letters that people take for others, and that no decomposition takes apart."""
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
MAX_CHARS = 512
"""Of a text more is not looked at."""


def folded(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _MARKS.sub("", _decomposed(text)).translate(_LETTERS))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _accented(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words_of(text: str) -> list[str]:
    """The folded words of a text; ``ZbPermitJoin`` has three."""
    return _WORD.findall(folded(_CAMEL.sub(" ", text)))


@dataclass(frozen=True, slots=True)
class Found:
    """What a name holds: for each kind the words that tell of it."""

    kinds: Mapping[str, frozenset[str]]
    words: int
    """How many words the name has."""
    known: int
    """How many of them are of any kind."""

    def __contains__(self, kind: str) -> bool:
        return kind in self.kinds

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def count(self, *kinds: str) -> int:
        """How many different words are of one of these kinds."""
        return len(frozenset().union(*(self.kinds.get(kind, ()) for kind in kinds)))


class _Hits:
    """Words by kind, in the making."""

    def __init__(self) -> None:
        self.kinds: dict[str, set[str]] = {}

    def add(self, word: str, kinds: Iterable[str]) -> bool:
        """Whether the word was of any kind."""
        any_ = False
        for kind in kinds:
            self.kinds.setdefault(kind, set()).add(word)
            any_ = True
        return any_


Kinds: TypeAlias = dict[str, frozenset[str]]
"""Word -> its kinds. Thousands of words have the same few: a set of its own for each costs 2 MB."""


def _add(kinds: Kinds, word: str, kind: str) -> None:
    kinds[word] = shared_set(kinds.get(word, frozenset()) | {kind})


@dataclass(slots=True)
class _WordIndex:
    """Words by how they are looked up -> their kinds."""

    exact: Kinds = field(default_factory=dict)
    begins: Kinds = field(default_factory=dict)
    ends: Kinds = field(default_factory=dict)

    def add(self, kind: str, entry: str) -> None:
        place = self.exact
        if entry.endswith("*"):
            place = self.begins
        elif entry.startswith("*"):
            place = self.ends
        _add(place, entry.strip("*"), kind)

    def kinds(self, word: str) -> set[str]:
        found = set(self.exact.get(word, ()))
        begins, ends = self.begins, self.ends
        for length in range(2, len(word) + 1):
            if (part := word[:length]) in begins:
                found |= begins[part]
            if (part := word[-length:]) in ends:
                found |= ends[part]
        return found


WordLists: TypeAlias = Iterable[tuple[str, str]]
"""Kinds, and the words of each with blanks between them."""


class Lexicon:
    """The words of several languages. Each has its lists, and says whether accents matter in it."""

    def __init__(self, languages: Iterable[tuple[WordLists, bool]]) -> None:
        self._words, self._not = _WordIndex(), _WordIndex()
        self._accented: Kinds = {}
        self._whole: Kinds = {}
        self._anywhere: Kinds = {}
        self._nowhere: list[str] = []
        self._phrases: dict[str, list[tuple[list[str], str]]] = {}
        for lists, accents_matter in languages:
            for kind, words in lists:
                for word in words.split():
                    self._add(kind, word, accents=accents_matter)
        self._joined = _any_of(self._anywhere, "(?=({}))")
        """Finds those that overlap as well, the longest at each place."""
        self._blanked = _any_of(self._nowhere, "{}")
        self.find = lru_cache(maxsize=8_192)(self._find)
        """The words that stand in a name; names come again and again."""
        self._kinds = lru_cache(maxsize=4_096)(self._kinds_of)
        """The kinds of one word; the names of a home are made of the same few hundred."""

    def _add(self, kind: str, entry: str, *, accents: bool) -> None:
        plain = _accented(entry) if accents else folded(entry)
        bare = plain.lstrip("-=").strip("*").replace("_", " ")
        if plain.startswith("="):
            _add(self._whole, bare, kind)
        elif plain.startswith("-"):
            if _is_joined(bare):
                self._nowhere.append(bare)
            else:
                self._not.add(kind, plain[1:])
        elif _is_joined(bare):
            _add(self._anywhere, bare, kind)
        elif "_" in plain:
            parts = plain.split("_")
            self._phrases.setdefault(_key(parts[0]), []).append((parts, kind))
        elif accents:
            _add(self._accented, plain, kind)
        else:
            self._words.add(kind, plain)

    def _find(self, text: str) -> Found:
        text = text[:MAX_CHARS]
        plain = folded(text)
        words, split = _WORD.findall(plain), words_of(text)
        accented = words if text.isascii() else _WORD.findall(_accented(text))
        hits = _Hits()
        total = known = 0
        for word in split:
            if not _is_joined(word):
                total += 1
                known += hits.add(word, self._kinds(word))
        if words != split:
            for word in set(words).difference(split):
                hits.add(word, self._kinds(word))
        for word in accented:
            known += hits.add(word, self._accented.get(word, ()))
        if not text.isascii():
            found, left = self._note_joined(hits, plain)
            known += found
            total += found + any(map(_is_joined, _WORD.findall(left)))
        self._note_phrases(hits, split)
        if accented != split:
            self._note_phrases(hits, accented)
        whole = " ".join(words)
        hits.add(whole, self._whole.get(whole, ()))
        kinds = {kind: frozenset(found) for kind, found in hits.kinds.items()}
        return Found(kinds, total, known)

    def _kinds_of(self, word: str) -> frozenset[str]:
        found = self._words.kinds(word)
        return shared_set(frozenset(found - self._not.kinds(word))) if found else frozenset()

    def _note_phrases(self, hits: _Hits, words: list[str]) -> None:
        for at, word in enumerate(words):
            for parts, kind in self._phrases.get(_key(word), ()):
                there = words[at : at + len(parts)]
                if len(there) == len(parts) and all(map(_fits, parts, there)):
                    hits.add(" ".join(there), (kind,))

    def _note_joined(self, hits: _Hits, plain: str) -> tuple[bool, str]:
        """Whether something is found of scripts that join words, and what is left of the text."""
        if self._joined is None:
            return False, plain
        if self._blanked is not None:
            plain = self._blanked.sub(" ", plain)
        left = list(plain)
        for match in self._joined.finditer(plain):
            hits.add(match[1], self._anywhere[match[1]])
            left[match.start(1) : match.end(1)] = " " * len(match[1])
        return "".join(left) != plain, "".join(left)


def _key(word: str) -> str:
    """Phrases are looked up by the beginning of their first word."""
    return word[:2]


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _is_joined(text: str) -> bool:
    return not text.isascii() and unicodedata.name(text[0], "").partition(" ")[0] in _ANYWHERE


def _any_of(texts: Iterable[str], shape: str) -> re.Pattern[str] | None:
    ordered = sorted(map(re.escape, texts), key=len, reverse=True)
    return re.compile(shape.format("|".join(ordered))) if ordered else None


@cache
def risk_words() -> Lexicon:
    """Words of devices that must not move by mistake."""
    return Lexicon((one.risk.items(), one.accents_matter) for one in all_locales().values())


@cache
def instruction_words() -> Lexicon:
    """Words of instructions to a language model."""
    return Lexicon((one.instructions.items(), one.accents_matter) for one in all_locales().values())
