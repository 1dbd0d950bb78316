"""Units that belong to device classes, and the conversions to what a metric home shows."""

from __future__ import annotations

import math
from collections.abc import Mapping

from satellite.homeassistant.values import listed

_MASS_PER_VOLUME = frozenset({"μg/m³", "mg/m³", "g/m³", "ng/m³", "μg/ft³"})
_ENERGY = frozenset(listed("J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal"))
_PRESSURE = frozenset(listed("mPa Pa hPa kPa bar cbar mbar mmHg inHg inH₂O psi"))
_TEMPERATURE = frozenset({"°C", "°F", "K"})
_LENGTH = frozenset(listed("mm cm m km in ft yd mi nmi"))
_VOLUME = frozenset({"ft³", "CCF", "MCF", "m³", "gal", "L", "mL", "fl. oz."})
_SPEED = frozenset({"ft/s", "in/s", "in/d", "in/h", "m/min", "mm/s", "mm/d", "mm/h", "m/s", "km/h",
                    "kn", "mph", "Beaufort"})  # fmt: skip
_INTENSITY = frozenset({"in/d", "in/h", "mm/d", "mm/h"})
_DATA = [
    *(listed("bit kbit Mbit Gbit B kB MB GB TB PB EB ZB YB KiB MiB GiB TiB PiB EiB ZiB YiB")),
]
_RATE = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "B/s", "kB/s", "MB/s", "GB/s", "KiB/s", "MiB/s",
         "GiB/s"]  # fmt: skip
_PARTS = frozenset({"ppb", "ppm"})

CLASS_UNITS: Mapping[str, frozenset[str | None]] = {
    "absolute_humidity": frozenset({"g/m³", "mg/m³"}),
    "apparent_power": frozenset({"mVA", "VA", "kVA"}),
    "aqi": frozenset({None}),
    "area": frozenset(listed("mm² cm² m² km² in² ft² yd² mi² ac ha")),
    "atmospheric_pressure": _PRESSURE,
    "battery": frozenset({"%"}),
    "blood_glucose_concentration": frozenset({"mg/dL", "mmol/L"}),
    "carbon_monoxide": _PARTS | _MASS_PER_VOLUME,
    "carbon_dioxide": frozenset({"ppm"}),
    "conductivity": frozenset({"S/cm", "mS/cm", "μS/cm"}),
    "current": frozenset({"A", "mA", "μA"}),
    "data_rate": frozenset(_RATE),
    "data_size": frozenset(_DATA),
    "distance": _LENGTH,
    "duration": frozenset({"d", "h", "min", "s", "ms", "μs"}),
    "energy": _ENERGY,
    "energy_distance": frozenset({"kWh/100km", "Wh/km", "mi/kWh", "km/kWh"}),
    "energy_storage": _ENERGY,
    "frequency": frozenset({"Hz", "kHz", "MHz", "GHz", "mHz"}),
    "gas": frozenset({"CCF", "MCF", "ft³", "m³", "L"}),
    "humidity": frozenset({"%"}),
    "illuminance": frozenset({"lx"}),
    "irradiance": frozenset({"W/m²", "BTU/(h⋅ft²)"}),
    "moisture": frozenset({"%"}),
    "nitrogen_dioxide": _PARTS | _MASS_PER_VOLUME,
    "nitrogen_monoxide": _PARTS | _MASS_PER_VOLUME,
    "nitrous_oxide": _MASS_PER_VOLUME,
    "ozone": _PARTS | _MASS_PER_VOLUME,
    "ph": frozenset({None}),
    "pm1": _MASS_PER_VOLUME,
    "pm10": _MASS_PER_VOLUME,
    "pm25": _MASS_PER_VOLUME,
    "pm4": _MASS_PER_VOLUME,
    "power": frozenset({"mW", "W", "kW", "MW", "GW", "TW", "BTU/h"}),
    "power_factor": frozenset({"%", None}),
    "precipitation": frozenset({"cm", "in", "mm"}),
    "precipitation_intensity": _INTENSITY,
    "pressure": _PRESSURE,
    "radon": frozenset({"Bq/m³", "pCi/L"}),
    "reactive_energy": frozenset({"varh", "kvarh"}),
    "reactive_power": frozenset({"mvar", "var", "kvar"}),
    "signal_strength": frozenset({"dB", "dBm"}),
    "sound_pressure": frozenset({"dB", "dBA"}),
    "speed": _SPEED,
    "sulphur_dioxide": _PARTS | _MASS_PER_VOLUME,
    "temperature": _TEMPERATURE,
    "temperature_delta": _TEMPERATURE,
    "volatile_organic_compounds": _MASS_PER_VOLUME,
    "volatile_organic_compounds_parts": _PARTS,
    "voltage": frozenset({"V", "mV", "μV", "kV", "MV"}),
    "volume": _VOLUME,
    "volume_flow_rate": frozenset({"m³/h", "m³/min", "m³/s", "ft³/min", "L/h", "L/min", "L/s",
                                   "gal/min", "gal/h", "gal/d", "mL/s"}),
    "volume_storage": _VOLUME,
    "water": frozenset({"CCF", "MCF", "ft³", "gal", "m³", "L"}),
    "weight": frozenset({"kg", "g", "mg", "μg", "oz", "lb", "st", "t"}),
    "wind_direction": frozenset({"°"}),
    "wind_speed": _SPEED,
}  # fmt: skip
"""Units that Home Assistant allows for a device class; None stands for no unit."""

NUMERIC_CLASSES = frozenset({*CLASS_UNITS, "monetary"})
OTHER_CLASSES = frozenset({"date", "enum", "timestamp", "uptime"})

_NAMES = {
    "aqi": "Air quality index",
    "ph": "pH",
    "pm1": "PM1",
    "pm10": "PM10",
    "pm25": "PM2.5",
    "pm4": "PM4",
    "energy_storage": "Stored energy",
    "monetary": "Balance",
    "volume_storage": "Stored volume",
    "precipitation_intensity": "Precipitation intensity",
    "temperature_delta": "Temperature interval",
}


def class_name(device_class: str) -> str:
    """The English name of a device class, which names entities that have none."""
    return _NAMES.get(device_class) or device_class.replace("_", " ").capitalize()


def plain_unit(unit: str | None) -> str | None:
    """A unit without blanks around it and with the Greek mu for micro; None when it is empty."""
    if unit is None:
        return None
    return unit.strip().replace("\u00b5", "\u03bc") or None


def unit_fits(device_class: str, unit: str | None) -> bool:
    allowed = CLASS_UNITS.get(device_class)
    return allowed is None or plain_unit(unit) in allowed


# Conversion -----------------------------------------------------------------------------------

_PASCALS = {
    "Pa": 1.0,
    "hPa": 100.0,
    "kPa": 1_000.0,
    "bar": 100_000.0,
    "cbar": 1_000.0,
    "mbar": 100.0,
    "mPa": 0.001,
    "mmHg": 0.001 * 1000 * 9.80665 * 13.5951,
    "inHg": 0.0254 * 1000 * 9.80665 * 13.5951,
    "inH₂O": 0.0254 * 1000 * 9.80665,
    "psi": 6894.757,
}
_METERS_PER_SECOND = {
    "ft/s": 0.3048,
    "in/s": 0.0254,
    "km/h": 1 / 3.6,
    "m/min": 1 / 60,
    "m/s": 1.0,
    "mm/s": 0.001,
    "mph": 1609.344 / 3600,
    "in/d": 0.0254 / 86_400,
    "in/h": 0.0254 / 3_600,
    "mm/d": 0.001 / 86_400,
    "mm/h": 0.001 / 3_600,
}
_CUBIC_FEET = {"ft³": ("m³", 0.3048**3), "CCF": ("m³", 30.48 * 0.3048**2),
               "MCF": ("m³", 304.8 * 0.3048**2)}  # fmt: skip
_GALLON = ("L", 231 * 0.0254**3 * 1000)

_BY_CLASS: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "area": {
        "in²": ("cm²", 2.54**2), "ft²": ("m²", 0.3048**2), "mi²": ("km²", 1.609344**2),
        "yd²": ("m²", 0.9144**2), "ac": ("ha", 66 * 660 * 0.3048**2 / 10_000),
    },
    "atmospheric_pressure": {
        unit: ("hPa", pascals / 100) for unit, pascals in _PASCALS.items() if unit != "hPa"
    },
    "distance": {
        "ft": ("m", 0.3048), "in": ("mm", 25.4), "mi": ("km", 1.609344), "nmi": ("km", 1.852),
        "yd": ("m", 0.9144),
    },
    "gas": _CUBIC_FEET,
    "precipitation": {"in": ("mm", 25.4)},
    "precipitation_intensity": {"in/d": ("mm/d", 25.4), "in/h": ("mm/h", 25.4)},
    "pressure": {"psi": ("kPa", 6.894757), "inHg": ("hPa", _PASCALS["inHg"] / 100)},
    "speed": {
        "ft/s": ("km/h", 1.09728), "in/s": ("mm/s", 25.4), "mph": ("km/h", 1.609344),
        "in/d": ("mm/d", 25.4), "in/h": ("mm/h", 25.4),
    },
    "volume": {**_CUBIC_FEET, "fl. oz.": ("mL", _GALLON[1] * 1000 / 128), "gal": _GALLON},
    "water": {**_CUBIC_FEET, "gal": _GALLON},
    "wind_speed": {
        unit: ("km/h", speed * 3.6) for unit, speed in _METERS_PER_SECOND.items() if unit != "km/h"
    },
}  # fmt: skip
"""What a metric Home Assistant converts: by device class and unit, what it shows and the factor."""


def convert_temperature(value: float, unit: str, wanted: str, interval: bool = False) -> float:
    """Between °C, °F and K; ``interval`` for differences."""
    if unit == wanted:
        return value
    if interval:
        celsius = value / 1.8 if unit == "°F" else value
        return celsius * 1.8 if wanted == "°F" else celsius
    celsius = (value - 32) / 1.8 if unit == "°F" else value - 273.15 if unit == "K" else value
    if wanted == "°F":
        return celsius * 1.8 + 32
    return celsius + 273.15 if wanted == "K" else celsius


def shown_unit(device_class: str | None, unit: str | None, temperature_unit: str) -> str | None:
    """The unit in which Home Assistant shows values of this class."""
    if device_class is None or unit is None:
        return unit
    if device_class == "temperature" and unit in ("°C", "°F") and unit != temperature_unit:
        return temperature_unit
    if temperature_unit == "°C":
        return _BY_CLASS.get(device_class, {}).get(unit, (unit, 1.0))[0]
    return unit


def shown_value(text: str, device_class: str, unit: str, wanted: str, rounded: bool = True) -> str:
    """A number converted; ``rounded`` to as many decimals as make sense.

    Raises:
        ValueError: the text is no number.
    """
    value = float(text)
    if device_class == "temperature":
        converted = convert_temperature(value, unit, wanted)
        ratio = 1.8 if unit == "°F" else 1 / 1.8
    else:
        factor = _BY_CLASS[device_class][unit][1]
        converted, ratio = value * factor, 1 / factor
    if not rounded:
        return str(converted)
    decimals = len(text) - text.index(".") - 1 if "." in text else 0
    decimals += max(0, math.floor(math.log10(ratio)))
    return f"{converted:z.{min(decimals, 15)}f}"
