"""What is said to thermostats, and how it is confirmed."""

from __future__ import annotations

from typing import Any, TypeAlias

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def thermostat(h: Driver, **config: Any) -> str:  # noqa: ANN401
    base: str = h.announce(
        "climate",
        "Thermostat",
        area="Living room",
        temperature_command_topic="~/set",
        temperature_state_topic="~/target",
        current_temperature_topic="~/now",
        mode_command_topic="~/mode/set",
        mode_state_topic="~/mode",
        modes=["off", "heat"],
        min_temp=5,
        max_temp=30,
        temp_step=0.5,
        **config,
    )
    h.answers[f"{base}/set"] = lambda payload: [(f"{base}/target", payload)]
    h.answers[f"{base}/mode/set"] = lambda payload: [(f"{base}/mode", payload)]
    h.tell(f"{base}/target", "20", retained=True)
    h.tell(f"{base}/now", "19.2", retained=True)
    h.tell(f"{base}/mode", "heat", retained=True)
    return base


def test_temperatures_are_set_and_confirmed(home: Driver) -> None:
    h = home()
    base = thermostat(h)
    parameters = h.functions()["set_climate"]["properties"]
    assert parameters["temperature"]["minimum"] == 5
    assert parameters["temperature"]["maximum"] == 30
    assert parameters["mode"]["enum"] == ["off", "heat"]
    assert "preset" not in parameters
    result = h.ask("set_climate", devices=["thermostat"], temperature=21.5)
    assert h.take_published() == [(f"{base}/set", "21.5")]
    assert result["status"] == "done"
    assert result["devices"][0] == {
        "device": "Thermostat",
        "status": "done",
        "state": "heat",
        "current_temperature": 19.2,
        "target_temperature": 21.5,
        "unit": "°C",
    }
    assert result["message"] == "Thermostat is heat, set to 21.5 °C, now at 19.2 °C."


def test_two_degrees_warmer_counts_from_the_target_and_stops_at_the_limit(
    home: Driver,
) -> None:
    h = home()
    base = thermostat(h)
    assert h.ask("set_climate", devices=["Thermostat"], temperature_step=2)["status"] == "done"
    assert h.take_published() == [(f"{base}/set", "22.0")]
    h.ask("set_climate", devices=["Thermostat"], temperature_step=20)
    assert h.take_published() == [(f"{base}/set", "30.0")]


def test_mode_goes_before_temperature(home: Driver) -> None:
    h = home()
    base = thermostat(h)
    h.ask("set_climate", devices=["Thermostat"], temperature=18, mode="off")
    assert h.take_published() == [(f"{base}/mode/set", "off"), (f"{base}/set", "18.0")]
    h.ask("set_power", devices=["Thermostat"], state="on")
    assert h.take_published() == [(f"{base}/mode/set", "heat")]


def test_impossible_temperatures_are_not_sent(home: Driver) -> None:
    h = home()
    thermostat(h)
    for value in (4.9, 31, 300, -1):
        result = h.ask("set_climate", devices=["Thermostat"], temperature=value)
        assert result["status"] == "invalid_arguments", value
    assert h.ask("set_climate", devices=["Thermostat"], temperature_low=18)["status"] == (
        "invalid_arguments"
    )
    assert not h.published


def test_a_thermostat_is_a_thermometer_too(home: Driver) -> None:
    h = home()
    thermostat(h)
    (data,) = h.ask("get_state", area="Living room", kind="temperature")["devices"]
    assert (data["state"], data["unit"]) == (19.2, "°C")
