"""Codes that locks and alarms ask for themselves: from the settings, or spoken with the yes."""

from __future__ import annotations

from collections.abc import Iterable

from satellite.tools.names.targets import Target
from satellite.tools.policy.patterns import glob
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import fold


def needs_code(target: Target, services: Iterable[str]) -> bool:
    """Whether the device itself refuses one of these services without a code."""
    config = target.entity.config
    if target.entity.platform == "lock":
        return "code_format" in config
    if target.entity.platform != "alarm_control_panel" or config.get("code") is None:
        return False
    actions = {service.removeprefix("alarm_").partition("_")[0] for service in services}
    return any(config.get(f"code_{action}_required", False) for action in actions)


def judged_by_device(target: Target) -> bool:
    """Whether nobody but the device knows if a code is right; others are compared in here."""
    if target.entity.platform == "lock":
        return True
    return str(target.entity.config.get("code", "")).startswith("REMOTE_CODE")


def configured_code(target: Target, rules: Rules) -> str | None:
    """The code from the settings, by name or unique id of the device."""
    for pattern, code in rules.codes.items():
        for name in (*target.names, target.entity.unique_id or ""):
            if name and (fold(pattern) == fold(name) or glob(pattern)(name)):
                return code
    return None
