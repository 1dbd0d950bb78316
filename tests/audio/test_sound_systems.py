"""Which modules know which sound system."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "satellite"
KNOWS = re.compile("portaudio|pyaudio|paInt16", re.IGNORECASE)


def names_one(module: Path) -> bool:
    """In its code; a comment may tell of it."""
    with module.open("rb") as source:
        tokens = tokenize.tokenize(source.readline)
        return any(one.type == tokenize.NAME and KNOWS.search(one.string) for one in tokens)


def test_a_sound_system_is_known_in_its_own_folder_and_where_it_is_chosen() -> None:
    named = {one.relative_to(PACKAGE) for one in PACKAGE.rglob("*.py") if names_one(one)}
    outside = {one.as_posix() for one in named if one.parts[:2] != ("audio", "portaudio")}
    assert outside == {"cli/sound_system.py"}
