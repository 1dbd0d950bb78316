"""Words of many languages, kept as tables of text, and which of them stand in a name.

A table has sections ``[kind]`` with lines ``language: words``. A word may be written as

    word       this word and no other
    stem*      every word that begins so (endings of cases, first parts of compounds)
    *ending    every word that ends so (last parts of compounds)
    =word      only if it is the whole name, numbers aside
    two_words  these words one after the other
    -word      no word of this kind, whatever else it looks like; with ``*`` as above

Case and accents do not matter, except in languages where accents make other words
(``_ACCENTS_MATTER``; they have whole words only). Scripts that join words without blanks, or whose
letters combine, are looked for anywhere in a name. A word counts in every language: nobody says
which one a name is in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

_ACCENTS_MATTER = frozenset({"vi"})
"""In Vietnamese "cổng" is a gate and "công tắc" a switch."""
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
    """What a name holds: for each kind the entries of the table that were found."""

    entries: Mapping[str, frozenset[str]]
    words: int
    """How many words the name has."""
    known: int
    """How many of them are in the table."""

    def __contains__(self, kind: str) -> bool:
        return kind in self.entries

    def __bool__(self) -> bool:
        return bool(self.entries)


@dataclass(slots=True)
class _Shelf:
    """Words by how they are looked up."""

    exact: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    begins: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    ends: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, kind: str, entry: str) -> None:
        place = self.exact
        if entry.endswith("*"):
            place = self.begins
        elif entry.startswith("*"):
            place = self.ends
        place.setdefault(entry.strip("*"), []).append((kind, entry))

    def find(self, word: str) -> Iterator[tuple[str, str]]:
        """Kinds and entries."""
        yield from self.exact.get(word, ())
        begins, ends = self.begins, self.ends
        for length in range(2, len(word) + 1):
            if (part := word[:length]) in begins:
                yield from begins[part]
            if (part := word[-length:]) in ends:
                yield from ends[part]


class Lexicon:
    """The words of one table."""

    def __init__(self, table: str) -> None:
        self._words, self._not = _Shelf(), _Shelf()
        self._accented: dict[str, list[tuple[str, str]]] = {}
        self._whole: dict[str, list[tuple[str, str]]] = {}
        self._phrases: dict[str, list[tuple[list[str], str, str]]] = {}
        self._anywhere: dict[str, list[tuple[str, str]]] = {}
        self._nowhere: list[str] = []
        for kind, language, entry in _entries(table):
            self._add(kind, language, entry)
        self._joined = _any_of(self._anywhere, "(?=({}))")
        """Finds those that overlap as well, the longest at each place."""
        self._blanked = _any_of(self._nowhere, "{}")
        self.find = lru_cache(maxsize=8_192)(self._find)
        """What of the table stands in a name; names come again and again."""

    @classmethod
    def load(cls, package: str, name: str) -> Lexicon:
        """The table that lies beside the modules of a package."""
        return cls(resources.files(package).joinpath(name).read_text("utf-8"))

    def _add(self, kind: str, language: str, entry: str) -> None:
        plain = _accented(entry) if language in _ACCENTS_MATTER else folded(entry)
        bare = plain.lstrip("-=").strip("*")
        if _is_joined(bare):
            if plain.startswith("-"):
                self._nowhere.append(bare)
            elif not plain.startswith("="):
                self._anywhere.setdefault(bare, []).append((kind, plain))
            else:
                self._whole.setdefault(bare, []).append((kind, plain))
        elif plain.startswith("-"):
            self._not.add(kind, plain[1:])
        elif plain.startswith("="):
            self._whole.setdefault(bare, []).append((kind, plain))
        elif language in _ACCENTS_MATTER and "_" not in plain:
            self._accented.setdefault(plain, []).append((kind, plain))
        elif "_" in plain:
            first, *_ = parts = plain.split("_")
            self._phrases.setdefault(first.strip("*")[:2], []).append((parts, kind, plain))
        else:
            self._words.add(kind, plain)

    def _find(self, text: str) -> Found:
        text = text[:MAX_CHARS]
        plain, accented = folded(text), _WORD.findall(_accented(text))
        words, split = _WORD.findall(plain), words_of(text)
        hits: dict[str, set[str]] = {}
        whole = known = 0
        for word in split:
            if not _is_joined(word):
                whole += 1
                known += self._note(hits, self._of_word(word))
        for word in set(words).difference(split):
            self._note(hits, self._of_word(word))
        for word in accented:
            known += self._note(hits, self._accented.get(word, ()))
        if not text.isascii():
            found, rest = self._of_joined(plain)
            known += self._note(hits, found)
            whole += bool(found) + any(map(_is_joined, _WORD.findall(rest)))
        for several in (split, accented):
            self._note(hits, self._of_phrases(several))
        self._note(hits, self._whole.get(" ".join(words), ()))
        return Found({kind: frozenset(found) for kind, found in hits.items()}, whole, known)

    @staticmethod
    def _note(hits: dict[str, set[str]], found: Iterable[tuple[str, str]]) -> bool:
        any_ = False
        for kind, entry in found:
            hits.setdefault(kind, set()).add(entry)
            any_ = True
        return any_

    def _of_word(self, word: str) -> Iterator[tuple[str, str]]:
        found = list(self._words.find(word))
        if found:
            no = {kind for kind, _ in self._not.find(word)}
            yield from (one for one in found if one[0] not in no)

    def _of_phrases(self, words: list[str]) -> Iterator[tuple[str, str]]:
        for at, word in enumerate(words):
            for parts, kind, entry in self._phrases.get(word[:2], ()):
                there = words[at : at + len(parts)]
                if len(there) == len(parts) and all(map(_fits, parts, there)):
                    yield kind, entry

    def _of_joined(self, plain: str) -> tuple[list[tuple[str, str]], str]:
        """What is found of scripts that join words, and what is left of the text."""
        if self._joined is None:
            return [], plain
        if self._blanked is not None:
            plain = self._blanked.sub(" ", plain)
        found, rest = [], list(plain)
        for match in self._joined.finditer(plain):
            found += self._anywhere[match[1]]
            rest[match.start(1) : match.end(1)] = " " * len(match[1])
        return found, "".join(rest)


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _entries(table: str) -> Iterator[tuple[str, str, str]]:
    """Kind, language and entry of each word of a table."""
    kind = ""
    for whole in table.splitlines():
        line = whole.partition("#")[0].strip()
        if line.startswith("["):
            kind = line.strip("[]")
        elif line:
            language, _, words = line.partition(":")
            for entry in words.split():
                yield kind, language.strip(), entry


def _is_joined(text: str) -> bool:
    return bool(text) and unicodedata.name(text[0], "").partition(" ")[0] in _ANYWHERE


def _any_of(texts: Iterable[str], shape: str) -> re.Pattern[str] | None:
    ordered = sorted(map(re.escape, texts), key=len, reverse=True)
    return re.compile(shape.format("|".join(ordered))) if ordered else None
