"""What follows from what was spent: a warning, a cheaper model, no server that costs anything.

``step_of`` and ``choose_server`` decide and know nothing else; the application does what they say
(``app/spending_guard.py``, ``app/server_switch.py``).
"""

from __future__ import annotations

from enum import StrEnum


class SpendingStep(StrEnum):
    """How near a limit is; each begins once in a day or a month, in this order."""

    NORMAL = "normal"
    WARNED = "warned"
    CHEAPER_MODEL = "cheaper_model"
    LIMIT_REACHED = "limit_reached"

    @property
    def rank(self) -> int:
        return list(SpendingStep).index(self)


class ServerTarget(StrEnum):
    """Which server is to be used."""

    CLOUD = "cloud"
    """The one of the settings, with the model of the settings."""
    CHEAPER = "cheaper"
    """The one of the settings, with the cheaper model."""
    LOCAL = "local"
    """The one on this machine, started for that."""
    NONE = "none"


def step_of(part: float, warn_at: float, *, cheaper_model: bool) -> SpendingStep:
    """The step for the part of a limit that is spent (1.0 is all of it).

    The cheaper model, where there is one, begins halfway between the warning and the limit.
    """
    if part >= 1.0:
        return SpendingStep.LIMIT_REACHED
    if cheaper_model and part >= (1.0 + warn_at) / 2:
        return SpendingStep.CHEAPER_MODEL
    return SpendingStep.WARNED if part >= warn_at else SpendingStep.NORMAL


def choose_server(step: SpendingStep, *, cheaper_model: bool, local_server: bool) -> ServerTarget:
    """Where the conversation goes on; the last two tell what is there to be used."""
    if step is SpendingStep.LIMIT_REACHED:
        return ServerTarget.LOCAL if local_server else ServerTarget.NONE
    if step is SpendingStep.CHEAPER_MODEL and cheaper_model:
        return ServerTarget.CHEAPER
    return ServerTarget.CLOUD
