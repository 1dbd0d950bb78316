"""Whether a command of a device needs the person's yes."""

from __future__ import annotations

from collections.abc import Iterable

from satellite.home.functions.policy import Rules, guarded, maintenance
from satellite.home.functions.targets import Target

ANY_SERVICE = ("alarm_disarm", "turn_on")
"""Stands for whatever may be asked of a device."""


def guard(target: Target, services: Iterable[str], rules: Rules) -> bool:
    """True when these services of this device never run on the model's word alone."""
    entity = target.entity
    name = f"{target.name} {entity.name}"  # an alias or a neutral name hides nothing
    return guarded(entity, name, services, rules, target.facts) or maintenance(entity, name)
