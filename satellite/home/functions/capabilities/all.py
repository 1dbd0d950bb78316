"""Every capability, in the order in which a model is told of them."""

from __future__ import annotations

from satellite.home.functions.capabilities.alarm import Alarm, Siren
from satellite.home.functions.capabilities.buttons import Press, Scene, Update
from satellite.home.functions.capabilities.capability import Capability
from satellite.home.functions.capabilities.climate import Climate
from satellite.home.functions.capabilities.cover import Cover
from satellite.home.functions.capabilities.fan import Fan
from satellite.home.functions.capabilities.humidity import Humidity
from satellite.home.functions.capabilities.inputs import Number, Option, Text
from satellite.home.functions.capabilities.light import Light
from satellite.home.functions.capabilities.lock import Lock
from satellite.home.functions.capabilities.message import Message
from satellite.home.functions.capabilities.power import Power
from satellite.home.functions.capabilities.robot import Robot

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
