"""Functions from the settings: a message to publish, and perhaps an answer to wait for."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from msgspec.structs import replace

from satellite.homeassistant.effects import Publish
from satellite.homeassistant.templates.template import (
    BudgetExceeded,
    TemplateFailed,
    compile_template,
)
from satellite.homeassistant.templates.time_limit import limited
from satellite.tools import schema
from satellite.tools.execution.plan import DeviceOutcome, OwnStep, Status
from satellite.tools.policy.rules import OwnFunctionRule
from satellite.tools.tool import Arguments, HomeTool

MAX_PAYLOAD_BYTES = 65_536
MAX_CHECK_S = 0.5
"""For checking arguments: a regular expression may be slow for some texts."""


def function(own: OwnFunctionRule) -> HomeTool:
    """The schema is the person's own; unknown fields are refused unless it says otherwise."""
    return HomeTool(own.name, own.description, parameters(own))


def parameters(own: OwnFunctionRule) -> schema.Schema:
    return {"type": "object", "properties": {}, "additionalProperties": False, **own.parameters}


def problem_with(own: OwnFunctionRule, arguments: Arguments) -> str:
    """What is wrong with the arguments, as a sentence; empty when the schema takes them.

    Words of an enum get their proper spelling, whole numbers lose their point; then the whole
    schema is enforced.
    """
    expected = parameters(own)
    if expected == parameters(replace(own, parameters={})):
        return schema.check(arguments, expected)
    from satellite.core import json_schema

    refused = json_schema.why_refused(expected)  # known after the first call
    try:
        return limited(lambda: _problem(arguments, expected, refused), MAX_CHECK_S, "Checking them")
    except BudgetExceeded as slow:
        return f"The arguments cannot be checked: {slow}."


def _problem(arguments: Arguments, expected: schema.Schema, refused: str) -> str:
    from satellite.core import json_schema

    tidied = deepcopy(arguments)
    plain = schema.check(tidied, expected)
    taken = arguments if plain else tidied
    problem = refused or json_schema.problem_with(taken, expected)
    if problem:
        return plain or problem
    arguments.update(taken)
    return ""


def plan(own: OwnFunctionRule, arguments: Arguments) -> OwnStep | DeviceOutcome:
    """The message for these (checked) arguments; a template that fails refuses the call."""
    try:
        payload = _payload(own, arguments)
    except (TemplateFailed, BudgetExceeded) as error:
        return DeviceOutcome(own.name, Status.REFUSED, f"Its payload template fails: {error}"[:200])
    if len(payload) > MAX_PAYLOAD_BYTES:
        return DeviceOutcome(own.name, Status.REFUSED, "Its message would be too long.")
    return OwnStep(own, Publish(own.topic, payload, own.qos, own.retain))


def _payload(own: OwnFunctionRule, arguments: dict[str, Any]) -> bytes:
    if not own.payload:
        return json.dumps(arguments, ensure_ascii=False).encode() if arguments else b""
    return compile_template(own.payload).render(arguments).encode()
