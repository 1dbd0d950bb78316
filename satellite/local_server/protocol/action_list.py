"""Collects the actions of a session while it handles one input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from satellite.local_server.protocol.actions import Action, Emit
from satellite.local_server.protocol.schema import RequestRefused

MakeId = Callable[[str], str]
"""Makes a fresh id from a prefix, for example ``item_…``; at most 32 characters."""


class ActionList:
    def __init__(self, make_id: MakeId) -> None:
        self.make_id = make_id
        self._actions: list[Action] = []

    def emit(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - the wire's own values
        self._actions.append(Emit({"type": kind, "event_id": self.make_id("event"), **fields}))

    def emit_all(self, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            self._actions.append(Emit({"event_id": self.make_id("event"), **event}))

    def refuse(self, why: RequestRefused, cause: str | None) -> None:
        """Emits an ``error`` event; ``cause`` is the ``event_id`` of the client's event."""
        self.emit(
            "error",
            error={
                "type": why.kind,
                "code": why.code,
                "message": why.message,
                "param": why.param,
                "event_id": cause,
            },
        )

    def add(self, action: Action) -> None:
        self._actions.append(action)

    def drain(self) -> list[Action]:
        actions, self._actions = self._actions, []
        return actions
