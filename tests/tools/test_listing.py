"""What `satellite functions` shows."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from satellite.tools import listing
from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def build(home: Driver) -> Driver:
    h = home(Rules(read_only=("Freezer",), aliases={"Radio": ("wireless",)}, exclude=("Secret*",)))
    h.switch("Freezer", "Kitchen")
    h.switch("Radio")
    h.switch("Secret pump")
    h.lock("Front door", "Hall")
    h.contact("Kitchen window", "window", "ON")
    return h


def test_people_read_areas_devices_and_what_asks_first(home: Driver) -> None:
    lines = listing.render(build(home).home.catalog).splitlines()
    assert lines[:2] == [
        "Hall",
        "  Front door      locked                        set_lock, asks first",
    ]
    assert "Kitchen" in lines
    text = "\n".join(lines)
    assert "read only" in text
    assert "also called wireless" in text
    assert "Secret" not in text
    assert "set_lock(devices, action)" in text
    assert lines[-1].startswith("4 devices and sensors, 4 functions, ")
    assert lines[-1].endswith("(every name listed).")


def test_machines_read_the_same(home: Driver) -> None:
    data = json.loads(json.dumps(listing.as_data(build(home).home.catalog)))
    assert [one["name"] for one in data["functions"]] == [
        "set_power",
        "set_lock",
        "get_state",
        "confirm",
    ]
    devices = {device["name"]: device for device in data["devices"]}
    assert devices["Front door"]["functions"] == ["set_lock"]
    assert devices["Front door"]["asks_first"] is True
    assert devices["Freezer"]["functions"] == []
    assert devices["Freezer"]["read_only"] is True
    assert devices["Radio"]["aliases"] == ["wireless"]
    assert devices["Kitchen window"]["state"] == {"state": "open"}
    assert data["size"]["names"] == "full"
    assert data["size"]["bytes"] > data["size"]["tokens"] > 100


def test_an_empty_home_says_so(home: Driver) -> None:
    assert "No devices" in listing.render(home().home.catalog)
