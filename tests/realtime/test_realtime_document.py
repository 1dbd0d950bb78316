"""``docs/realtime.md`` has every name in the types of the ``openai`` package, and is true."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from openai.types.realtime import (
    RealtimeClientEvent,
    RealtimeServerEvent,
    RealtimeSessionCreateRequest,
)
from pydantic import BaseModel

from satellite.realtime.config import ResponseConfig, TruncationConfig
from satellite.realtime.decode import decode
from satellite.realtime.dialects import GA
from satellite.realtime.encode import append_frame, command_object
from satellite.realtime.mcp import McpServer
from satellite.settings.base import names_of
from satellite.settings.sections import Settings
from tests.realtime.test_wire_types import COMMANDS, CONFIGS, SERVER_EVENTS, TOOL, example

TEXT = (Path(__file__).parents[2] / "docs" / "realtime.md").read_text("utf-8")
ASKING = McpServer(
    "docs", "https://d.example", description="D", allowed_tools=("a", "b"), without_approval=("a",)
)
NAME = re.compile(r"`([a-z_.*]+)`")


def table(chapter: str) -> dict[str, str]:
    """The names in the first column of the chapter's table, with what the row says of them."""
    rows: dict[str, str] = {}
    lines = TEXT.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0].splitlines()
    for line in [one for one in lines if one.startswith("| `")]:
        _, names, told, _ = re.split(r"(?<!\\)\|", line)
        for name in NAME.findall(names):
            assert name not in rows, f"{name} stands there twice"
            rows[name] = told.strip()
    assert rows
    return rows


def kinds(union: Any) -> set[str]:  # noqa: ANN401
    members = typing.get_args(typing.get_args(union)[0])
    return {typing.get_args(one.model_fields["type"].annotation)[0] for one in members}


def fields(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Every field of the session, at any depth: those that hold something themselves."""
    for name, field in model.model_fields.items():
        path = f"{above}{field.alias or name}"
        below = list(models(field.annotation))
        if not below or has_plain(field.annotation):
            yield path
        for one in below:
            yield from fields(one, f"{path}.")


def models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from models(inner)


def has_plain(annotation: Any) -> bool:  # noqa: ANN401
    """Whether it may also be a text or the like, beside an object."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        options = [one for one in typing.get_args(annotation) if one is not type(None)]
        return any(has_plain(one) for one in options)
    if typing.get_origin(annotation) is typing.Annotated:
        return has_plain(typing.get_args(annotation)[0])
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    return annotation is str or origin is typing.Literal or (origin is list and inner == (str,))


def described(name: str, rows: Mapping[str, str]) -> str:
    """What the table says of a field; also by the row of all that is below another field."""
    found = [told for row, told in rows.items() if name == row or fnmatchcase(f"{name}.", row)]
    found += [told for row, told in rows.items() if row.endswith(".*") and name == row[:-2]]
    found += [told for row, told in rows.items() if "*" in row and fnmatchcase(name, row)]
    return found[0] if found else ""


def paths(value: object, above: str = "") -> Iterator[str]:
    """Paths of what a session object sets."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if above == "tools." and name == "parameters":
                yield "tools.parameters"
            else:
                yield from paths(inner, f"{above}{name}.")
    elif isinstance(value, list) and above == "tools.":
        for member in value:
            yield from paths(member, above)
    else:
        yield above.rstrip(".")


def test_every_client_event_is_there_and_sent_or_not_as_it_says() -> None:
    rows = table("What it sends")
    assert set(rows) == kinds(RealtimeClientEvent)
    sent = {command_object(command)["type"] for command in COMMANDS}
    sent |= {json.loads(append_frame(b""))["type"], json.loads(GA.encode_update({}))["type"]}
    assert sent == {name for name, told in rows.items() if not told.startswith("not sent")}


def test_every_server_event_is_there_and_acted_upon_or_not_as_it_says() -> None:
    rows = table("What it gets")
    assert set(rows) == kinds(RealtimeServerEvent)
    for model in SERVER_EVENTS:
        made = example(model, full=True)
        ignored = rows[made["type"]].startswith("ignored")
        assert (decode(json.dumps(made)) is None) is ignored, made["type"]


def test_every_field_of_the_session_is_there_and_set_or_not_as_it_says() -> None:
    rows = table("The session")
    known = set(fields(RealtimeSessionCreateRequest))
    assert [name for name in sorted(known) if not described(name, rows)] == []
    assert [row for row in rows if not any(described(name, {row: "x"}) for name in known)] == []
    configs = [
        *CONFIGS,
        *(structs.replace(one, vocabulary=("Desk lamp",)) for one in CONFIGS),
        structs.replace(CONFIGS[2], transcription_model="whisper-1", vocabulary=("Desk lamp",)),
        structs.replace(CONFIGS[0], mcp=(ASKING,)),
        structs.replace(
            CONFIGS[0], responses=ResponseConfig(truncation=TruncationConfig("disabled"))
        ),
    ]
    sessions = [GA.session(structs.replace(one, tools=(TOOL,))) for one in configs]
    is_set = {path for session in sessions for path in paths(session)}
    claimed = {name for name in known if not described(name, rows).startswith("not set")}
    assert is_set - claimed - {"audio.input.turn_detection"} == set()
    assert claimed - is_set == set()


def test_the_settings_that_it_names_are_there() -> None:
    settings = names_of(Settings)
    for name, told in table("The session").items():
        if told.startswith(("not set", "always")):
            continue
        for setting in re.findall(r"`([a-z_.]+)`", told):
            known = f"realtime.{setting}" in settings or setting in settings
            assert known or setting in ("retention_ratio", "voice_"), f"{setting}, at {name}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows.pop("audio.output.speed"),
        lambda rows: rows.pop("prompt.*"),
        lambda rows: rows.pop("tools.require_approval"),
    ],
)
def test_a_missing_row_is_noticed(spoil: Any) -> None:  # noqa: ANN401
    rows = table("The session")
    spoil(rows)
    assert [one for one in fields(RealtimeSessionCreateRequest) if not described(one, rows)]
