"""Values that are set: numbers, selects, texts, dates and times."""

from __future__ import annotations

from tests.homeassistant.conftest import Bench
from tests.homeassistant.platforms.sending import BASE, refused, sent


def test_numbers(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "min": -5, "max": "5", "step": "0.5"}
    entity = bench.announce("number", config)
    for payload, state in [
        ("3", "3"),
        ("2.50", "2.5"),
        ("9", "2.5"),
        ("nan", "2.5"),
        ("None", None),
    ]:
        bench.send("x", payload)
        assert entity.state == state
    assert sent(entity, "set_value", value=2.0) == ["2"]
    assert "step" in bench.refusal("number", config | {"step": 0}, "y")
    assert "unit" in bench.refusal(
        "number", config | {"device_class": "voltage", "unit_of_measurement": "W"}, "y"
    )


def test_number_in_fahrenheit(bench: Bench) -> None:
    config = BASE | {
        "state_topic": "x",
        "min": 50,
        "max": 86,
        "device_class": "temperature",
        "unit_of_measurement": "°F",
    }
    entity = bench.announce("number", config)
    bench.send("x", "68")
    assert (entity.state, entity.attributes["unit_of_measurement"]) == ("20.0", "°C")
    assert (entity.attributes["min"], entity.attributes["max"]) == (10.0, 30.0)
    assert sent(entity, "set_value", value=25) == ["77"]


def test_select_steps(bench: Bench) -> None:
    entity = bench.announce("select", BASE | {"options": ["a", "b", "c"]})
    assert sent(entity, "select_last") == ["c"]
    assert sent(entity, "select_next", cycle=False) == []
    assert sent(entity, "select_next") == ["a"]
    assert sent(entity, "select_previous") == ["c"]
    empty = bench.announce("select", BASE | {"unique_id": "y", "options": []}, "y")
    assert sent(empty, "select_first") == []
    assert sent(empty, "select_next") == []


def test_texts(bench: Bench) -> None:
    config = BASE | {"state_topic": "x", "pattern": "[a-z]+", "max": 5}
    entity = bench.announce("text", config)
    bench.send("x", "abc")
    bench.send("x", "ABC")
    bench.send("x", "abcdef")
    assert entity.state == "abc"
    assert refused(entity, "set_value", value="abcdef") == "value_too_long"
    assert bench.refusal("text", config | {"min": 9}, "y")
    assert bench.refusal("text", config | {"max": 300}, "y")


def test_a_slow_pattern_of_a_text_refuses_instead_of_hanging(bench: Bench) -> None:
    entity = bench.announce("text", BASE | {"pattern": "(a+)+$"})
    assert refused(entity, "set_value", value="a" * 40 + "b") == "value_pattern_mismatch"
    lock = bench.announce("lock", BASE | {"code_format": "(a+)+$"}, "l")
    assert refused(lock, "unlock", code="a" * 40 + "b") == "add_default_code"


def test_dates_and_times(bench: Bench) -> None:
    day = bench.announce("date", BASE | {"state_topic": "d"}, "d")
    bench.send("d", "2026-11-05")
    bench.send("d", "someday")
    assert day.state == "2026-11-05"
    bench.send("d", "6 November 2026")
    assert day.state == "2026-11-06"
    assert sent(day, "set_value", date="2026-12-24") == ["2026-12-24"]
    clock = bench.announce("time", BASE, "t")
    assert sent(clock, "set_value", time="07:30") == ["07:30:00"]
    assert refused(clock, "set_value", time="half past seven") is None
    moment = bench.announce("datetime", BASE | {"state_topic": "m", "timezone": "Asia/Tokyo"}, "m")
    bench.send("m", "2026-11-05T12:00:00")
    assert moment.state == "2026-11-05T03:00:00+00:00"
    bench.send("m", "2026-11-05T13:00:00+01:00")
    assert moment.state == "2026-11-05T03:00:00+00:00"
    assert sent(moment, "set_value", datetime="2026-11-05T12:00:00+01:00") == [
        "2026-11-05T12:00:00+01:00"
    ]
    assert refused(moment, "set_value", datetime="0001-01-01T00:00:00") is None
    naive = bench.announce("datetime", BASE | {"unique_id": "n", "state_topic": "n"}, "n")
    bench.send("n", "2026-11-05T12:00:00")
    assert naive.state is None
