"""Which components there are, and how many at most."""

from __future__ import annotations

from satellite.homeassistant.values import listed

MAX_COMPONENTS = 200
"""Of one message, and of one device."""

PLATFORMS = frozenset(
    listed(
        "alarm_control_panel binary_sensor button camera climate cover date datetime "
        "device_automation device_tracker event fan humidifier image infrared lawn_mower light "
        "lock notify number scene select sensor siren switch tag text time update vacuum valve "
        "water_heater"
    )
)
"""Components that Home Assistant 2026.11 accepts over MQTT."""

WITHOUT_ENTITY = frozenset({"device_automation", "tag"})
"""Components that announce something to hear, but no entity."""
