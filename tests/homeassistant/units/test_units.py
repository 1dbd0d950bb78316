"""Units are checked against device classes and shown as a metric home shows them."""

from __future__ import annotations

import pytest

from satellite.homeassistant.units.units import (
    class_name,
    plain_unit,
    shown_unit,
    shown_value,
    unit_fits,
)


@pytest.mark.parametrize(
    ("text", "kind", "unit", "shown"),
    [
        ("71", "temperature", "°F", "22"),
        ("71.6", "temperature", "°F", "22.0"),
        ("31.9", "temperature", "°F", "-0.1"),
        ("3.2", "wind_speed", "m/s", "11.5"),
        ("101325", "atmospheric_pressure", "Pa", "1013.25"),
        ("1013.2", "atmospheric_pressure", "mbar", "1013.2"),
        ("29.92", "atmospheric_pressure", "inHg", "1013.21"),
        ("0.5", "precipitation", "in", "12.7"),
        ("10", "water", "gal", "38"),
        ("60", "speed", "mph", "97"),
    ],
)
def test_conversion_keeps_sensible_decimals(text: str, kind: str, unit: str, shown: str) -> None:
    wanted = shown_unit(kind, unit, "°C")
    assert wanted is not None
    assert shown_value(text, kind, unit, wanted) == shown


def test_a_home_in_fahrenheit_keeps_the_rest_as_the_device_has_it() -> None:
    assert shown_unit("temperature", "°C", "°F") == "°F"
    assert shown_unit("distance", "mi", "°F") == "mi"
    assert shown_value("21.5", "temperature", "°C", "°F") == "70.7"


def test_units_that_fit() -> None:
    assert unit_fits("concentration of something", "anything")
    assert unit_fits("pm25", "\u00b5g/m³")
    assert not unit_fits("temperature", "lux")
    assert plain_unit(" ") is None


def test_names_of_classes() -> None:
    assert class_name("pm25") == "PM2.5"
    assert class_name("carbon_dioxide") == "Carbon dioxide"
