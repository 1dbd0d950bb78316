"""Holding a call against a schema agrees with a full JSON Schema validator."""

from __future__ import annotations

import copy
import json

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from satellite.tools import schema

SCHEMA = schema.table(
    {
        "devices": schema.several({"type": "string", "maxLength": 8}, "", most=3),
        "state": schema.choice(("on", "off"), ""),
        "percent": schema.number("", 0, 100, whole=True),
        "degrees": schema.number("", 5.5, 30),
        "really": schema.flag(""),
        "text": schema.text("", max_length=5),
    },
    ("state",),
)
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 110),
    st.floats(-5, 110),
    st.sampled_from(["on", "off", "Lamp", "toolongtext", ""]),
)
values = st.one_of(plain, st.lists(plain, max_size=4), st.dictionaries(st.text(max_size=3), plain))
names = st.sampled_from([*SCHEMA["properties"], "other"])


@given(st.dictionaries(names, values, max_size=4))
def test_the_verdict_is_that_of_json_schema(arguments: dict[str, object]) -> None:
    expected = jsonschema.Draft202012Validator(SCHEMA).is_valid(arguments)
    assert (schema.check(copy.deepcopy(arguments), SCHEMA) == "") is expected


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_explained(raw: str) -> None:
    parsed = schema.parse_arguments(raw)
    assert isinstance(parsed, dict) or parsed.endswith(".")


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_json_objects_come_back(arguments: dict[str, object]) -> None:
    assert schema.parse_arguments(json.dumps(arguments)) == arguments


def test_proper_spelling_replaces_other_cases() -> None:
    arguments = {"state": " On"}
    assert schema.check(arguments, SCHEMA) == ""
    assert arguments == {"state": "on"}


def test_whole_numbers_may_be_written_with_a_point() -> None:
    arguments = {"state": "on", "percent": 40.0}
    assert schema.check(arguments, SCHEMA) == ""
    assert isinstance(arguments["percent"], int)
