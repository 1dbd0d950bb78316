"""Loads, in a thread of its own, what the first devices of a home would make everybody wait for.

Platforms, Jinja and regular expressions are loaded where they are first needed. With the first
discovery message that would be the thread that carries the microphone, for a tenth of a second.
"""

from __future__ import annotations

import json

from satellite.home.home import Home, Rules

_COMMAND: dict[str, object] = {"command_topic": "~/set"}
_DEVICES: dict[str, dict[str, object]] = {
    "light": {**_COMMAND, "schema": "json", "brightness": True},
    "switch": _COMMAND,
    "cover": {**_COMMAND, "position_topic": "~", "set_position_topic": "~/position/set"},
    "climate": {"temperature_command_topic": "~/set", "modes": ["off", "heat"]},
    "lock": _COMMAND,
    "select": {**_COMMAND, "options": ["a", "b"]},
    "number": _COMMAND,
    "button": _COMMAND,
    "update": {},
    "sensor": {"unit_of_measurement": "°C", "device_class": "temperature"},
    "binary_sensor": {"device_class": "door"},
    "event": {"event_types": ["single"]},
}
"""What bridges announce most. Each device costs a few milliseconds here, and little memory."""
_TEMPLATE = "{% if value_json is defined %}{{ value_json.state | default(0) }}{% endif %}"


def rehearse() -> None:
    """The first minute of a home that nobody lives in."""
    home = Home(Rules())
    home.on_broker(True, 0.0)
    for platform, config in _DEVICES.items():
        announcement = {
            "~": f"rehearsal/{platform}",
            "unique_id": f"rehearsal_{platform}",
            "state_topic": "~",
            "value_template": _TEMPLATE,
            "device": {"identifiers": [f"rehearsal_{platform}"], "name": f"A {platform}"},
            **config,
        }
        topic = f"homeassistant/{platform}/rehearsal_{platform}/config"
        home.on_message(topic, json.dumps(announcement).encode(), False, 0.0)
        home.on_message(f"rehearsal/{platform}", b'{"state": "on"}', False, 0.0)
    home.functions()
    home.call("1", "set_power", '{"devices": ["A switch"], "state": "off"}', 1, 0.0)
    home.call("2", "get_state", '{"devices": ["some window"]}', 1, 0.0)
    home.on_broker(False, 0.0)
