"""Codes that devices themselves ask for, from the settings."""

from __future__ import annotations

from satellite.tools.names.targets import Target
from satellite.tools.policy.patterns import glob
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import fold


def configured_code(target: Target, rules: Rules) -> str | None:
    """The code from the settings, by name or unique id of the device."""
    for pattern, code in rules.codes.items():
        for name in (*target.names, target.entity.unique_id or ""):
            if name and (fold(pattern) == fold(name) or glob(pattern)(name)):
                return code
    return None
