"""What every entity does: hear, change, be available, be named, refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.spec import HomeContext
from satellite.homeassistant.registry.registry import Registry
from satellite.homeassistant.services.service import CallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.homeassistant.conftest import Bench

SENSOR = {"unique_id": "s", "name": "S", "state_topic": "s"}
SWITCH = {"unique_id": "w", "name": "W", "command_topic": "w/set"}


def test_receive_says_whether_something_changed(bench: Bench) -> None:
    entity = bench.announce("sensor", SENSOR)
    assert entity.receive("s", b"1", 1.0)
    assert not entity.receive("s", b"1", 2.0)
    assert entity.receive("s", b"2", 3.0)
    assert not entity.receive("other", b"3", 4.0)
    assert (entity.state, entity.last_changed_s, entity.last_reported_s) == ("2", 3.0, 3.0)


def test_only_retained_until_something_happens(bench: Bench) -> None:
    entity = bench.announce("sensor", SENSOR)
    seen = [entity.retained_only]
    for now_s, retained in ((1.0, True), (2.0, False), (3.0, True)):
        entity.receive("s", b"1", now_s, retained=retained)
        seen.append(entity.retained_only)
    assert seen == [False, True, False, False]


@pytest.mark.parametrize(
    ("mode", "messages", "available"),
    [
        ("all", [], False),
        ("all", ["a/online"], False),
        ("all", ["a/online", "b/online"], True),
        ("any", ["a/online"], True),
        ("any", ["a/online", "a/offline"], False),
        ("latest", ["a/online", "b/offline"], False),
        ("latest", ["b/offline", "a/online"], True),
        ("latest", ["a/online", "b/nonsense"], True),
    ],
)
def test_availability_modes(bench: Bench, mode: str, messages: list[str], available: bool) -> None:
    topics = [{"topic": "a"}, {"topic": "b"}]
    entity = bench.announce("switch", SWITCH | {"availability": topics, "availability_mode": mode})
    for message in messages:
        topic, payload = message.split("/")
        bench.send(topic, payload)
    assert entity.available is available
    assert bool(entity.call("turn_on")) is available


def test_availability_by_one_topic_with_own_words(bench: Bench) -> None:
    config = {
        "availability_topic": "lwt",
        "availability_template": "{{ value_json.up }}",
        "payload_available": True,
        "payload_not_available": "False",
    }
    entity = bench.announce("switch", SWITCH | config)
    seen = []
    for up in (True, False):
        bench.send("lwt", {"up": up})
        seen.append(entity.available)
    assert seen == [True, False]
    assert entity.snapshot() == ("unavailable", {"assumed_state": True})


def test_two_ways_of_availability_exclude_each_other(bench: Bench) -> None:
    config = {"availability_topic": "a", "availability": [{"topic": "b"}]}
    assert "exclude" in bench.refusal("switch", SWITCH | config)


def test_attributes_come_from_json_and_never_overwrite(bench: Bench) -> None:
    config = {
        "json_attributes_topic": "s/attr",
        "json_attributes_template": "{{ value_json.inner | tojson }}",
        "unit_of_measurement": "W",
    }
    entity = bench.announce("sensor", SENSOR | config)
    inner = {"rssi": -60, "unit_of_measurement": "V", "friendly_name": "x", "state_class": "y"}
    bench.send("s/attr", {"inner": inner})
    assert entity.attributes == {"rssi": -60, "unit_of_measurement": "W"}
    bench.send("s/attr", "no json")
    bench.send("s/attr", "[1]")
    assert entity.attributes["rssi"] == -60
    bench.send("s/attr", {"inner": {str(number): number for number in range(500)}})
    assert len(entity.attributes) == 101


def test_a_new_config_keeps_what_is_known(bench: Bench) -> None:
    config = SWITCH | {"state_topic": "w", "availability": [{"topic": "lwt"}]}
    bench.announce("switch", config)
    bench.send("lwt", "online")
    bench.send("w", "ON")
    renewed = bench.announce("switch", config | {"name": "Renamed"})
    assert (renewed.name, renewed.state, renewed.available) == ("Renamed", "on", True)
    moved = bench.announce("switch", config | {"availability": [{"topic": "elsewhere"}]})
    assert not moved.available


def test_a_template_that_wastes_is_reported_once_and_then_left_alone(bench: Bench) -> None:
    source = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    entity = bench.announce("sensor", SENSOR | {"value_template": source})
    for _ in range(10):
        bench.send("s", "1")
    reports = bench.registry.context.take_reports()
    assert len(reports) == 2
    assert "too expensive" in reports[0]
    assert "not used any more" in reports[1]
    assert entity.state is None
    assert "'S'" in reports[0]


def test_a_template_that_was_late_now_and_then_stays_in_use(bench: Bench) -> None:
    loop = "{% for i in range(value | int) %}"
    source = f"{loop}{loop}{{% endfor %}}{{% endfor %}}{{{{ value }}}}"
    entity = bench.announce("sensor", SENSOR | {"value_template": source})
    for _ in range(5):
        bench.send("s", "99999")
        for number in range(120):
            bench.send("s", str(number))
    assert entity.state == "119"
    for number in range(5):
        bench.send("s", "99999")
        bench.send("s", str(number))
    assert entity.state == "2", "every second one wasted"


def test_encodings(bench: Bench) -> None:
    entity = bench.announce("sensor", SENSOR | {"encoding": "latin-1"})
    bench.send("s", b"\xfc")
    assert entity.state == "ü"
    entity = bench.announce("sensor", SENSOR | {"encoding": "utf-8"})
    bench.send("s", b"\xfc")
    assert entity.state == "ü", "what cannot be read changes nothing"
    raw = bench.announce("switch", SWITCH | {"encoding": ""}, "y")
    assert raw.call("turn_on") == []
    assert "encoding" in bench.refusal("switch", SWITCH | {"encoding": "klingon"}, "z")


def test_huge_messages_are_dropped(bench: Bench) -> None:
    entity = bench.announce("sensor", SENSOR)
    bench.send("s", b"x" * 2_000_000)
    assert entity.state is None
    assert "too long" in bench.registry.context.take_reports()[0]


@pytest.mark.parametrize(
    ("device", "config", "name", "friendly", "entity_name"),
    [
        ({"name": "Kettle"}, {"name": None}, "Kettle", "Kettle", None),
        ({"name": "Kettle"}, {"name": ""}, "Kettle", "Kettle", ""),
        ({"name": "Kettle"}, {"name": "Kettle"}, "Kettle", "Kettle Kettle", "Kettle"),
        ({"name": "Kettle"}, {}, "Kettle MQTT Switch", "Kettle MQTT Switch", "MQTT Switch"),
        (
            {"name": "Kettle"},
            {"device_class": "outlet"},
            "Kettle Outlet",
            "Kettle Outlet",
            "Outlet",
        ),
        ({"name": "A\u202e\nB"}, {"name": "C"}, "A B C", "A\u202e\nB C", "C"),
    ],
)
def test_names(  # noqa: PLR0917
    bench: Bench,
    device: dict[str, str],
    config: dict[str, object],
    name: str,
    friendly: str,
    entity_name: str | None,
) -> None:
    plain = {"unique_id": "w", "command_topic": "w/set", "device": {"identifiers": "d", **device}}
    entity = bench.announce("switch", plain | config)
    assert (entity.name, entity.friendly_name, entity.entity_name) == (name, friendly, entity_name)


def test_without_unique_id_there_is_no_device(bench: Bench) -> None:
    config = {"command_topic": "x", "name": "N", "device": {"identifiers": "d", "name": "D"}}
    entity = bench.announce("switch", config)
    assert (entity.unique_id, entity.device_name, entity.friendly_name) == (None, None, "N")


def test_areas_and_categories(bench: Bench) -> None:
    device = {"identifiers": "d", "suggested_area": " Attic\n "}
    config = SWITCH | {"device": device, "entity_category": "config", "visible_by_default": False}
    entity = bench.announce("switch", config)
    assert (entity.area, entity.category, entity.hidden) == ("Attic", "config", True)
    assert entity.origin is None


@pytest.mark.parametrize(
    ("service", "data", "code"),
    [
        ("fly", {}, "service_not_found"),
        ("turn_on", {"speed": 3}, "invalid_format"),
        ("turn_on", {"brightness": 1}, "invalid_format"),
    ],
)
def test_calls_that_make_no_sense(
    bench: Bench, service: str, data: dict[str, object], code: str
) -> None:
    entity = bench.announce("switch", SWITCH)
    with pytest.raises(CallError) as refused:
        entity.call(service, data)
    assert refused.value.code == code


def test_command_templates_that_fail_publish_nothing(bench: Bench) -> None:
    entity = bench.announce("switch", SWITCH | {"command_template": "{{ nothing.at.all }}"})
    with pytest.raises(CallError) as refused:
        entity.call("turn_on")
    assert refused.value.key == "command_template_error"
    assert "command template" in bench.registry.context.take_reports()[0]


def test_half_a_call_is_never_sent_later(bench: Bench) -> None:
    config = {
        "unique_id": "c",
        "modes": ["off", "heat"],
        "mode_command_topic": "c/mode",
        "temperature_command_topic": "c/temp",
        "temperature_command_template": "{{ nothing.here }}",
    }
    entity = bench.announce("climate", config)
    with pytest.raises(CallError):
        entity.call("set_temperature", {"temperature": 21, "hvac_mode": "heat"})
    assert [message.payload for message in entity.call("turn_off")] == [b"off"]


@pytest.mark.parametrize(
    ("rendered", "payload"),
    [
        ("b'\\x01\\xff'", b"\x01\xff"),
        ('b"ab"', b"ab"),
        ("b'broken", b"b'broken"),
        ("b", b"b"),
        ("b'' + x'", b"b'' + x'"),
    ],
)
def test_what_looks_like_bytes_is_sent_as_bytes(
    bench: Bench, rendered: str, payload: bytes
) -> None:
    config = SWITCH | {"payload_on": rendered, "command_template": "{{ value }}"}
    (message,) = bench.announce("switch", config).call("turn_on")
    assert message.payload == payload


def test_templates_know_their_entity(bench: Bench) -> None:
    source = "{{ entity_id }}|{{ name }}|{{ this.state }}|{{ this.attributes.get('a', 0) }}"
    entity = bench.announce("sensor", SENSOR | {"value_template": source})
    bench.send("s", "x")
    assert entity.state == "sensor.s|S|unknown|0"


def test_quality_of_service_and_retain_go_with_each_command(bench: Bench) -> None:
    entity = bench.announce("switch", SWITCH | {"qos": "2", "retain": "yes"})
    (message,) = entity.call("turn_on")
    assert (message.qos, message.retain) == (2, True)


def test_a_home_in_fahrenheit(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(Registry(context=HomeContext(temperature_unit="°F")))
    config = {"unique_id": "c", "temperature_command_topic": "c/set", "temperature_unit": "C"}
    entity = bench.announce("climate", config)
    (message,) = entity.call("set_temperature", {"temperature": 68})
    assert message.payload == b"20.0"
    assert entity.attributes["max_temp"] == 95


def test_entities_are_compared_by_identity(bench: Bench) -> None:
    one = bench.announce("switch", SWITCH)
    assert isinstance(one, Entity)
    assert len({one, bench.registry.get(("switch", "w"))}) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("qos", 3),
        ("qos", "high"),
        ("retain", "perhaps"),
        ("name", {}),
        ("icon", "lamp"),
        ("entity_category", "secret"),
        ("entity_category", None),
        ("availability", "lwt"),
        ("availability", [{"payload_available": "x"}]),
        ("availability_mode", "some"),
        ("command_topic", "a/#"),
        ("command_topic", ""),
        ("command_topic", None),
        ("state_topic", "a/#/b"),
        ("value_template", "{{"),
        ("value_template", []),
        ("payload_on", None),
        ("payload_on", ["ON"]),
        ("device_class", "spaceship"),
        ("optimistic", []),
    ],
)
def test_wrong_values_are_refused_with_their_key(bench: Bench, key: str, value: object) -> None:
    assert key in bench.refusal("switch", SWITCH | {key: value})
