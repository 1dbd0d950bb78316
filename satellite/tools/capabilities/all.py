"""Every capability, in the order in which a model is told of them."""

from __future__ import annotations

from satellite.tools.capabilities.alarm import Alarm, Siren
from satellite.tools.capabilities.buttons import Press, Scene, Update
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.climate import Climate
from satellite.tools.capabilities.cover import Cover
from satellite.tools.capabilities.fan import Fan
from satellite.tools.capabilities.humidity import Humidity
from satellite.tools.capabilities.inputs import Number, Option, Text
from satellite.tools.capabilities.light import Light
from satellite.tools.capabilities.lock import Lock
from satellite.tools.capabilities.message import Message
from satellite.tools.capabilities.power import Power
from satellite.tools.capabilities.robot import Robot

CAPABILITIES: tuple[Capability, ...] = (
    Power(),
    Light(),
    Cover(),
    Lock(),
    Climate(),
    Fan(),
    Humidity(),
    Robot(),
    Alarm(),
    Siren(),
    Scene(),
    Press(),
    Option(),
    Number(),
    Text(),
    Message(),
    Update(),
)
BY_NAME = {capability.name: capability for capability in CAPABILITIES}
