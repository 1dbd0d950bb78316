"""What only reports: sensors, events, updates, trackers, and what is pressed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.homeassistant.conftest import Bench
from tests.homeassistant.platforms.sending import BASE, refused, sent

SENSOR: dict[str, Any] = {"unique_id": "x", "name": "X", "state_topic": "x"}


@pytest.mark.parametrize(
    ("more", "payload", "state"),
    [
        ({}, "any text", "any text"),
        ({}, "x" * 300, None),
        ({"unit_of_measurement": "W"}, "5", "5"),
        ({"unit_of_measurement": "W"}, "five", None),
        ({"device_class": "temperature", "unit_of_measurement": "°F"}, "70", "21"),
        (
            {
                "device_class": "temperature",
                "unit_of_measurement": "°F",
                "suggested_display_precision": 1,
            },
            "50",
            "10.0",
        ),
        ({"device_class": "wind_speed", "unit_of_measurement": "m/s"}, "10", "36"),
        ({"device_class": "timestamp"}, "2026-11-01T08:15:30+01:00", "2026-11-01T07:15:30+00:00"),
        ({"device_class": "timestamp"}, "2026-11-01T08:15:30", None),
        ({"device_class": "date"}, "2026-11-01T08:15:30", "2026-11-01"),
        ({"device_class": "date"}, "tomorrow", None),
        ({"device_class": "enum", "options": ["a"]}, "a", "a"),
        ({"device_class": "enum", "options": ["a"]}, "b", None),
        ({"value_template": "{{ value_json.a.b }}"}, "{}", None),
    ],
)
def test_sensor_values(bench: Bench, more: dict[str, Any], payload: str, state: str | None) -> None:
    entity = bench.announce("sensor", SENSOR | more)
    bench.send("x", payload)
    assert entity.state == state


@pytest.mark.parametrize(
    "more",
    [
        {"options": ["a"]},
        {"device_class": "enum", "options": []},
        {"device_class": "enum", "options": ["a"], "state_class": "measurement"},
        {"device_class": "voltage", "unit_of_measurement": "kg"},
        {"state_class": "measurement_angle", "unit_of_measurement": "W"},
        {"last_reset_value_template": "{{ value }}"},
        {"entity_category": "config"},
        {"state_class": "sometimes"},
    ],
)
def test_sensor_configs_that_make_no_sense(bench: Bench, more: dict[str, Any]) -> None:
    assert bench.refusal("sensor", SENSOR | more)


def test_sensor_last_reset(bench: Bench) -> None:
    config = SENSOR | {
        "state_class": "total",
        "value_template": "{{ value_json.v }}",
        "last_reset_value_template": "{{ value_json.r }}",
    }
    entity = bench.announce("sensor", config)
    bench.send("x", {"v": 5, "r": "2026-11-01T00:00:00+00:00"})
    assert entity.attributes["last_reset"] == "2026-11-01T00:00:00+00:00"


def test_values_expire(bench: Bench) -> None:
    entity = bench.announce("sensor", SENSOR | {"expire_after": 10})
    seen = [(entity.available, bench.registry.deadline_s)]
    bench.now_s = 5.0
    bench.send("x", "1")
    seen.append((entity.available, bench.registry.deadline_s))
    assert bench.registry.tick(14.9) == []
    assert bench.registry.tick(15.0) == [entity]
    seen.append((entity.available, bench.registry.deadline_s))
    bench.send("x", "1")
    seen.append((entity.available, bench.registry.deadline_s))
    assert seen == [(False, None), (True, 15.0), (False, None), (True, 15.0)]
    longer = bench.announce("sensor", SENSOR | {"expire_after": 100})
    assert (longer.available, longer.deadline_s) == (True, 105.0)
    forever = bench.announce("sensor", SENSOR)
    assert (forever.available, forever.deadline_s, forever.state) == (True, None, "1")


def test_pulses_end(bench: Bench) -> None:
    entity = bench.announce("binary_sensor", SENSOR | {"off_delay": 3, "device_class": "motion"})
    bench.send("x", "ON")
    assert entity.state == "on"
    assert bench.registry.deadline_s == 3.0
    assert bench.registry.tick(3.0) == [entity]
    assert entity.state == "off"


def test_events(bench: Bench) -> None:
    entity = bench.announce("event", SENSOR | {"event_types": ["press"]})
    bench.send("x", {"event_type": "press"}, retained=True)
    unheard: list[object] = ["press", {"type": "press"}, {"event_type": "hold"}, "{}"]
    for nothing in [*unheard, {"event_type": []}]:
        bench.send("x", nothing)
    assert entity.state is None
    change = bench.send("x", {"event_type": "press", "button": 2, "icon": "x"})
    assert change.states == [entity]
    assert entity.attributes == {"event_types": ["press"], "event_type": "press", "button": 2}
    assert "event_types" in bench.refusal("event", SENSOR, "y")


@pytest.mark.parametrize(
    ("latest", "installed", "state"),
    [
        ("1.10", "1.9", "on"),
        ("1.9", "1.10", "off"),
        ("v2", "2.0", "on"),
        ("1.2.0", "1.2", "on"),
        ("1.2", "1.2", "off"),
        ("abc", "def", "on"),
    ],
)
def test_updates(bench: Bench, latest: str, installed: str, state: str) -> None:
    entity = bench.announce("update", SENSOR | {"latest_version_topic": "l"})
    bench.send("x", installed)
    assert entity.snapshot()[0] == "unknown"
    bench.send("l", latest)
    assert entity.state == state
    assert not entity.supports("install")


def test_installing(bench: Bench) -> None:
    config = SENSOR | {"command_topic": "x/set", "payload_install": "go"}
    entity = bench.announce("update", config)
    assert refused(entity, "install") is None
    bench.send("x", {"installed_version": 1, "latest_version": 2})
    assert sent(entity, "install") == ["go"]
    assert refused(entity, "install", version="7") is None
    bench.send("x", {"update_percentage": 40})
    assert entity.attributes["update_percentage"] == 40
    assert refused(entity, "install") is None
    bench.send("x", {"update_percentage": 400})
    bench.send("x", {"installed_version": [1]})
    assert entity.attributes["update_percentage"] == 40
    bench.send("x", {"in_progress": False, "installed_version": 2})
    assert entity.state == "off"


def test_trackers(bench: Bench) -> None:
    config = SENSOR | {"json_attributes_topic": "x/a"}
    entity = bench.announce("device_tracker", config)
    bench.send("x/a", {"latitude": 1.5, "longitude": 2, "battery_level": 80})
    shown = entity.attributes
    assert (shown["latitude"], shown["gps_accuracy"], shown["battery_level"]) == (1.5, 0, 80)
    for payload, state in [("home", "home"), ("Work", "Work"), ("", "Work"), ("None", None)]:
        bench.send("x", payload)
        assert entity.state == state
    assert bench.refusal("device_tracker", {"unique_id": "y"}, "y")


def test_buttons_scenes_and_messages_remember_when(bench: Bench) -> None:
    button = bench.announce("button", BASE | {"command_template": "{{ value | lower }}"}, "b")
    assert sent(button, "press") == ["press"]
    assert str(button.state).startswith("20")
    scene = bench.announce("scene", BASE, "s")
    assert sent(scene, "turn_on") == []
    notify = bench.announce("notify", BASE, "n")
    assert sent(notify, "send_message", message="Hi", title="T") == ["Hi"]


def test_tags_and_images(bench: Bench) -> None:
    bench.send(
        "homeassistant/tag/x/config", {"topic": "t", "value_template": "{{ value_json.id }}"}
    )
    (tag,) = bench.registry.triggers()
    bench.send("t", {"id": "0815"})
    bench.send("t", {"id": "4711"}, retained=True)
    assert tag.state == "0815"
    image = bench.announce("image", {"unique_id": "i", "url_topic": "u"}, "i")
    bench.send("u", "not a url")
    assert image.snapshot()[0] == "unknown"
    bench.send("u", "https://example.com/x.jpg")
    assert image.state is not None
    assert bench.refusal("image", {"unique_id": "j"}, "j")
    assert bench.announce("camera", {"unique_id": "c", "topic": "c"}, "c").topics() == set()
    config = {"unique_id": "r", "schema": "emitter", "command_topic": "r"}
    assert bench.announce("infrared", config, "r").features() == frozenset()
    assert bench.announce("infrared", {"schema": "receiver", "state_topic": "r"}, "q")
    assert bench.refusal("infrared", {"schema": "laser"}, "p")
