"""Reads the present state of devices and sensors, and its age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from satellite.homeassistant.entities.traits import ClassKind
from satellite.tools import schema
from satellite.tools.execution.plan import DeviceOutcome, Status
from satellite.tools.execution.sentences import describe
from satellite.tools.names.targets import Target, in_area
from satellite.tools.state_reports.attributes import as_number
from satellite.tools.state_reports.report import Report, age, duration, phrase, report
from satellite.tools.text.cleaning import spoken_list
from satellite.tools.tool import (
    DEVICES,
    Arguments,
    HomeTool,
    area_names,
    area_schema,
    name_schema,
)

NAME = "get_state"
DESCRIPTION = (
    "Read the present state of devices and sensors, with units and age. Give devices, or area "
    "and/or kind (every window, the temperature upstairs)."
)
MAX_SHOWN = 40
_MEASURED = {"temperature": "current_temperature", "humidity": "current_humidity"}


def function(targets: Sequence[Target], listed: bool) -> HomeTool:
    properties = {"devices": schema.several(name_schema(targets, listed), DEVICES)}
    properties["area"] = area_schema(area_names(targets), listed=True)
    kinds = sorted({kind for target in targets for kind in target.kinds})
    properties["kind"] = schema.choice(kinds, "Only devices and sensors of this kind")
    return HomeTool(NAME, DESCRIPTION, schema.table(properties))


def chosen(targets: Sequence[Target], area: str | None, kind: str | None) -> list[Target]:
    """All targets of a kind in an area; a thermostat counts as a thermometer when it has one."""
    return [
        target
        for target in targets
        if (area is None or in_area(target, area)) and (kind is None or _is_kind(target, kind))
    ]


def _is_kind(target: Target, kind: str) -> bool:
    if kind not in target.kinds:
        return False
    measured = _MEASURED.get(kind)
    if measured is None or target.entity.traits.class_kind is ClassKind.INSTEAD:
        return True
    return as_number(target.entity.attributes.get(measured)) is not None


def answer(
    targets: Sequence[Target], unknown: Sequence[DeviceOutcome], arguments: Arguments, now_s: float
) -> dict[str, Any]:
    """The result of a question about these devices."""
    kind = arguments.get("kind")
    data: list[dict[str, Any]] = []
    alike: dict[str, list[str]] = defaultdict(list)
    for target in targets:
        facts = _facts(target, kind)
        alike[phrase(facts)].append(target.name)
        if len(data) < MAX_SHOWN:
            data.append({"device": target.name, **_placed(target, facts, now_s)})
    data += [outcome.as_data() for outcome in unknown]
    status = Status.DONE if targets else Status.UNKNOWN_DEVICE
    if targets and unknown:
        status = Status.PARTIAL
    result: dict[str, Any] = {"status": status.value, "devices": data}
    if len(targets) > MAX_SHOWN:
        result["not_shown"] = len(targets) - MAX_SHOWN
    result["message"] = _message(alike, unknown, kind)
    return result


def _facts(target: Target, kind: str | None) -> Report:
    entity = target.entity
    facts = report(entity)
    measured = _MEASURED.get(kind or "")
    if measured and entity.traits.class_kind is not ClassKind.INSTEAD and measured in facts:
        unit = facts.get("unit", "%") if kind == "temperature" else "%"
        facts = {"state": facts[measured], "unit": unit}
    return facts


def _placed(target: Target, facts: Report, now_s: float) -> Report:
    """The facts with where the device is and how old they are."""
    entity = target.entity
    if target.area:
        facts = {"area": target.area, **facts}
    if entity.available:
        facts |= age(entity, now_s)
    elif entity.last_reported_s is not None:
        facts["last_heard"] = f"{duration(now_s - entity.last_reported_s)} ago"
    return facts


def _message(
    alike: Mapping[str, Sequence[str]], unknown: Sequence[DeviceOutcome], kind: str | None
) -> str:
    """``alike``: a state in words -> the names of the devices that are in it."""
    sentences = []
    count = sum(map(len, alike.values()))
    if kind and count > 3 and len(alike) <= 4:
        counts = [f"{len(names)} {state}" for state, names in alike.items()]
        sentences.append(f"Of {count}: {spoken_list(counts)}.")
    # What only few are in is what is worth knowing.
    for state, names in sorted(alike.items(), key=lambda item: len(item[1]))[:8]:
        be = "is" if len(names) == 1 else "are"
        sentences.append(f"{spoken_list(names)} {be} {state}.")
    if unknown:
        sentences.append(describe(unknown))
    return " ".join(sentences) or "There is nothing like that here."
