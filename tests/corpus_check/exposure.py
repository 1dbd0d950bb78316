"""What Home Assistant shows its own voice assistant without being asked.

A hint for a sensible choice, not a policy: what the model may do is decided elsewhere.
"""

from __future__ import annotations

from satellite.homeassistant.entities.entity import Entity

_PLATFORMS = frozenset(
    {
        "climate", "cover", "fan", "humidifier", "light", "scene", "switch", "todo", "vacuum",
        "water_heater",
    }
)  # fmt: skip
_BINARY_SENSORS = frozenset(
    {"door", "garage_door", "lock", "motion", "opening", "presence", "window"}
)
_SENSORS = frozenset(
    {
        "aqi", "carbon_monoxide", "carbon_dioxide", "humidity", "pm10", "pm25", "temperature",
        "volatile_organic_compounds",
    }
)  # fmt: skip


def exposed_by_default(entity: Entity) -> bool | None:
    """True or false as Home Assistant decides; None where it keeps no record."""
    if entity.unique_id is None or not entity.enabled:
        return None
    if entity.category is not None or entity.hidden:
        return False
    if entity.platform == "binary_sensor":
        return entity.device_class in _BINARY_SENSORS
    if entity.platform == "sensor":
        return entity.device_class in _SENSORS
    return entity.platform in _PLATFORMS
