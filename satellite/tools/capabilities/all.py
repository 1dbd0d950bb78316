"""Every capability of the modules in this folder, in the order of the list of functions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeGuard

from satellite.homeassistant.values import listed
from satellite.tools import capabilities
from satellite.tools.capabilities.capability import Capability

_ORDER = listed(
    "set_power set_light set_cover set_lock set_climate set_fan set_humidity run_robot set_alarm "
    "set_siren activate_scene press_button set_option set_number set_text send_message "
    "install_update run_device_action"
)
"""Others come after these, by name. A server may cache the list, so the order stays."""


def _defined() -> Iterator[Capability]:
    """One object of each class that has a name of its own."""
    for found in iter_modules(capabilities.__path__, f"{capabilities.__name__}."):
        if found.name != __name__:
            module = import_module(found.name)
            for _, kind in inspect.getmembers(module, inspect.isclass):
                if kind.__module__ == found.name and _is_concrete(kind):
                    yield kind()


def _is_concrete(kind: type) -> TypeGuard[type[Capability]]:
    return issubclass(kind, Capability) and not inspect.isabstract(kind) and "name" in vars(kind)


def _place(capability: Capability) -> tuple[int, str]:
    name = capability.name
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


CAPABILITIES: tuple[Capability, ...] = tuple(sorted(_defined(), key=_place))
BY_NAME = {capability.name: capability for capability in CAPABILITIES}
