"""Whatever anybody publishes: an entity or a reason, never an exception."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.homeassistant.effects import Publish
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.registry.registry import Registry
from satellite.homeassistant.services.service import CallError

CORPUS = Path(__file__).parents[1] / "homeassistant" / "corpus"
RECORDS: list[dict[str, Any]] = [
    record
    for line in (CORPUS / "discovery.jsonl").read_text(encoding="utf-8").splitlines()
    if isinstance((record := json.loads(line))["payload"], dict)
]
EXPECTED: dict[str, dict[str, Any]] = {
    record["id"]: record
    for line in (CORPUS / "expectations.jsonl").read_text(encoding="utf-8").splitlines()
    for record in [json.loads(line)]
}
KEYS = sorted({key for record in RECORDS for key in record["payload"]})
SERVICES = sorted(
    {call["service"].partition(".")[2] for record in EXPECTED.values() for call in record["calls"]}
)
FIELDS = sorted(
    {key for record in EXPECTED.values() for call in record["calls"] for key in call["data"]}
    | {"brightness_step", "rgbw_color", "rgbww_color", "percentage_step", "cycle", "params"}
)

WORDS = st.sampled_from(
    ["", "ON", "OFF", "None", "online", "offline", "open", "heat", "21.5", "-1", "1e400", "nan",
     "255,0,0", "0.3,0.3", '{"state": "ON"}', '{"state": "ON", "brightness": 1e400}',
     '{"state": null, "color_mode": "xy", "color": {"x": "a"}}', '{"position": "x"}',
     '{"position": 1e400}', '{"event_type": ["x"]}', "[1]", "true", "null", "\ud7ff", "x" * 300,
     '{"state": {"a": 1}, "fan_speed": [1], "segments": {"1": 2}}', '{"tone": 5}']
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20)
TEMPLATES = st.sampled_from(
    ["{{ value }}", "{{ value_json.a }}", "{{ value | float }}", "{{ 'x' * 10**9 }}", "{{ 1/0 }}",
     "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "{{",
     "{{ value_json.x.y.z }}", "{{ this.state }} {{ name }} {{ entity_id }}", "{{ {} }}"]
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS | TEMPLATES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A recorded message with some keys changed, taken away or added."""
    record = draw(st.sampled_from(RECORDS))
    payload = dict(record["payload"])
    for _ in range(draw(st.integers(0, 4))):
        if payload:
            payload.pop(draw(st.sampled_from(sorted(payload))))
    changes = st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=4)
    payload.update(draw(changes))
    return record["topic"], payload


def dumped(content: object) -> bytes:
    return json.dumps(content, allow_nan=True).encode("utf-8", "replace")


def not_foreseen(registry: Registry) -> list[str]:
    """Reports of the last net below all checks."""
    reports = registry.context.take_reports()
    return [line for line in reports if "not understood" in line or "cannot be done" in line]


def look_at(entity: Entity) -> None:
    """Read everything that others read."""
    state, attributes = entity.snapshot()
    assert isinstance(state, str)
    json.dumps(attributes)
    assert isinstance(entity.name, str)
    assert len(entity.name) <= 140
    assert isinstance(entity.friendly_name, str)
    assert entity.area is None or isinstance(entity.area, str)
    for feature in entity.features():
        assert isinstance(feature, str)


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_any_mutated_message_is_an_entity_or_refused_with_a_reason(
    message: tuple[str, dict[str, Any]],
) -> None:
    topic, payload = message
    registry = Registry()
    change = registry.on_message(topic, dumped(payload), 0.0)
    assert (
        change.added
        or change.refused
        or registry.triggers()
        or not payload
        or (topic.startswith("tasmota"))
        or payload.keys() <= {"migrate_discovery", "migr_discvry"}
        or "components" in payload
        or ("cmps" in payload)
    )
    for entity in registry:
        look_at(entity)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(RECORDS), st.binary(max_size=200) | ANYTHING.map(dumped))
def test_any_payload_on_a_discovery_topic(record: dict[str, Any], payload: bytes) -> None:
    registry = Registry()
    registry.on_message(record["topic"], payload, 0.0)
    for entity in registry:
        look_at(entity)


@st.composite
def lives(draw: st.DrawFn) -> tuple[str, dict[str, Any], list[tuple[str, Any, Any]]]:
    """A message, then states and calls in any order."""
    topic, payload = draw(mutated())
    steps = draw(
        st.lists(
            st.tuples(st.just("state"), st.integers(0, 5), WORDS | ANYTHING.map(json.dumps))
            | st.tuples(
                st.just("call"),
                st.sampled_from(SERVICES),
                st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=3),
            ),
            max_size=8,
        )
    )
    return topic, payload, steps


@settings(max_examples=250, deadline=None)
@given(lives())
def test_states_and_calls_in_any_order_raise_nothing_but_refusals(
    life: tuple[str, dict[str, Any], list[tuple[str, Any, Any]]],
) -> None:
    topic, payload, steps = life
    registry = Registry()
    registry.on_message(topic, dumped(payload), 0.0)
    for entity in registry:
        topics = sorted(entity.topics())
        for now_s, (action, what, more) in enumerate(steps):
            if action == "state" and topics:
                concrete = topics[what % len(topics)].replace("+", "a").replace("#", "b")
                entity.receive(concrete, more.encode("utf-8", "replace"), now_s, now_s == 0)
            elif action == "call":
                call(entity, what, more)
            entity.tick(now_s + 0.5)
        look_at(entity)
    assert not_foreseen(registry) == []


def call(entity: Entity, service: str, data: dict[str, Any]) -> None:
    try:
        messages = entity.call(service, data)
    except CallError as refused:
        assert refused.message  # noqa: PT017 - it may be refused; if so, for a reason
        assert refused.code  # noqa: PT017
        return
    for message in messages:
        assert isinstance(message, Publish)
        assert isinstance(message.payload, bytes)
        assert message.topic
        assert not set("+#\0") & set(message.topic)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.data())
def test_recorded_homes_take_any_states_between_recorded_calls(
    name: str, data: st.DataObject
) -> None:
    record = EXPECTED[name]
    registry = Registry()
    message = next((one for one in RECORDS if one["id"] == name), None)
    if message is None:
        return
    registry.on_message(message["topic"], dumped(message["payload"]), 0.0)
    for topic, payload in record["initial_messages"]:
        registry.on_message(topic, payload.encode(), 1.0)
    for entity in registry:
        for one in record["calls"]:
            call(entity, one["service"].partition(".")[2], one["data"])
            topics = sorted(entity.topics())
            if topics:
                topic = data.draw(st.sampled_from(topics)).replace("+", "a").replace("#", "b")
                registry.on_message(topic, data.draw(WORDS).encode("utf-8", "replace"), 2.0)
        look_at(entity)
    assert not_foreseen(registry) == []
