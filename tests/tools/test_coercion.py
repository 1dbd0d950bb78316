"""Arguments that mean one thing are taken however a model wrote them; all others stay."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.tools import schema
from satellite.tools.coercion import coerced

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""

SCHEMA = schema.table(
    {
        "devices": schema.several({"type": "string", "maxLength": 16}, ""),
        "area": schema.text(""),
        "kind": schema.choice(("light", "switch"), ""),
        "effect": schema.choice(("1", "2"), ""),
        "state": schema.choice(("on", "off", "toggle"), ""),
        "percent": schema.number("", 0, 100, whole=True),
        "degrees": schema.number("", 5.5, 30),
        "really": schema.flag(""),
        "text": schema.text("", max_length=40),
        "nothing": {"type": ["string", "null"], "enum": ["", None, "x"]},
    },
    ("text",),
)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"area": ""}, {}),
        ({"area": "  "}, {}),
        ({"area": None, "kind": None, "percent": None, "really": None}, {}),
        ({"kind": "", "percent": "", "devices": "", "degrees": []}, {}),
        ({"devices": []}, {}),
        ({"devices": ["Lamp", "", None]}, {"devices": ["Lamp"]}),
        ({"devices": "Lamp"}, {"devices": ["Lamp"]}),
        ({"devices": 5}, {"devices": ["5"]}),
        ({"area": ["Kitchen"]}, {"area": "Kitchen"}),
        ({"area": ["Kitchen", "Hall"]}, {"area": ["Kitchen", "Hall"]}),
        ({"effect": 2}, {"effect": "2"}),
        ({"effect": 2.0}, {"effect": "2"}),
        ({"percent": "50"}, {"percent": 50}),
        ({"percent": " 50 % "}, {"percent": 50}),
        ({"degrees": "21.5"}, {"degrees": 21.5}),
        ({"degrees": "21,5"}, {"degrees": 21.5}),
        ({"degrees": "1,000"}, {"degrees": "1,000"}),
        ({"degrees": "-3"}, {"degrees": -3}),
        ({"percent": "half"}, {"percent": "half"}),
        ({"percent": "1e3"}, {"percent": "1e3"}),
        ({"really": "True"}, {"really": True}),
        ({"really": "yes"}, {"really": "yes"}),
        ({"effect": True}, {"effect": True}),
        ({"really": "off"}, {"really": False}),
        ({"state": True}, {"state": "on"}),
        ({"state": False}, {"state": "off"}),
        ({"state": 1}, {"state": "1"}),
        ({"unknown": "", "other": None}, {}),
        ({"unknown": "x"}, {"unknown": "x"}),
        ({"nothing": ""}, {"nothing": ""}),
        ({"nothing": None}, {"nothing": None}),
        ({"text": ""}, {"text": ""}),
    ],
)
def test_what_is_plain_is_taken(given: dict[str, Any], taken: dict[str, Any]) -> None:
    before = copy.deepcopy(given)
    assert coerced(given, SCHEMA) == taken
    assert given == before


plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 110),
    st.floats(-5, 110),
    st.sampled_from(["on", "light", "2", "50", "", " ", "null", "Lamp"]),
)
values = st.one_of(plain, st.lists(plain, max_size=3), st.dictionaries(st.text(max_size=3), plain))
names = st.sampled_from([*SCHEMA["properties"], "other"])


@given(st.dictionaries(names, values, max_size=6))
def test_what_already_fits_means_the_same(arguments: dict[str, Any]) -> None:
    """Coercion never turns a right call into a wrong one, and doing it twice changes nothing."""
    once = coerced(arguments, SCHEMA)
    assert coerced(once, SCHEMA) == once
    assert all(name in arguments for name in once)
    arguments["text"] = once["text"] = "x"
    if schema.check(copy.deepcopy(arguments), SCHEMA) == "":
        assert schema.check(copy.deepcopy(once), SCHEMA) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"area": ""},
        {"area": None, "kind": None},
        {"kind": ""},
        {"devices": "Lamp", "kind": []},
        {"brightness_pct": "50", "brightness_step_pct": None, "color": "", "effect": ""},
    ],
)
def test_a_model_that_fills_every_field_is_understood(home: Driver, more: dict[str, Any]) -> None:
    h = home()
    base = h.announce("light", "Lamp", schema="json", command_topic="~/set", state_topic="~",
                      brightness=True)  # fmt: skip
    h.answers[f"{base}/set"] = lambda payload: [(base, payload)]
    dimmed = "brightness_pct" in more
    wanted = {"devices": ["Lamp"]} | ({} if dimmed else {"state": "on"}) | more
    assert h.ask("set_light" if dimmed else "set_power", **wanted)["status"] == "done"


def test_what_is_empty_and_needed_is_still_asked_for(home: Driver) -> None:
    h = home()
    h.announce("light", "Lamp", command_topic="~/set", state_topic="~")
    assert h.ask("set_power", devices=["Lamp"], state="")["status"] == "invalid_arguments"
    assert h.ask("set_power", devices=[""], state="on")["status"] == "invalid_arguments"
    assert h.ask("set_power", devices=None, area="", state="on")["status"] == "invalid_arguments"
    assert not h.published
