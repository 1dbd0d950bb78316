"""``docs/devices.md`` names every platform and feature, and says of none what is not so."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from satellite.homeassistant.platforms import platform_class, platform_names
from satellite.tools.catalog import RESERVED

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"
Row = tuple[str, str, str]
"""Feature, by voice, how or why not."""


def rows() -> dict[str, list[Row]]:
    """The first table, by platform."""
    found: dict[str, list[Row]] = defaultdict(list)
    platform = ""
    table = PAGE.read_text("utf-8").split("|---|---|---|---|\n", 1)[1].split("\n\n", 1)[0]
    for line in table.splitlines():
        first, feature, voice, how = (cell.strip() for cell in line.strip("|").split("|"))
        platform = first.strip("`") or platform
        found[platform].append((feature, voice, how))
    return found


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_platform_is_there_in_order_and_no_other() -> None:
    assert list(rows()) == sorted(platform_names())


@pytest.mark.parametrize("platform", sorted(platform_names()))
def test_every_feature_of_home_assistant_is_there(platform: str) -> None:
    named = set().union(*(quoted(feature) for feature, _, _ in rows()[platform]))
    assert named >= set(platform_class(platform).feature_bits or ())


@pytest.mark.parametrize("platform", sorted(platform_names()))
def test_what_is_said_of_it_is_so(platform: str) -> None:
    words = {voice for _, voice, _ in rows()[platform]}
    assert words <= {"yes", "read", "no"}
    traits = platform_class(platform).traits
    assert ("yes" in words) is traits.commandable
    if traits.readable and not traits.commandable:
        assert "read" in words
    elif not traits.commandable:
        assert words == {"no"}
    for feature, voice, how in rows()[platform]:
        assert feature
        if voice == "no":
            assert len(how) > 10, f"no reason why not: {platform} {feature}"
        else:
            assert quoted(how) & RESERVED, f"no function for {platform} {feature}"
        mentioned = {name for name in quoted(how) if re.fullmatch(r"(set|get|run|send)_\w+", name)}
        assert mentioned <= RESERVED
