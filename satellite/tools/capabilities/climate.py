"""Thermostats, air conditioners and boilers: temperature, mode, preset, fan."""

from __future__ import annotations

from collections.abc import Sequence

from satellite.homeassistant.entities.entity import Entity
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability, span
from satellite.tools.capabilities.modes import Draft, Mode
from satellite.tools.execution.expected_state import StateCheck, attribute_near
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import has_topic, number
from satellite.tools.tool import Arguments

SAME_DEGREES = 0.06
"""A device may report a tenth of a degree more or less than it was sent."""


MODES = (
    Mode("mode", "Operating mode"),
    Mode("preset", "Preset"),
    Mode("fan_mode", "Fan of the device"),
    Mode("swing_mode", "Air direction"),
    Mode("swing_horizontal_mode", "Air direction to the sides"),
)


class SetClimate(Capability):
    name = "set_climate"
    description = (
        "Set temperature, mode or preset of heating, air conditioning and water heaters. For "
        "warmer or colder use temperature_step."
    )

    def suits(self, entity: Entity) -> bool:
        return (
            single(entity)
            or ranged(entity)
            or has_topic(entity, "target_humidity_command_topic")
            or any(mode.options(entity) for mode in MODES)
        )

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        heaters = [target.entity for target in targets]
        result: dict[str, schema.Schema] = {}
        settable = [heater for heater in heaters if single(heater) or ranged(heater)]
        if settable:
            low, high = span((limit for one in settable for limit in limits(one)), 7, 35)
            unit = settable[0].spec.context.temperature_unit
            spoken = "Fahrenheit" if unit.endswith("F") else "Celsius"
            if any(single(heater) for heater in settable):
                result["temperature"] = schema.number(f"Degrees {spoken}", low, high)
            result["temperature_step"] = schema.number("Change from now, in degrees", -20, 20)
            if any(ranged(heater) for heater in settable):
                result["temperature_low"] = schema.number("Heat below this", low, high)
                result["temperature_high"] = schema.number("Cool above this", low, high)
        for mode in MODES:
            result |= mode.schema(targets)
        if humid := [one for one in heaters if has_topic(one, "target_humidity_command_topic")]:
            low, high = span(
                (number(one, name) for one in humid for name in ("min_humidity", "max_humidity")),
                30,
                99,
            )
            result["humidity_pct"] = schema.number("Target humidity", low, high, whole=True)
        return result

    def check(self, arguments: Arguments) -> str:
        ways = {"temperature", "temperature_step", "temperature_low"} & arguments.keys()
        if len(ways) > 1:
            return "Give only one of temperature, temperature_step and temperature_low."
        if ("temperature_low" in arguments) != ("temperature_high" in arguments):
            return "Give temperature_low and temperature_high together."
        return super().check(arguments)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        heater = target.entity
        draft = Draft()
        # The mode goes first, as in Home Assistant: a heater that is off may ignore the rest.
        problems = [draft.choose(mode, heater, arguments) for mode in MODES]
        problems += [_temperature(heater, arguments, draft), _humidity(heater, arguments, draft)]
        problem = next(filter(None, problems), "")
        return refused(target, problem) if problem else draft.step(target)


def _humidity(heater: Entity, arguments: Arguments, draft: Draft) -> str:
    if (humidity := arguments.get("humidity_pct")) is None:
        return ""
    if not has_topic(heater, "target_humidity_command_topic"):
        return "It has no target humidity."
    phrase = f"to {humidity} percent humidity"
    check = attribute_near("humidity", humidity, 1, exact=0.5)
    draft.add("set_humidity", {"humidity": humidity}, check, phrase)
    return ""


def _temperature(heater: Entity, arguments: Arguments, draft: Draft) -> str:
    if not {"temperature", "temperature_step", "temperature_low"} & arguments.keys():
        return ""
    if not single(heater) and not ranged(heater):
        return "Its temperature cannot be set."
    data = _wanted(heater, arguments)
    if isinstance(data, str):
        return data
    tolerance = max(0.26, (number(heater, "target_temp_step") or 0.5) / 2 + 0.01)
    first, *others = (_setpoint(name, value, tolerance) for name, value in data.items())
    phrase = "to " + " to ".join(f"{schema.tidy(value)} degrees" for value in data.values())
    draft.add("set_temperature", data, first, phrase)
    draft.checks += others
    return ""


def _setpoint(name: str, value: float, tolerance: float) -> StateCheck:
    return attribute_near(name, value, tolerance, exact=SAME_DEGREES)


def _wanted(heater: Entity, arguments: Arguments) -> dict[str, float] | str:
    """The data of ``set_temperature``, or why not."""
    if "temperature_low" in arguments:
        if not ranged(heater):
            return "It has one target temperature, no range."
        low, high = arguments["temperature_low"], arguments["temperature_high"]
        return {"target_temp_low": low, "target_temp_high": high}
    if "temperature" in arguments:
        if not single(heater):
            return "It has a range of temperatures: give temperature_low and temperature_high."
        return {"temperature": arguments["temperature"]}
    step = arguments["temperature_step"]
    names: tuple[str, ...] = ("temperature",)
    if number(heater, "temperature") is None:
        names = ("target_temp_low", "target_temp_high") if ranged(heater) else names
    now = [number(heater, name) for name in names]
    if any(value is None for value in now):
        return "Its target temperature now is not known; say a temperature."
    return {
        name: within(heater, value + step)
        for name, value in zip(names, now, strict=True)
        if value is not None
    }


def within(heater: Entity, temperature: float) -> float:
    """A relative change stops at the limits of the device."""
    low, high = limits(heater)
    if low is not None:
        temperature = max(low, temperature)
    return temperature if high is None else min(high, temperature)


def limits(heater: Entity) -> tuple[float | None, float | None]:
    return number(heater, "min_temp"), number(heater, "max_temp")


def single(heater: Entity) -> bool:
    return has_topic(heater, "temperature_command_topic")


def ranged(heater: Entity) -> bool:
    return has_topic(heater, "temperature_low_command_topic") and has_topic(
        heater, "temperature_high_command_topic"
    )
