"""Expectations about devices: what is accepted, entities, states, calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.names import is_romanized
from satellite.homeassistant.registry.registry import Registry
from satellite.homeassistant.services.service import CallError
from tests.corpus_check.exposure import exposed_by_default
from tests.corpus_check.tally import Json, Tally, got_publish, wanted_publish

PREFIX = "homeassistant"


class ClockedHome:
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


def check_entities(discovery: Mapping[str, Json], expectations: list[Json]) -> list[Tally]:
    home = ClockedHome()
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
                check_state(initial, place, wanted["initial"], entity)
        if found:
            _check_calls(calls, home, record, by_id)
            _check_states(states, home, record, by_id)
    return [accepted, entities, initial, calls, states]


def _announce(home: ClockedHome, record: Json) -> list[Entity]:
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


def check_state(tally: Tally, where: str, wanted: Json, entity: Entity) -> None:
    state, attributes = entity.snapshot()
    if wanted["state"] == "<timestamp>":
        state = "<timestamp>" if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", state) else state
    tally.note(where, [wanted["state"], wanted["attributes"]], [state, attributes])


def _check_calls(
    tally: Tally, home: ClockedHome, record: Json, by_id: Mapping[str | None, Entity]
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
        wanted = [[wanted_publish(message) for message in call["publish"]], call["error"]]
        tally.note(where, wanted, [published, error])


def _make_call(entity: Entity, call: Json) -> tuple[list[tuple[object, ...]], object]:
    try:
        messages = entity.call(call["service"].partition(".")[2], call["data"])
    except CallError as refused:
        return [], {"code": refused.code, "translation_key": refused.key}
    return [got_publish(message) for message in messages], None


def _check_states(
    tally: Tally, home: ClockedHome, record: Json, by_id: Mapping[str | None, Entity]
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
            elif not _is_left_to_chance(entity, step["messages"]):
                check_state(tally, where, wanted, entity)


def _is_left_to_chance(entity: Entity, messages: Iterable[list[str]]) -> bool:
    """Whether Home Assistant's own answer is a matter of chance: a cover that tells in one message
    that it stopped and where is judged by this position or by the one before (its issue 178174).
    """
    config = entity.config
    topic = config.get("position_topic")
    return (
        entity.platform == "cover"
        and topic is not None
        and topic == config.get("state_topic")
        and any(told == topic and config["state_stopped"] in text for told, text in messages)
    )
