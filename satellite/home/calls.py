"""Runs the model's function calls and reports their results."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from satellite.home import messages as ms
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.tools.effects import CallDone
from satellite.tools.execution.turn_context import TurnContext

log = logging.getLogger(__name__)

LISTED = 10
"""Published messages of one call that are logged; a call for all devices may publish hundreds."""


class Runner(Protocol):
    """Runs a call in the home."""

    def call(
        self, call_id: str, name: str, arguments: str, turn: int, exchange: TurnContext
    ) -> None: ...


class HomeCalls:
    """``send`` gets the result of each call for the model; ``entities`` publishes it."""

    def __init__(self, send: Callable[[msgspec.Struct], None], entities: OwnEntities) -> None:
        self._send = send
        self._entities = entities

    def run(self, call: ms.Run, home: Runner) -> None:
        home.call(call.call_id, call.name, call.arguments, call.turn, call.exchange)

    def done(self, call: CallDone) -> None:
        """Reports the result of a call: to the model, over MQTT, and as one line of the log."""
        output = json.dumps(call.result, ensure_ascii=False, default=str)
        self._send(ms.Result(call.call_id, output, call.picture))
        shown = {"name": call.name, "arguments": call.arguments, "result": call.result}
        self._entities.show("call", {**shown, "ms": round(call.took_ms, 1)})
        published = ", ".join(f"{topic} {payload}" for topic, payload in call.published[:LISTED])
        if (unlisted := len(call.published) - LISTED) > 0:
            published += f" and {unlisted} more"
        log.info(
            "%s: %s in %.0f ms; published: %s",
            call.name,
            call.result.get("status", "?"),
            call.took_ms,
            published or "nothing",
        )
