"""Spoken forms of the names of devices and rooms. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from satellite.local_server.nlu.numbers import spell_out

_IN_BRACKETS = re.compile(r"^(?P<name>.*?)\s*\((?P<place>[^()]*)\)\s*(?P<rest>.*)$")
_NO_WORD = re.compile(r"[^a-z' ]+")
_SENSOR_WORDS = ("sensor", "contact", "detector")
_SAME = {"light": "lamp", "lamp": "light", "blind": "blinds", "blinds": "blind", "tv": "television"}
_LETTERS_APART = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")


@lru_cache(maxsize=8_192)
def plain(text: str) -> str:
    """The text as lower-case words of letters and apostrophes, digits spelled out.

    Cached, because every function of a home names the same devices.
    """
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("\u2019", "'"))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = _LETTERS_APART.sub(" ", text).lower().replace("&", " and ").replace("%", " percent ")
    text = spell_out(re.sub(r"°\s*c?\b", " degrees ", text))
    words = (word.strip("'") for word in _NO_WORD.sub(" ", text).split())
    return " ".join(word for word in words if word)


def spoken_forms(name: str) -> list[str]:
    """The ways to say a name, the usual one first: ``Lamp (Bedroom)`` is also a bedroom lamp."""
    forms: list[str] = []
    bracket = _IN_BRACKETS.match(name)
    if bracket is not None:
        base = plain(f"{bracket['name']} {bracket['rest']}")
        place = plain(bracket["place"])
        if base and place:
            forms += [f"{place} {base}", f"{base} in the {place}", f"{base} {place}"]
    forms.append(plain(name))
    forms += [other for form in list(forms) for other in _other_words(form)]
    return [form for form in dict.fromkeys(forms) if form]


def _other_words(form: str) -> list[str]:
    words = form.split()
    if not words:
        return []
    others = []
    if words[-1] in _SAME:
        others.append(" ".join([*words[:-1], _SAME[words[-1]]]))
    if words[-1] in _SENSOR_WORDS and len(words) > 1:
        others.append(" ".join(words[:-1]))
    return others


def placed_forms(name: str, areas: Iterable[str]) -> list[str]:
    """``Kitchen light`` is also the ``light in the kitchen``, when the kitchen is an area."""
    form = plain(name)
    rooms = [plain(area) for area in areas]
    return [
        f"{form.removeprefix(room).strip()} in the {room}"
        for room in rooms
        if room and form.startswith(f"{room} ")
    ]


def short_forms(names: Sequence[str], areas: Iterable[str]) -> dict[str, str]:
    """Short forms that only one device can be meant by, with its name.

    ``fan`` when there is one fan; ``reading lamp`` for ``Bedroom reading lamp``, when the bedroom
    is an area.
    """
    rooms = {plain(area) for area in areas}
    found: list[tuple[str, str]] = []
    for name in names:
        words = plain(name).split()
        shorter = {" ".join(words[-1:])}
        for count in range(1, len(words)):
            if " ".join(words[:count]) in rooms:
                shorter.add(" ".join(words[count:]))
        found += [(form, name) for form in shorter if form and form != plain(name)]
    counted = Counter(form for form, _ in found)
    taken = {form for name in names for form in spoken_forms(name)}
    last_words = Counter(plain(name).split()[-1] for name in names if plain(name))
    return {
        form: name
        for form, name in found
        if counted[form] == 1 and form not in taken and last_words.get(form, 1) == 1
    }


def said(name: str) -> str:
    """A device's name within a spoken sentence: ``the kitchen light``."""
    bracket = _IN_BRACKETS.match(name)
    if bracket is not None and bracket["name"] and not bracket["rest"]:
        return f"{said(bracket['name'])} in {_with_article(bracket['place'])}"
    return _with_article(name)


def _with_article(name: str) -> str:
    words = [word if word.isupper() else word.lower() for word in name.split()]
    lowered = " ".join(words) or "device"
    first = words[0] if words else ""
    if first in ("the", "my", "our", "your", "a", "an") or first.endswith(("'s", "\u2019s")):
        return lowered
    return f"the {lowered}"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
