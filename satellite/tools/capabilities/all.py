"""Every capability, in the order in which a model is told of them."""

from __future__ import annotations

from satellite.tools.capabilities.actions import Alarm, DeviceAction, SetLock
from satellite.tools.capabilities.buttons import ActivateScene, InstallUpdate, PressButton
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.climate import SetClimate
from satellite.tools.capabilities.cover import SetCover
from satellite.tools.capabilities.fan import SetFan
from satellite.tools.capabilities.humidity import Humidity
from satellite.tools.capabilities.inputs import Option, SetNumber, SetText
from satellite.tools.capabilities.light import SetLight
from satellite.tools.capabilities.message import SendMessage
from satellite.tools.capabilities.power import Power
from satellite.tools.capabilities.robot import Robot
from satellite.tools.capabilities.siren import SetSiren

CAPABILITIES: tuple[Capability, ...] = (
    Power(),
    SetLight(),
    SetCover(),
    SetLock(),
    SetClimate(),
    SetFan(),
    Humidity(),
    Robot(),
    Alarm(),
    SetSiren(),
    ActivateScene(),
    PressButton(),
    Option(),
    SetNumber(),
    SetText(),
    SendMessage(),
    InstallUpdate(),
    DeviceAction(),
)
BY_NAME = {capability.name: capability for capability in CAPABILITIES}
