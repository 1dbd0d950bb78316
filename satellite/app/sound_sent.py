"""Counts how much sound of the room has left the house today, and keeps it over restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from math import isfinite
from pathlib import Path
from urllib.parse import urlsplit

from satellite.conversation.events import BYTES_PER_MS
from satellite.core.hosts import is_loopback
from satellite.core.statefile import StateFile

FILE_NAME = "sound-sent.json"
KEEP_EVERY_S = 600.0
"""A power cut makes the figure smaller by this much at most; writing it more often would only wear
out the memory card."""


class SoundSent:
    """Counts what is sent to a server, unless that is on this machine.

    ``today`` returns the local calendar day, ``now`` monotonic seconds. A file that cannot be read
    or written is nobody's trouble: the figure then counts from this start.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        today: Callable[[], date] = date.today,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._today = today
        self._now = now
        self._file = StateFile(folder, FILE_NAME, "The amount of sound that was sent")
        self._leaves = True
        self._bytes = 0
        """Sent since ``_seconds`` was counted up; a chunk costs one addition."""
        self._day = self._today().isoformat()
        self._seconds = self._read()
        self._kept = self._seconds
        self._kept_s = now()

    def server(self, url: str) -> None:
        """Sound goes to this server from now on."""
        self._leaves = not is_loopback(urlsplit(url).hostname or "")

    def add(self, pcm: bytes) -> None:
        """This sound (PCM16 mono 24 kHz) was sent."""
        if self._leaves:
            self._bytes += len(pcm)

    def today_s(self) -> int:
        """Whole seconds of today. Call it at least once a minute: what was sent in between counts
        for the day of the call."""
        sent_s, self._bytes = self._bytes / BYTES_PER_MS / 1000, 0
        day = self._today().isoformat()
        if day != self._day:
            self._day, self._seconds = day, 0.0
        self._seconds += sent_s
        if self._now() - self._kept_s >= KEEP_EVERY_S:
            self.keep()
        return int(self._seconds)

    def keep(self) -> None:
        """Writes today's figure to the disk, if it has changed."""
        self._kept_s = self._now()
        if self._seconds != self._kept:
            self._kept = self._seconds
            self._file.write({self._day: round(self._seconds, 1)})

    def _read(self) -> float:
        seconds = self._file.read().get(self._day, 0.0)
        usable = isinstance(seconds, int | float) and isfinite(seconds) and seconds >= 0
        return float(seconds) if usable else 0.0
