"""Every capability, in the order of the list of functions."""

from __future__ import annotations

from satellite.tools.capabilities.actions import SetAlarm, DeviceAction, SetLock
from satellite.tools.capabilities.buttons import ActivateScene, InstallUpdate, PressButton
from satellite.tools.capabilities.capability import Capability
from satellite.tools.capabilities.climate import SetClimate
from satellite.tools.capabilities.cover import SetCover
from satellite.tools.capabilities.fan import SetFan
from satellite.tools.capabilities.humidity import SetHumidity
from satellite.tools.capabilities.inputs import SelectOption, SetNumber, SetText
from satellite.tools.capabilities.light import SetLight
from satellite.tools.capabilities.message import SendMessage
from satellite.tools.capabilities.power import SetPower
from satellite.tools.capabilities.robot import RunRobot
from satellite.tools.capabilities.siren import SetSiren

CAPABILITIES: tuple[Capability, ...] = (
    SetPower(),
    SetLight(),
    SetCover(),
    SetLock(),
    SetClimate(),
    SetFan(),
    SetHumidity(),
    RunRobot(),
    SetAlarm(),
    SetSiren(),
    ActivateScene(),
    PressButton(),
    SelectOption(),
    SetNumber(),
    SetText(),
    SendMessage(),
    InstallUpdate(),
    DeviceAction(),
)
BY_NAME = {capability.name: capability for capability in CAPABILITIES}
