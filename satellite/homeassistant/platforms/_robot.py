"""What vacuum cleaners and lawn mowers share: their actions end in states, or in an error."""

from __future__ import annotations

from satellite.homeassistant.entities.traits import Action

_FAILED = frozenset({"error"})


def robot_action(service: str, *done: str, phrase: str = "") -> Action:
    """An action that ends in one of the states ``done``."""
    return Action(service, done, failed=_FAILED, in_time=False, phrase=phrase)


def going_home(service: str) -> Action:
    """The way to the dock, which takes minutes."""
    return Action(
        service,
        ("docked",),
        underway=("returning",),
        same_way=True,
        failed=_FAILED,
        in_time=False,
        phrase="send … home",
    )
