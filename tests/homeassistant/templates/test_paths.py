"""The fast way never says anything else than Jinja."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.homeassistant.inbound import NO_JSON, parse_json
from satellite.homeassistant.templates.errors import TemplateBroken, TemplateFailed
from satellite.homeassistant.templates.paths import compile_path
from satellite.homeassistant.templates.rendering import sandbox_template
from satellite.homeassistant.templates.template import compile_template

KEYS = st.sampled_from(["a", "b", "items", "keys", "state", "0", "real", "é", "x y", "update"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text("ab0"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
STEP = (
    st.sampled_from([".a", ".b", ".state", ".items", ".real", ".0", ".1", "[0]", "[7]", "[-1]"])
    | KEYS.map(lambda key: f"['{key}']")
    | KEYS.map(lambda key: f'["{key}"]')
)
SPACE = st.sampled_from(["", " "])


@st.composite
def paths(draw: st.DrawFn) -> str:
    root = draw(st.sampled_from(["value_json", "value"]))
    steps = "".join(draw(st.lists(STEP, max_size=4)))
    defined = draw(st.sampled_from(["", "|is_defined", " | is_defined"]))
    before, after = draw(SPACE), draw(SPACE)
    return f"{{{{{before}{root}{steps}{defined}{after}}}}}"


def outcome(render: Callable[[dict[str, Any]], str], names: dict[str, Any]) -> tuple[str, str]:
    try:
        return "text", render(names).strip()
    except TemplateBroken:
        return "broken", ""
    except TemplateFailed:
        return "failed", ""


@given(paths(), JSON)
def test_same_as_jinja(source: str, content: object) -> None:
    payload = json.dumps(content)
    names = {"value": payload, "value_json": parse_json(payload)}
    jinja = sandbox_template(source)
    fast = compile_path(source, sandbox_template)
    assert outcome(fast or jinja, names) == outcome(jinja, names)


@given(paths())
def test_same_as_jinja_without_json(source: str) -> None:
    fast = compile_path(source, sandbox_template)
    jinja = sandbox_template(source)
    assert outcome(fast or jinja, {"value": "text"}) == outcome(jinja, {"value": "text"})


@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}",
        "{{value_json.a}}",
        "{{ value_json['a b'].c }}",
        '{{ value_json["a"][0].b }}',
        "{{ value_json.thermostats.0.tmp.value }}",
        "{{- value_json.a -}}",
        "{{ value_json.tempc | is_defined }}",
        "no template at all",
    ],
)
def test_usual_templates_never_reach_jinja(source: str) -> None:
    assert compile_template(source).plain


@pytest.mark.parametrize(
    "source",
    [
        "{{ value_json.items }}",
        "{{ value_json._x }}",
        "{{ value_json.a }}{{ value_json.b }}",
        "{{ value_json[value] }}",
        "{{ value_json['it\\'s'] }}",
        "{{ value_json.a | float }}",
        "{{ value.a }}",
    ],
)
def test_unusual_ones_do(source: str) -> None:
    assert not compile_template(source).plain


def test_no_json_is_not_null() -> None:
    assert parse_json("null") is None
    assert parse_json("nul") is NO_JSON
    assert parse_json("NaN") is NO_JSON
    assert parse_json("[" * 100_000) is NO_JSON
