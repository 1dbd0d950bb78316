"""What the satellite does not know in a language, because its file is missing or leaves it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from satellite.locales.locale import DEFAULT, all_locales, code_of, locale


class Gap(NamedTuple):
    """Something that a person should know, as a sentence, and what can be done about it."""

    text: str
    do: str = ""


def gaps(tag: str, *, secrets: bool) -> Iterator[Gap]:
    """What is missing for a satellite whose ``satellite.language`` is this tag (empty for any).

    ``secrets``: a PIN or a code is set.
    """
    code = code_of(tag)
    found = locale(code)
    if tag and (found is None or found.answers is None):
        yield Gap(
            f"The words for yes and no are not known in the language {tag!r}; those of other "
            "languages count.",
            "name some in home.yes_words",
        )
    if secrets and (found is None or found.numbers is None):
        *most, last = (one.name for one in all_locales().values() if one.numbers is not None)
        yield Gap(
            "A PIN or code that is said in words is taken out of the topics heard and said only in "
            f"{', '.join(most)} and {last} (digits always are). Whoever may read these topics may "
            "read it.",
            "let the broker's access list keep others from reading them",
        )
    if tag and code != DEFAULT and (found is None or not found.sentences):
        yield Gap(
            "What the satellite says by itself is spoken in English; there are no sentences in the "
            f"language {tag!r}."
        )
