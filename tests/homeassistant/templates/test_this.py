"""A template knows its own entity, in all ways in which Home Assistant lets it ask; no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from satellite.homeassistant.services.service import CallError

if TYPE_CHECKING:
    from tests.homeassistant.conftest import Bench

COVER = {
    "unique_id": "study1",
    "name": "Study blind",
    "command_topic": "study/set",
    "position_topic": "study/pos",
    "set_position_topic": "study/pos/set",
    "tilt_command_topic": "study/tilt/set",
    "tilt_status_topic": "study/tilt",
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ state_attr(entity_id, 'current_position') }}", "54"),
        ("{{ state_attr('cover.study_blind', 'current_position') + tilt_position }}", "74"),
        ("{{ entity_id | state_attr('current_position') }}", "54"),
        ("{{ this.attributes.current_position }}", "54"),
        ("{{ states.cover.study_blind.attributes.current_position }}", "54"),
        ("{{ states['cover.study_blind'].attributes['current_position'] }}", "54"),
        ("{{ states(entity_id) }} {{ entity_id | states }}", "open open"),
        ("{{ states.cover.study_blind.state }} {{ this.state }}", "open open"),
        ("{{ is_state(entity_id, 'open') }} {{ is_state(entity_id, ['open', 'x']) }}", "True True"),
        ("{{ entity_id is is_state('open') }} {{ entity_id is has_value }}", "True True"),
        ("{{ is_state_attr(entity_id, 'current_position', 54) }}", "True"),
        ("{{ has_value(entity_id) }} {{ state_attr(entity_id, 'nonsense') }}", "True None"),
        ("{{ state_attr(entity_id, 'friendly_name') }}, {{ name }}", "Study blind, Study blind"),
        ("{{ states('cover.other') }} {{ state_attr('cover.other', 'x') }}", "unknown None"),
        ("{{ states.cover.other }} {{ states.light.x }} {{ is_state('a.b', 'open') }}",
         "None None False"),
        ("{{ has_value('cover.other') }} {{ 'a.b' | states }}", "False unknown"),
    ],
)  # fmt: skip
def test_a_command_template_reads_its_own_entity(bench: Bench, source: str, text: str) -> None:
    entity = bench.announce("cover", COVER | {"tilt_command_template": source})
    bench.send("study/pos", "54")
    (message,) = entity.call("set_cover_tilt_position", {"tilt_position": 20})
    assert message.payload.decode() == text


def test_a_value_template_reads_its_own_entity(bench: Bench) -> None:
    counting = "{{ value | int + (states(entity_id) | int(0)) }}"
    config = {"unique_id": "s", "name": "S", "state_topic": "s", "unit_of_measurement": "kWh"}
    entity = bench.announce("sensor", config | {"value_template": counting})
    for _ in range(3):
        bench.send("s", "2")
    assert entity.state == "6"
    shown = "{{ {'shown': states(entity_id, with_unit=true)} | tojson }}"
    attributes = {"json_attributes_topic": "a", "json_attributes_template": shown}
    entity = bench.announce("sensor", config | attributes)
    bench.send("a", "x")
    assert entity.attributes["shown"] == "6 kWh"


@pytest.mark.parametrize(
    "source",
    [
        "{{ states.__class__ }}",
        "{{ states._this }}",
        "{{ states.cover._this }}",
        "{{ state_attr.__self__ }}",
        "{{ this._subject }}",
    ],
)
def test_nothing_behind_it_is_reached(bench: Bench, source: str) -> None:
    entity = bench.announce("cover", COVER | {"tilt_command_template": f"x{source}"})
    bench.send("study/pos", "54")
    try:
        messages = entity.call("set_cover_tilt_position", {"tilt_position": 20})
    except CallError:
        return
    assert [message.payload for message in messages] == [b"x"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ states.sensor | list | length }}", "1"),
        ("{{ states | map(attribute='entity_id') | join }}", "sensor.s"),
        ("{% for one in states.sensor %}{{ one.name }}{% endfor %}", "S"),
        ("{{ states.light | list }}", "[]"),
        ("{{ states.sensor | selectattr('state', 'eq', 'on') | list | count }}", "0"),
        ("{{ 'sensor.x' in states.sensor | map(attribute='entity_id') }}", "False"),
    ],
)
def test_of_all_entities_a_template_sees_its_own(bench: Bench, source: str, text: str) -> None:
    config = {"unique_id": "s", "name": "S", "state_topic": "s", "value_template": source}
    entity = bench.announce("sensor", config)
    bench.send("s", "x")
    assert entity.state == text
