"""Anything that a client of the ``openai`` package may send, as Hypothesis strategies."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from openai.types.beta.realtime import RealtimeClientEvent as BetaClientEvent
from openai.types.realtime import RealtimeClientEvent
from pydantic import BaseModel

TEXTS = st.sampled_from(
    ["", "a", "auto", "item_1", "turn on the kitchen light", "é\u0000\ud83d\ude00"]
)
SOUNDS = st.sampled_from(["", "AAAA", "AAAAAAAA", "////", "A", "no base64"])
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-2, 10_000),
    float: st.floats(-1, 2, allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
}


def client_events(*, beta: bool = False) -> tuple[type[BaseModel], ...]:
    """The event types of the package."""
    union, *_ = get_args(BetaClientEvent if beta else RealtimeClientEvent)
    return get_args(union)


def type_name(event: type[BaseModel]) -> str:
    (name,) = get_args(event.model_fields["type"].annotation)
    return str(name)


def values(annotation: Any, field: str = "") -> st.SearchStrategy[Any]:  # noqa: ANN401
    """JSON values of a type."""
    origin, args = get_origin(annotation), get_args(annotation)
    if field in ("audio", "delta") and str in (annotation, *args):
        return SOUNDS
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of([values(one, field) for one in args])
    if origin is typing.Annotated:
        return values(args[0], field)
    if origin is list:
        return st.lists(values(args[0], field), max_size=2)
    if origin is dict:
        return st.dictionaries(TEXTS, values(args[1]), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return instances(annotation)
    return st.none() | TEXTS | st.integers(0, 9)


def instances(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, info in model.model_fields.items():
        group = required if info.is_required() else optional
        group[info.alias or name] = _later(info.annotation, name)
    return st.fixed_dictionaries(required, optional=optional)


def _later(annotation: Any, field: str) -> st.SearchStrategy[Any]:  # noqa: ANN401
    """Types may hold themselves, so nothing is built before it is drawn."""
    return st.deferred(lambda: values(annotation, field))
