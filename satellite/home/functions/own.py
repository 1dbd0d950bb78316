"""Functions from the settings: a message to publish, and perhaps an answer to wait for."""

from __future__ import annotations

import json
from typing import Any

from satellite.home.effects import Publish
from satellite.home.functions import schema
from satellite.home.functions.calls.plan import Outcome, OwnStep, Status
from satellite.home.functions.function import Arguments, Function
from satellite.home.functions.policy.rules import OwnFunction
from satellite.home.templates.template import BudgetExceeded, TemplateFailed, compile_template

MAX_PAYLOAD_BYTES = 65_536


def function(own: OwnFunction) -> Function:
    """The schema is the person's own; unknown fields are refused unless it says otherwise."""
    return Function(own.name, own.description, parameters(own))


def parameters(own: OwnFunction) -> schema.Schema:
    return {"type": "object", "properties": {}, "additionalProperties": False, **own.parameters}


def plan(own: OwnFunction, arguments: Arguments) -> OwnStep | Outcome:
    """The message for these (checked) arguments; a template that fails refuses the call."""
    try:
        payload = _payload(own, arguments)
    except (TemplateFailed, BudgetExceeded) as error:
        return Outcome(own.name, Status.REFUSED, f"Its payload template fails: {error}"[:200])
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Outcome(own.name, Status.REFUSED, "Its message would be too long.")
    return OwnStep(own, Publish(own.topic, payload, own.qos, own.retain))


def _payload(own: OwnFunction, arguments: dict[str, Any]) -> bytes:
    if not own.payload:
        return json.dumps(arguments, ensure_ascii=False).encode() if arguments else b""
    return compile_template(own.payload).render(arguments).encode()
