"""Every event that a client may send in the beta dialect, made a GA event when it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from satellite.local_server.protocol.beta import shapes
from satellite.local_server.protocol.schema import Check, text
from satellite.local_server.protocol.shapes.events import EVENTS, event

Dialect = Literal["ga", "beta"]


def _update(value: object, path: str) -> dict[str, Any]:
    return dict(event(("session",), session=shapes.session)(value, path))


def _transcription_update(value: object, path: str) -> dict[str, Any]:
    checked = event(("session",), session=shapes.transcription_session)(value, path)
    return {**checked, "type": "session.update"}


def _create_item(value: object, path: str) -> dict[str, Any]:
    checked = event(("item",), item=shapes.ITEM, previous_item_id=text())(value, path)
    return {**checked, "item": shapes.ga_item(checked["item"])}


BETA_EVENTS: dict[str, Check] = {
    **EVENTS,
    "session.update": _update,
    "transcription_session.update": _transcription_update,
    "conversation.item.create": _create_item,
    "response.create": event(response=shapes.response),
}

_BODIES = {"session.update": "session", "response.create": "response"}


def shown_by(client_event: Mapping[str, Any]) -> Dialect | None:
    """The dialect in which the client speaks, where this event shows one."""
    kind = client_event["type"]
    body = client_event.get(_BODIES[kind]) if kind in _BODIES else None
    if not isinstance(body, dict):
        return None
    if (kind == "session.update" and "type" in body) or body.keys() & shapes.GA_ONLY:
        return "ga"
    return "beta" if body.keys() & shapes.BETA_ONLY else None
