"""Each file and folder that the documents for developers name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACE = re.compile(r"`([\w./-]+(?:\.py|\.txt|\.toml|/))`")
PAGES = (
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/audio.md",
    "docs/offline.md",
    "docs/realtime.md",
)
PARTS = ("satellite", "tests", "scripts", "config", "docs", "systemd")
PLACES = [
    "/" + path.relative_to(ROOT).as_posix() + ("/" if path.is_dir() else "")
    for path in (*ROOT.iterdir(), *(one for part in PARTS for one in (ROOT / part).rglob("*")))
]


@pytest.mark.parametrize("page", PAGES)
def test_each_place_that_is_named_is_there(page: str) -> None:
    """Written from the root or shorter: ``echo/onset.py`` in a chapter about sound."""
    named = PLACE.findall((ROOT / page).read_text("utf-8"))
    assert named
    assert [one for one in named if not any(place.endswith(f"/{one}") for place in PLACES)] == []
