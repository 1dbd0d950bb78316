"""Runs a folder of discovery messages with expectations through the code of the daemon.

The folder holds ``discovery.jsonl``, ``expectations.jsonl``, ``templates.jsonl``,
``template_semantics.jsonl`` and ``lifecycle.jsonl``; what stands in them was recorded from Home
Assistant. ``check_folder`` gives, for each kind of expectation, how many hold and what differs.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from satellite.home.effects import Publish
from satellite.home.entity import Entity
from satellite.home.exposure import exposed_by_default
from satellite.home.inbound import NO_JSON, parse_json
from satellite.home.names import is_romanized
from satellite.home.registry import Registry
from satellite.home.services import CallError
from satellite.home.templates.errors import TemplateBroken, TemplateFailed, TemplateSyntax
from satellite.home.templates.template import compile_template

PREFIX = "homeassistant"
Json = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """How many expectations of one kind hold, and what differs."""

    kind: str
    checked: int = 0
    held: int = 0
    differences: list[str] = field(default_factory=list)

    def note(self, where: str, wanted: object, got: object) -> None:
        """Count one expectation."""
        self.checked += 1
        if _same(wanted, got):
            self.held += 1
        else:
            self.differences.append(f"{where}: wanted {wanted!r}, got {got!r}")


def check_folder(folder: Path) -> list[Tally]:
    """Everything that the folder has expectations for.

    Raises:
        FileNotFoundError: a file is missing.
    """
    discovery = {record["id"]: record for record in _read(folder / "discovery.jsonl")}
    expectations = list(_read(folder / "expectations.jsonl"))
    return [
        *_check_entities(discovery, expectations),
        _check_templates("templates", _read(folder / "templates.jsonl")),
        _check_templates("template semantics", _read(folder / "template_semantics.jsonl")),
        _check_lifecycle(_read(folder / "lifecycle.jsonl")),
    ]


def _read(path: Path) -> Iterable[Json]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


# Comparing ------------------------------------------------------------------------------------


def _same(wanted: object, got: object) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return abs(wanted - got) < 1e-9
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple):
        return len(wanted) == len(got) and all(map(_same, wanted, got))
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return wanted.keys() == got.keys() and all(_same(wanted[key], got[key]) for key in wanted)
    return wanted == got


_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def _payload(text: str) -> object:
    """What a payload means: a number, a JSON document, or its words."""
    if _NUMBER.fullmatch(text):
        return float(text)
    if text[:1] in ("{", "["):
        value = parse_json(text)
        if value is not NO_JSON:
            return value
    return text


def _wanted_publish(message: Json) -> tuple[object, ...]:
    payload: object = (
        message["payload_hex"] if "payload_hex" in message else _payload(message["payload"])
    )
    return message["topic"], payload, message["qos"], message["retain"]


def _got_publish(message: Publish) -> tuple[object, ...]:
    try:
        payload: object = _payload(message.payload.decode())
    except UnicodeDecodeError:
        payload = message.payload.hex()
    return message.topic, payload, message.qos, message.retain


# Entities, calls and states ---------------------------------------------------------------------


class _Home:
    """The registry with a clock that runs a millisecond per message."""

    def __init__(self) -> None:
        self.registry = Registry(PREFIX)
        self._now_s = 0.0

    def publish(self, topic: str, payload: str | bytes) -> None:
        self._now_s += 0.001
        data = payload.encode() if isinstance(payload, str) else payload
        self.registry.on_message(topic, data, self._now_s)

    def send(self, messages: Iterable[list[str]]) -> None:
        for topic, payload in messages:
            self.publish(topic, payload)


def _check_entities(discovery: Mapping[str, Json], expectations: list[Json]) -> list[Tally]:
    home = _Home()
    accepted = Tally("accepted")
    entities, initial = Tally("entities"), Tally("initial states")
    calls, states = Tally("calls"), Tally("states")
    announced = {record["id"]: _announce(home, discovery[record["id"]]) for record in expectations}
    for record in expectations:
        where = record["id"]
        found = announced[where]
        accepted.note(where, bool(record["accepted"]), bool(found))
        by_id = {entity.unique_id: entity for entity in found}
        home.send(record["initial_messages"])
        for wanted in record["entities"]:
            entity = by_id.get(wanted["unique_id"])
            place = f"{where}/{wanted['unique_id']}"
            _check_description(entities, place, wanted, entity)
            if "initial" in wanted and entity is not None:
                _check_state(initial, place, wanted["initial"], entity)
        if found:
            _check_calls(calls, home, record, by_id)
            _check_states(states, home, record, by_id)
    return [accepted, entities, initial, calls, states]


def _announce(home: _Home, record: Json) -> list[Entity]:
    payload = record["payload"]
    text = payload if record.get("raw") else json.dumps(payload)
    before = {id(entity) for entity in home.registry}
    home.publish(record["topic"], text)
    return [entity for entity in home.registry if id(entity) not in before]


def _check_description(tally: Tally, where: str, wanted: Json, entity: Entity | None) -> None:
    if entity is None:
        tally.note(where, "an entity", None)
        return
    registered = entity.unique_id is not None
    got = {
        "component_key": entity.spec.component_key,
        "unique_id": entity.unique_id,
        "domain": entity.platform,
        "entity_id": entity.spec.entity_id,
        "friendly_name": entity.friendly_name if entity.enabled else None,
        "entity_name": entity.entity_name if registered else None,
        "entity_category": entity.category if registered else None,
        "disabled": not entity.enabled,
        "hidden": entity.hidden,
        "device_name": entity.spec.device.name if entity.spec.device else None,
        "area": entity.spec.device.area if entity.spec.device else None,
        "exposed_to_assist_by_default": exposed_by_default(entity),
    }
    for name, value in got.items():
        if name == "entity_id" and not is_romanized(entity.friendly_name):
            continue  # Home Assistant romanizes all scripts, which nothing here needs.
        tally.note(f"{where} {name}", wanted.get(name), value)


def _check_state(tally: Tally, where: str, wanted: Json, entity: Entity) -> None:
    state, attributes = entity.snapshot()
    if wanted["state"] == "<timestamp>":
        state = "<timestamp>" if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", state) else state
    tally.note(where, [wanted["state"], wanted["attributes"]], [state, attributes])


def _check_calls(
    tally: Tally, home: _Home, record: Json, by_id: Mapping[str | None, Entity]
) -> None:
    first = record["entities"][0]["unique_id"] if record["entities"] else None
    for call in record["calls"]:
        entity = by_id.get(call.get("unique_id", first))
        home.send(record["initial_messages"])
        home.send(call.get("given", ()))
        where = f"{record['id']} {call['service']} {json.dumps(call['data'], ensure_ascii=False)}"
        if entity is None:
            tally.note(where, "an entity", None)
            continue
        if "varies" in call:
            continue
        published, error = _make_call(entity, call)
        wanted = [[_wanted_publish(message) for message in call["publish"]], call["error"]]
        tally.note(where, wanted, [published, error])


def _make_call(entity: Entity, call: Json) -> tuple[list[tuple[object, ...]], object]:
    try:
        messages = entity.call(call["service"].partition(".")[2], call["data"])
    except CallError as refused:
        return [], {"code": refused.code, "translation_key": refused.key}
    return [_got_publish(message) for message in messages], None


def _check_states(
    tally: Tally, home: _Home, record: Json, by_id: Mapping[str | None, Entity]
) -> None:
    for number, step in enumerate(record["states"]):
        home.send(step["messages"])
        if "varies" in step:
            continue
        for unique_id, wanted in step["result"].items():
            where = f"{record['id']}/{unique_id} step {number}"
            entity = by_id.get(unique_id)
            if entity is None:
                tally.note(where, wanted, None)
            else:
                _check_state(tally, where, wanted, entity)


# Templates --------------------------------------------------------------------------------------


def _check_templates(kind: str, records: Iterable[Json]) -> Tally:
    tally = Tally(kind)
    for record in records:
        if "varies" in record:
            continue
        where = f"{record['template'][:120]!r} with {record['payload'][:60]!r}"
        if "error" in record:
            wanted: object = ("error", record["error"])
        elif record.get("template_error"):
            wanted = ("template error", record["rendered"])
        else:
            wanted = ("rendered", record["rendered"])
        tally.note(where, wanted, _render(record["template"], record["payload"]))
    return tally


def _render(source: str, payload: str) -> tuple[str, str]:
    names: dict[str, Any] = {"value": payload}
    value = parse_json(payload)
    if value is not NO_JSON:
        names["value_json"] = value
    try:
        return "rendered", compile_template(source).render(names)
    except TemplateSyntax:
        return "error", "TemplateError"
    except TemplateBroken:
        return "template error", payload
    except TemplateFailed as failed:
        return "error", type(failed.__cause__).__name__


# Life cycle -------------------------------------------------------------------------------------


def _check_lifecycle(records: Iterable[Json]) -> Tally:
    tally = Tally("life cycle")
    for record in records:
        home = _Home()
        for number, step in enumerate(record["steps"]):
            payload = step["payload"]
            home.publish(
                step["topic"], payload if isinstance(payload, str) else json.dumps(payload)
            )
            wanted = sorted(step["entities_after"], key=lambda entity: str(entity["unique_id"]))
            tally.note(f"{record['id']} step {number}", wanted, _remaining(home.registry))
    return tally


def _remaining(registry: Registry) -> list[Json]:
    found: list[Json] = []
    for entity in registry:
        line: Json = {
            "domain": entity.platform,
            "unique_id": entity.unique_id,
            "name": entity.friendly_name if entity.enabled else None,
            "loaded": entity.enabled,
            "disabled": not entity.enabled,
        }
        if entity.enabled and entity.supports("turn_on"):
            line["turn_on_publishes_to"] = [message.topic for message in entity.call("turn_on")]
        found.append(line)
    found += [
        {"domain": domain, "unique_id": unique_id, "name": None, "loaded": False, "disabled": False}
        for domain, unique_id in registry.migrating
    ]
    return sorted(found, key=lambda line: str(line["unique_id"]))


def report(tallies: Iterable[Tally]) -> tuple[str, bool]:
    """The text for a person, and whether everything holds."""
    lines, whole = [], True
    for tally in tallies:
        lines.append(f"{tally.kind}: {tally.held} of {tally.checked} hold")
        lines += [f"  {difference}" for difference in tally.differences]
        whole = whole and tally.held == tally.checked
    return "\n".join(lines), whole


def main(arguments: list[str]) -> int:
    """``python -m satellite.home.corpus_check DIR``: 0 all holds, 1 something differs, 2 usage."""
    if len(arguments) != 1:
        print("usage: check-corpus DIR", file=sys.stderr)
        return 2
    try:
        text, whole = report(check_folder(Path(arguments[0])))
    except FileNotFoundError as missing:
        print(f"check-corpus: {missing.filename} is missing", file=sys.stderr)
        return 2
    print(text)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
