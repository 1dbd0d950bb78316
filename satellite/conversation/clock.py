"""Tells the model date, time, weekday and time zone, without asking and without spoiling its cache.

The instructions stay the same from session to session, so the time cannot stand there. A short item
tells it when somebody begins to speak and what was told last is not true any more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from satellite.conversation.commands import SendSystemText
from satellite.conversation.effect_list import EffectList

TOLD_FOR_S = 600.0
"""So long the model may count on from the time that it was told."""
JUMP_S = 60.0
"""A wall clock that moved so much against the monotonic one was set (a Pi has no battery for its
clock), or summer time began or ended."""
CLOCK_IS_SET = datetime(2025, 1, 1)
"""A clock that shows an earlier day was not set since the machine started."""


class ClockItems:
    """``wall`` returns the local time with its zone; None tells nothing."""

    def __init__(self, effects: EffectList, wall: Callable[[], datetime] | None) -> None:
        self._effects = effects
        self._wall = wall
        self._told: tuple[float, datetime] | None = None
        """The monotonic and the wall time of the last item on this link."""

    def reset(self) -> None:
        """A new session has been told nothing."""
        self._told = None

    def tell(self) -> None:
        """Somebody begins to speak or to write: tells the time, unless it is known still."""
        if not self._effects.linked or self._wall is None:
            return
        wall = self._wall()
        if wall.replace(tzinfo=None) < CLOCK_IS_SET or not self._outdated(wall):
            return
        self._told = (self._effects.now_s, wall)
        self._effects.send(SendSystemText(text_of(wall)))

    def _outdated(self, wall: datetime) -> bool:
        if self._told is None:
            return True
        told_s, told = self._told
        passed_s = self._effects.now_s - told_s
        shown = told.replace(tzinfo=None) + timedelta(seconds=passed_s)
        jumped_s = abs((wall.replace(tzinfo=None) - shown).total_seconds())
        return passed_s >= TOLD_FOR_S or jumped_s >= JUMP_S


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def text_of(wall: datetime) -> str:
    """Date, time and zone; the names of days do not depend on the locale of this machine."""
    offset = wall.strftime("%z")
    zone = [f"UTC{offset[:3]}:{offset[3:5]}"] if offset else []
    if (name := wall.strftime("%Z")).isalpha() and zone:
        zone.append(name)
    where = f" ({', '.join(zone)})" if zone else ""
    return f"It is {DAYS[wall.weekday()]}, {wall:%Y-%m-%d}, {wall:%H:%M}{where}."
