"""Each test that the documents name is there: a promise without one is only a sentence."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"\b(tests/[\w/]+\.py)(?:::((?:\w+::)?\w+))?")
PAGES = ("README.md", "docs/reliability.md")


@cache
def _tests_of(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_is_there(page: str) -> None:
    named = NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
    assert named
    missing = [
        f"{file}::{test}" if test else file
        for file, test in named
        if not (ROOT / file).is_file()
        or (test and test.rpartition("::")[2] not in _tests_of(ROOT / file))
    ]
    assert missing == []


def test_each_row_of_the_promises_names_its_tests() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## What it promises")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 8
    assert [row for row in rows if not NAMED.search(row)] == []


def test_each_row_of_what_was_tried_names_its_test() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    text = re.sub(r"(?s)<!-- what a server can do -->.*<!-- until here -->", "", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    told = [row for row in rows if not re.match(r"\| *(?:-|what was tried)", row, re.IGNORECASE)]
    assert len(told) > 60
    assert [row for row in told if not NAMED.search(row)] == []
