"""What is taken without pydantic is what pydantic takes, and nearly all that people write is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from satellite.settings import Settings
from satellite.settings.base import hints_of, names_of, section_at, without_marks
from satellite.settings.home import OwnFunction
from satellite.settings.mcp import McpServerSection
from satellite.settings.models import validated
from satellite.settings.plain import plain
from satellite.settings.sources import Flags, put

EXPLAINED = Path(__file__).parents[2] / "config" / "satellite.toml"

TEXTS = st.sampled_from(
    [
        *(
            "",
            "0",
            "7",
            "40",
            "-3",
            "1.5",
            "0.5",
            "1e3",
            " 40",
            "4_0",
            "nan",
            "inf",
            "٤",
            "+1",
            "-0",
        ),
        *("true", "false", "True", "on", "yes", "null", "none", "auto", "off", "en", "offline"),
        *("a, b", '["a", "b"]', '["a", 1]', '{"a": ["b"]}', '{"a": "b, c"}', '{"a": "471199"}'),
        *(
            '[{"name": "x", "description": "d", "topic": "t"}]',
            '{"m": {"text_in": "1"}}',
            "[",
            "\n",
        ),
        *(
            "id\n",
            "a/b",
            "a/b\n",
            "wss://x.org/",
            " ws://x.org:80 ",
            "sk-x",
            "4711",
            "\ud800",
            "box",
        ),
        *("/etc/passwd", "wake", "semantic_vad", "turns", "audio", "text", "aec", "10000", "2883"),
    ]
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-3, 20_000)
    | st.sampled_from([10**30, 40.0, 0.5, 1.5, float("nan"), float("inf"), -0.0, 1e308])
    | TEXTS
    | st.text(max_size=4)
)
FUNCTION = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "description": TEXTS,
        "topic": TEXTS,
        "qos": PLAIN,
        "retain": PLAIN,
        "parameters": st.sampled_from([{}, {"type": "object"}, {"type": "array"}, "x"]),
    },
)
MCP_SERVER = st.fixed_dictionaries(
    {},
    optional={
        "label": TEXTS,
        "url": TEXTS | st.just("https://mcp.example.org"),
        "connector": TEXTS,
        "authorization": TEXTS,
        "approval": TEXTS | st.just("never"),
        "allowed_tools": PLAIN | st.lists(TEXTS, max_size=2),
    },
)
VALUES = (
    PLAIN
    | st.lists(TEXTS, max_size=3)
    | st.lists(PLAIN, max_size=2)
    | st.lists(FUNCTION, max_size=2)
    | st.dictionaries(TEXTS, PLAIN | st.lists(TEXTS, max_size=2), max_size=2)
    | st.dictionaries(st.sampled_from(["m"]), st.dictionaries(st.just("text_in"), PLAIN))
)


NUMBERS = st.integers(-3, 20_000) | st.sampled_from([0.5, 40.0, 10**30, float("nan"), 1e308])


def fitting(hint: object) -> st.SearchStrategy[Any]:
    """Values that a field of this type may well take."""
    kind = without_marks(hint)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is tuple:
        tables: dict[type, Any] = {OwnFunction: FUNCTION, McpServerSection: MCP_SERVER}
        section = section_at(get_args(kind)[0])
        member = tables[section] if section else st.sampled_from(["config", "a, b"])
        return st.lists(member, max_size=2)
    if get_origin(kind) is dict:
        return st.dictionaries(st.sampled_from(["m", "x"]), st.sampled_from(["b, c", "4711", {}]))
    if kind is bool:
        return st.booleans()
    if kind in (int, float, int | None):
        return NUMBERS | NUMBERS.map(str)
    return TEXTS


def given_values() -> st.SearchStrategy[dict[str, Any]]:
    """A few settings by their dotted names."""

    def value_of(name: str) -> st.SearchStrategy[Any]:
        return st.sampled_from([True, True, True, False]).flatmap(
            lambda fits: fitting(hint_of(name)) if fits else VALUES
        )

    fields = [st.tuples(st.just(name), value_of(name)) for name in names_of(Settings)]
    return st.lists(st.one_of(fields), min_size=1, max_size=2).map(dict)


def hint_of(name: str) -> object:
    hint: Any = Settings
    for step in name.split("."):
        hint = hints_of(section_at(hint) or Settings)[step]
    return hint


@given(given_values())
@example({"satellite.id": "line\n"})
@example({"satellite.name": "\ud800"})
@example({"realtime.vad.idle_timeout_ms": "null"})
@example({"spending.daily_limit_usd": float("inf")})
@example({"home.functions": '[{"name": "x", "description": "d", "topic": "t\\n", "qos": "1"}]'})
def test_what_is_taken_is_taken_by_pydantic_and_is_the_same(values: dict[str, Any]) -> None:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        put(tree, tuple(name.split(".")), value)
    settings = plain(tree)
    if settings is None:
        return
    try:
        judged = validated([Flags(tree)])
    except ValidationError as error:
        raise AssertionError(f"pydantic refuses {tree}") from error
    assert repr(settings) == repr(judged), "0 is no False, and 1 no 1.0"
    assert settings == judged


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"audio": {"volume": 40, "input": "USB", "chimes": False, "echo": {"mode": "aec"}}},
        {"audio": {"volume": "40", "chimes": "true"}, "mqtt": {"port": "2883", "ca_file": ""}},
        {"listen": {"mode": "wake", "wake_words": "alexa, okay nabu", "follow_up_s": "0.5"}},
        {"realtime": {"url": "offline", "api_key": "sk-x", "vad": {"idle_timeout_ms": "6000"}}},
        {"home": {"aliases": '{"Lamp": ["big light"]}', "pin": "4711", "codes": {"Door": "12"}}},
        {"home": {"functions": [{"name": "x", "description": "d", "topic": "a/b", "qos": 1}]}},
        {"spending": {"prices": {"m": {"text_in": 1, "audio_out": 0.5}}, "daily_limit_usd": 2}},
    ],
)
def test_what_people_write_is_plain(tree: dict[str, Any]) -> None:
    assert plain(tree) == validated([Flags(tree)])


def test_all_that_is_explained_is_plain() -> None:
    spelt_out = tomllib.loads(re.sub(r"(?m)^#(?=[a-z_\[])", "", EXPLAINED.read_text()))
    spelt_out["satellite"]["id"] = "vm"
    assert plain(spelt_out) is not None
