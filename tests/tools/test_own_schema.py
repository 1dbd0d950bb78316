"""Every keyword of a person's own schema is enforced, or the schema is refused at the start."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core.errors import SettingsError
from satellite.core.json_schema import FORMATS, check_schema
from satellite.settings import load_settings
from satellite.tools.own_functions import problem_with
from satellite.tools.policy.rules import OwnFunctionRule, Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def own(schema: dict[str, Any]) -> OwnFunctionRule:
    """A function whose one parameter ``x`` has this schema."""
    return OwnFunctionRule("f", "Does it.", "f/set", parameters={"properties": {"x": schema}})


KEYWORDS: tuple[tuple[Any, list[Any], list[Any]], ...] = (
    ({"exclusiveMaximum": 10}, [9.99, -1], [10, 11]),
    ({"exclusiveMinimum": 0}, [0.1], [0, -1]),
    ({"minimum": 1, "maximum": 3}, [1, 3], [0, 4]),
    ({"const": "on"}, ["on"], ["off", "ON", 1]),
    ({"const": 1}, [1], [True, "1"]),
    ({"enum": [1, "a", None]}, [1, "a", None], [True, 2]),
    ({"multipleOf": 5}, [15, 0, -5], [7]),
    ({"multipleOf": 0.1}, [0.7, 0.3, 21.3, 1e20], [0.75]),
    ({"anyOf": [{"type": "integer"}, {"const": "auto"}]}, [3, "auto"], ["other", 2.5]),
    ({"oneOf": [{"minimum": 5}, {"maximum": 7}]}, [3, 9], [6]),
    ({"allOf": [{"minimum": 5}, {"maximum": 7}]}, [6], [4, 8]),
    ({"not": {"const": "all"}}, ["one"], ["all"]),
    ({"if": {"const": 1}, "then": False, "else": {"minimum": 5}}, [5], [1, 2]),
    ({"type": ["string", "null"]}, ["a", None], [1]),
    ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab"], ["a", "abcd"]),
    ({"pattern": "^[a-z]+$"}, ["abc"], ["a1"]),
    ({"uniqueItems": True}, [[1, 2]], [[1, 1], [{"a": 1}, {"a": 1}]]),
    ({"minItems": 1, "maxItems": 2}, [[1]], [[], [1, 2, 3]]),
    ({"contains": {"const": 1}, "maxContains": 1}, [[1, 2]], [[2], [1, 1]]),
    ({"prefixItems": [{"type": "string"}], "items": False}, [["a"]], [[1], ["a", "b"]]),
    ({"unevaluatedItems": False, "prefixItems": [True]}, [[1]], [[1, 2]]),
    ({"properties": {"a": {"const": 1}}, "required": ["a"]}, [{"a": 1}], [{}, {"a": 2}]),
    ({"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": False},
     [{"ab": 1}], [{"ab": "1"}, {"b": 1}]),
    ({"propertyNames": {"maxLength": 2}}, [{"ab": 1}], [{"abc": 1}]),
    ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}], [{}, {"a": 1, "b": 2}]),
    ({"dependentRequired": {"a": ["b"]}}, [{"a": 1, "b": 1}, {}], [{"a": 1}]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{"b": 1}], [{"a": 1}]),
    ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": True}}]},
     [{"a": 1}], [{"b": 1}]),
    ({"format": "date"}, ["2026-02-28"], ["2026-02-30", "tomorrow"]),
    ({"format": "date-time"}, ["2026-02-28T07:00:00Z"], ["2026-02-28", "2026-02-28T07:00:00"]),
    ({"format": "time"}, ["07:00:00Z", "07:00:00+01:00"], ["07:00", "25:00:00Z"]),
    ({"format": "email"}, ["a@b.example"], ["a"]),
    ({"format": "ipv4"}, ["10.0.0.1"], ["10.0.0.256"]),
    ({"format": "ipv6"}, ["::1"], ["::g"]),
    ({"format": "hostname"}, ["a-b.example"], ["-a", "a b", "a" * 64]),
    ({"format": "uri"}, ["http://a.example/x"], ["a/b", "http://a b"]),
    ({"format": "uuid"}, ["12345678-1234-5678-1234-567812345678"], ["1234"]),
    ({"format": "regex"}, ["a+"], ["("]),
    ({"$ref": "#/$defs/short", "$defs": {"short": {"maxLength": 2}}}, [], []),
    (True, [1, "a", None], []),
)  # fmt: skip


@pytest.mark.parametrize(("schema", "right", "wrong"), KEYWORDS, ids=lambda one: str(one)[:40])
def test_each_keyword_is_enforced(schema: Any, right: list[Any], wrong: list[Any]) -> None:  # noqa: ANN401
    function = own(schema)
    if not (isinstance(schema, dict) and "$ref" in schema):
        check_schema({"type": "object", **function.parameters})
    for value in right:
        assert problem_with(function, {"x": value}) == "", value
    for value in wrong:
        assert problem_with(function, {"x": value}).endswith("."), value


def test_a_wrong_value_never_gets_out(home: Driver) -> None:
    h = home(Rules(own_functions=(own({"type": "number", "exclusiveMaximum": 10}),)))
    refused = h.ask("f", x=10)
    assert refused["status"] == "invalid_arguments"
    assert "'x'" in refused["message"]
    assert not h.published
    h.ask("f", x=9)
    assert h.take_published() == [("f/set", '{"x": 9}')]


def test_a_schema_that_got_round_the_settings_lets_nothing_out(home: Driver) -> None:
    h = home(Rules(own_functions=(own({"format": "postcode"}),)))
    refused = h.ask("f", x="12345")
    assert refused["status"] == "invalid_arguments"
    assert "postcode" in refused["message"]
    assert not h.published


def test_references_within_the_schema_hold() -> None:
    parameters = {
        "properties": {"x": {"$ref": "#/$defs/short"}},
        "$defs": {"short": {"type": "string", "maxLength": 2}},
    }
    check_schema(parameters)
    function = OwnFunctionRule("f", "Does it.", "f/set", parameters=parameters)
    assert problem_with(function, {"x": "ab"}) == ""
    assert problem_with(function, {"x": "abc"}) != ""


def test_an_older_dialect_is_held_by_its_own_rules() -> None:
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"x": {"maximum": 5, "exclusiveMaximum": True}},
    }
    check_schema(old)
    function = OwnFunctionRule("f", "Does it.", "f/set", parameters=old)
    assert problem_with(function, {"x": 4}) == ""
    assert problem_with(function, {"x": 5}) != ""


def test_what_the_person_means_is_tidied_before_it_is_held() -> None:
    schema = {"enum": ["Living room", "Hall"]}
    arguments = {"x": "hall"}
    assert problem_with(own(schema), arguments) == ""
    assert arguments == {"x": "Hall"}
    whole = {"x": 40.0}
    assert problem_with(own({"type": "integer", "multipleOf": 5}), whole) == ""
    assert json.dumps(whole) == '{"x": 40}'


REFUSED = (
    ({"format": "postcode"}, "postcode"),
    ({"maximun": 5}, "maximun"),
    ({"contentEncoding": "base64"}, "contentEncoding"),
    ({"type": "number", "exclusiveMaximum": True}, "no JSON Schema"),
    ({"type": "nothing"}, "no JSON Schema"),
    ({"pattern": "("}, "no JSON Schema"),
    ({"anyOf": [{"format": "nope"}]}, "nope"),
    ({"items": {"properties": {"enum": {"format": "nope"}}}}, "nope"),
    ({"$ref": "#/$defs/none"}, "not in it"),
    ({"$ref": "http://a.example/schema.json"}, "not in it"),
    ({"dependencies": {"a": ["b"]}}, "dependencies"),
)


@pytest.mark.parametrize(("schema", "why"), REFUSED, ids=lambda one: str(one)[:40])
def test_what_nobody_would_enforce_is_refused_at_the_start(
    schema: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        check_schema({"type": "object", "properties": {"x": schema}})
    settings = {
        "home": {
            "functions": [
                {
                    "name": "f",
                    "description": "Does it.",
                    "topic": "f/set",
                    "parameters": {"type": "object", "properties": {"x": schema}},
                }
            ]
        }
    }
    with pytest.raises(SettingsError, match=r"home\.functions"):
        load_settings(None, settings)


def test_names_of_parameters_and_examples_are_no_keywords() -> None:
    check_schema(
        {
            "properties": {
                "format": {"type": "string", "examples": [{"format": "nope"}]},
                "$ref": {"enum": ["a"], "default": {"maximun": 5}},
                "x": {"x-order": 1, "title": "X", "const": {"format": "nope"}},
            }
        }
    )
    assert "date-time" in FORMATS


def test_a_slow_pattern_ends() -> None:
    problem = problem_with(own({"pattern": "^(a+)+$"}), {"x": "a" * 60 + "b"})
    assert "more than" in problem


A = {"$ref": "#/$defs/a"}
ENDLESS: tuple[dict[str, Any], ...] = (
    {"$ref": "#"},
    {**A, "$defs": {"a": A}},
    {**A, "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"type": "string"}, A]}}},
    {"$defs": {"a": {"not": A}}},
    {"$defs": {"a": {"if": True, "then": A}}},
    {"$defs": {"a": {"dependentSchemas": {"x": A}}}},
    {"properties": {"x": {"$ref": "#/properties/x"}}},
    {"$ref": "#here", "$defs": {"a": {"$anchor": "here", "oneOf": [{"$ref": "#/$defs/a"}]}}},
    {"x-own": {"$ref": "#/x-own"}},
)


@pytest.mark.parametrize("schema", ENDLESS, ids=str)
def test_a_schema_that_leads_back_to_itself_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="refers to itself without an end"):
        check_schema(schema)
    function = OwnFunctionRule("f", "x", "f", parameters={"properties": {"x": True}, **schema})
    assert problem_with(function, {"x": 1}) == (
        "The arguments cannot be checked: the schema refers to itself without an end."
    )


def test_a_recursive_structure_is_enforced_down_to_its_end() -> None:
    tree = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#"}}}}
    check_schema(tree)
    function = OwnFunctionRule("f", "x", "f", parameters=tree)
    assert problem_with(function, {"below": [{"below": []}, {"below": [{}]}]}) == ""
    assert problem_with(function, {"below": [{"below": [{"below": 1}]}]}) != ""


plain = st.one_of(st.none(), st.booleans(), st.integers(-20, 20), st.text(max_size=3))
schemas = st.recursive(
    st.one_of(
        st.fixed_dictionaries({}, optional={
            "type": st.sampled_from(["integer", "number", "string", "array", "object", "null"]),
            "exclusiveMaximum": st.integers(-5, 5), "minimum": st.integers(-5, 5),
            "multipleOf": st.integers(1, 4), "const": plain, "enum": st.lists(plain, min_size=1),
            "maxLength": st.integers(0, 3), "minItems": st.integers(0, 2),
            "uniqueItems": st.booleans(), "minProperties": st.integers(0, 2),
        }),
        st.booleans(),
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner),
        st.builds(lambda a: {"not": a}, inner),
        st.builds(lambda a: {"items": a}, inner),
        st.builds(lambda a: {"properties": {"a": a}, "additionalProperties": False}, inner),
    ),
    max_leaves=4,
)  # fmt: skip
values = st.one_of(plain, st.lists(plain, max_size=3), st.dictionaries(st.just("a"), plain))


@given(schemas, values)
def test_whatever_gets_out_is_valid(schema: Any, value: Any) -> None:  # noqa: ANN401
    """After tidying (spelling of an enum, whole numbers) the library takes it, or nothing goes."""
    function = own(schema)
    check_schema(function.parameters)
    arguments = {"x": value}
    problem = problem_with(function, arguments)
    valid = jsonschema.Draft202012Validator({"properties": {"x": schema}})
    if problem == "":
        assert valid.is_valid(arguments)
    else:
        assert not valid.is_valid({"x": value})
