"""Brightness, colour and effects of lights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.values import listed
from satellite.tools import schema
from satellite.tools.capabilities.capability import Capability, span
from satellite.tools.capabilities.colors import COLORS
from satellite.tools.capabilities.modes import (
    MAX_LISTED,
    MAX_OPTIONS,
    chosen,
    no_such_option,
    options_schema,
)
from satellite.tools.capabilities.power import is_on, switched
from satellite.tools.execution.expected_state import (
    ExpectedState,
    Predicate,
    StateCheck,
    attribute_equals,
    attribute_near,
    expects,
)
from satellite.tools.execution.plan import DeviceOutcome, PlanStep, refused
from satellite.tools.names.targets import Target
from satellite.tools.state_reports.attributes import (
    as_number,
    has_topic,
    number,
    percent_of_255,
    texts,
)
from satellite.tools.state_reports.report import hue_saturation
from satellite.tools.text.cleaning import choices
from satellite.tools.tool import Arguments

COLORED = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})
_LEVELS = tuple(f"{part}_command_topic" for part in listed("brightness rgb rgbw rgbww white"))


class SetLight(Capability):
    name = "set_light"
    description = (
        "Set brightness, colour or effect of lights; it switches them on. For brighter or darker "
        "use brightness_step_pct."
    )

    def suits(self, entity: Entity) -> bool:
        return bool(
            dimmable(entity) or modes(entity) & {"color_temp", *COLORED} or effects(entity, 1)
        )

    def values(self, targets: Sequence[Target]) -> dict[str, schema.Schema]:
        lights = [target.entity for target in targets]
        result: dict[str, schema.Schema] = {}
        if any(dimmable(light) for light in lights):
            result["brightness_pct"] = schema.number("0 is off", 0, 100, whole=True)
            result["brightness_step_pct"] = schema.number(
                "Change from now; 20 is brighter, -20 darker", -100, 100, whole=True
            )
        if any(modes(light) & COLORED for light in lights):
            result["color"] = schema.choice(COLORS, "Colour")
        warm = [light for light in lights if "color_temp" in modes(light)]
        if warm:
            low, high = span((kelvin for light in warm for kelvin in kelvins(light)), 2000, 6535)
            result["color_temp_kelvin"] = schema.number(
                "2700 is warm white, 4000 neutral, 6500 cold", low, high, whole=True
            )
        known = (effects(light, MAX_LISTED + 1) for light in lights)
        return result | options_schema("effect", known, "Effect")

    def check(self, arguments: Arguments) -> str:
        if "brightness_pct" in arguments and "brightness_step_pct" in arguments:
            return "Give brightness_pct or brightness_step_pct, not both."
        if "color" in arguments and "color_temp_kelvin" in arguments:
            return "Give color or color_temp_kelvin, not both."
        return super().check(arguments)

    def plan(self, target: Target, arguments: Arguments) -> PlanStep | DeviceOutcome:
        data: dict[str, Any] = {}
        checks: list[StateCheck] = []
        phrases: list[str] = []
        percent = wanted_percent(target, arguments)
        if isinstance(percent, DeviceOutcome):
            return percent
        if percent == 0:
            return PlanStep(target, (("turn_off", {}),), expects(switched(False)), "switch off")
        if percent is not None:
            data["brightness_pct"] = percent
            checks.append(has_brightness(percent))
            phrases.append(f"to {percent} percent")
        problem = self._colour(target, arguments, data, checks, phrases)
        if problem is not None:
            return problem
        # A lamp that tells its brightness need not say besides that it is on, as it was.
        lit = switched(True)
        expected = (
            ExpectedState(tuple(checks), condition=lit.holds) if checks else ExpectedState((lit,))
        )
        return PlanStep(
            target, (("turn_on", data),), lambda _: expected, f"set … {' and '.join(phrases)}"
        )

    def _colour(
        self,
        target: Target,
        arguments: Arguments,
        data: dict[str, Any],
        checks: list[StateCheck],
        phrases: list[str],
    ) -> DeviceOutcome | None:
        light = target.entity
        if "color" in arguments:
            if not modes(light) & COLORED:
                return refused(target, "It has no colours.")
            data["color_name"] = arguments["color"]
            checks.append(has_color(COLORS[arguments["color"]]))
            phrases.append(f"to {arguments['color']}")
        if "color_temp_kelvin" in arguments:
            if not modes(light) & {"color_temp", *COLORED}:
                return refused(target, "Its colour temperature cannot be set.")
            kelvin = _within(light, arguments["color_temp_kelvin"])
            data["color_temp_kelvin"] = kelvin
            if "color_temp" in modes(light):
                checks.append(has_kelvin(kelvin))
            phrases.append(f"to {kelvin} kelvin")
        if "effect" in arguments:
            known = effects(light)
            effect = chosen(known, arguments["effect"])
            if effect is None:
                why = no_such_option("effect", known, arguments["effect"])
                return refused(target, why if known else "It has no effects.")
            data["effect"] = effect
            checks.append(attribute_equals("effect", data["effect"]))
            phrases.append(f"to the effect {arguments['effect']}")
        return None


def modes(light: Entity) -> set[str]:
    return set(texts(light.attributes, "supported_color_modes"))


def dimmable(light: Entity) -> bool:
    """Whether a brightness reaches it: a light of topics needs one for it, or channels to scale."""
    if not modes(light) - {"onoff"}:
        return False
    return _LEVELS[0] not in light.schema.fields or has_topic(light, *_LEVELS)


def effects(light: Entity, most: int = MAX_OPTIONS) -> dict[str, str]:
    """Effect as shown -> as the device wants it."""
    return choices(texts(light.attributes, "effect_list"), most)


def kelvins(light: Entity) -> tuple[float | None, float | None]:
    return number(light, "min_color_temp_kelvin"), number(light, "max_color_temp_kelvin")


def _within(light: Entity, kelvin: int) -> int:
    """The value within the limits of the device, which Home Assistant does not enforce."""
    low, high = kelvins(light)
    if low is not None and kelvin < low:
        return round(low)
    return round(high) if high is not None and kelvin > high else kelvin


def wanted_percent(target: Target, arguments: Arguments) -> int | DeviceOutcome | None:
    """The brightness of the arguments; None when they have none."""
    light = target.entity
    step = arguments.get("brightness_step_pct")
    percent: int | None = arguments.get("brightness_pct")
    if percent is None and step is None:
        return None
    if not dimmable(light):
        return None if percent == 0 else refused(target, "It cannot be dimmed.")
    if step is None:
        return percent
    now = as_number(light.reported("brightness"))
    if not is_on(light):
        if step <= 0:
            return refused(target, "It is off already.")
        now = 0
    elif now is None:
        return refused(target, "Its brightness now is not known; say a percentage.")
    # Darker never means off: who wants it off says so.
    return max(1, min(100, percent_of_255(now) + int(step)))


def has_brightness(percent: int) -> StateCheck:
    """Devices have steps of their own, so three percent more or less are the same."""
    return attribute_near("brightness", percent * 2.55, 3 * 2.55, exact=1.3)


def has_kelvin(kelvin: int) -> StateCheck:
    """Mireds are whole numbers: at 6500 K one of them is 43 K."""

    def within(mireds: float) -> Predicate:
        def holds(entity: Entity) -> bool:
            now = number(entity, "color_temp_kelvin")
            return now is not None and abs(1e6 / max(now, 1) - 1e6 / kelvin) <= mireds

        return holds

    return StateCheck(("color_temp_kelvin",), within(8), within(1))


def has_color(rgb: tuple[int, int, int]) -> StateCheck:
    """A device reports a colour by its own colour space and gamut, so a near one is the same."""
    hue, saturation = hue_saturation(rgb)

    def within(degrees: float, percent: float) -> Predicate:
        def holds(entity: Entity) -> bool:
            now = entity.attributes.get("hs_color")
            if not isinstance(now, (list, tuple)) or len(now) != 2:
                return False
            now_hue, now_saturation = as_number(now[0]), as_number(now[1])
            if now_hue is None or now_saturation is None:
                return False
            apart = abs((now_hue - hue + 180) % 360 - 180)
            near_hue = saturation < 12 or apart <= degrees
            return near_hue and abs(now_saturation - saturation) <= percent

        return holds

    return StateCheck(("hs_color",), within(20, 25), within(10, 15))
