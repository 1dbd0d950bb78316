"""``docs/devices.md`` names every platform and feature, and says of none what is not so."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from satellite.homeassistant.discovery.supported import PLATFORMS
from satellite.homeassistant.platforms import platform_class
from satellite.tools.catalog import RESERVED
from satellite.tools.policy.offered import CONTROLLABLE, READABLE

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
    assert list(rows()) == sorted(PLATFORMS)
    modules = Path(__file__).parents[2] / "satellite" / "homeassistant" / "platforms"
    names = {path.stem for path in modules.glob("[a-z]*.py")}
    assert names == PLATFORMS


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_feature_of_home_assistant_is_there(platform: str) -> None:
    named = set().union(*(quoted(feature) for feature, _, _ in rows()[platform]))
    assert named >= set(platform_class(platform).feature_bits or ())


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_what_is_said_of_it_is_so(platform: str) -> None:
    words = {voice for _, voice, _ in rows()[platform]}
    assert words <= {"yes", "read", "no"}
    assert ("yes" in words) is (platform in CONTROLLABLE)
    if platform in READABLE - CONTROLLABLE:
        assert "read" in words
    elif platform not in CONTROLLABLE:
        assert words == {"no"}
    for feature, voice, how in rows()[platform]:
        assert feature
        if voice == "no":
            assert len(how) > 10, f"no reason why not: {platform} {feature}"
        else:
            assert quoted(how) & RESERVED, f"no function for {platform} {feature}"
        mentioned = {name for name in quoted(how) if re.fullmatch(r"(set|get|run|send)_\w+", name)}
        assert mentioned <= RESERVED
