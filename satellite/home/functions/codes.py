"""Codes that locks and alarms ask for themselves: from the settings, or spoken with the yes."""

from __future__ import annotations

from collections.abc import Iterable

from satellite.home.functions.policy import Rules, glob
from satellite.home.functions.targets import Target
from satellite.home.functions.text import fold


def wanted(target: Target, services: Iterable[str]) -> bool:
    """Whether the device itself refuses this command without a code."""
    attributes = target.entity.attributes
    if target.entity.platform == "lock":
        return bool(attributes.get("code_format"))
    if target.entity.platform != "alarm_control_panel" or not attributes.get("code_format"):
        return False
    arming_only = all(service.startswith("alarm_arm") for service in services)
    return not arming_only or bool(attributes.get("code_arm_required", True))


def configured(target: Target, rules: Rules) -> str | None:
    """The code from the settings, by name or unique id of the device."""
    for pattern, code in rules.codes.items():
        for name in (*target.names, target.entity.unique_id or ""):
            if name and (fold(pattern) == fold(name) or glob(pattern)(name)):
                return code
    return None
