"""Keeps mute and volume, as somebody set them by hand, over restarts.

Whoever muted the satellite yesterday does not expect it to listen after a power cut. The settings
are kept on this machine, because the broker's retained messages may come late, never, or from
somebody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from satellite.core.statefile import StateFile

log = logging.getLogger(__name__)

FILE_NAME = "controls.json"
NOT_KEPT = (
    "Muted, but only until the next start: there is no folder to remember it in. The systemd unit "
    "provides one; elsewhere STATE_DIRECTORY names it."
)
UNRELIABLE = (
    "Muted, for what was set by hand in {file} cannot be relied on. The mute switch ends that."
)


class ControlStore:
    """``muted`` and ``volume`` as they were; ``configured_volume`` (0 to 100) is the settings'.

    A volume set by hand counts until the one in the settings changes. Without a reliable file that
    says otherwise it is muted: that can be seen and undone, while nobody would notice the opposite.

    ``on_problem`` gets what could not be kept, for a person, and an empty text once it was kept.
    The owner calls ``keep`` again from time to time while ``kept`` is false.
    """

    def __init__(
        self,
        folder: Path | None,
        configured_volume: int,
        *,
        on_problem: Callable[[str], None] = lambda _problem: None,
    ) -> None:
        self.on_problem = on_problem
        self.kept = True
        self._without_folder = folder is None
        self._told = False
        self._file = StateFile(folder, FILE_NAME, "What was set by hand (mute, volume)")
        self._configured = configured_volume
        found = self._file.read()
        proven = self._file.trusted and found.get("muted") is False
        self.muted = not (proven or self._file.fresh)
        self._muted_on_disk = self.muted
        self.unreliable = "" if self._file.trusted else UNRELIABLE.format(file=self._file)
        """Why it is muted although perhaps nobody muted it, for a person; else empty."""
        self.volume = configured_volume
        if found.get("configured_volume") == configured_volume:
            self.volume = _percent(found.get("volume"), configured_volume)

    def keep_muted(self, muted: bool) -> None:
        """Returns when it is on the disk, or ``on_problem`` was told why not."""
        self.muted = muted
        self.keep()

    def keep_volume(self, percent: int) -> None:
        self.volume = percent
        self.keep()

    def keep(self) -> None:
        """Writes both to the disk."""
        if self._without_folder:
            self._report_not_kept()
            return
        problem = self._file.write(
            {"muted": self.muted, "volume": self.volume, "configured_volume": self._configured},
            distrust=self.muted and not self._muted_on_disk,  # else the next start is safe anyway
        )
        self.kept = not problem
        if self.kept:
            self._muted_on_disk = self.muted
        what = "Muted, but this" if self.muted else "Mute or volume were changed, but this"
        told = f"{what} could not be kept over a restart: {problem}. It is tried again."
        self.on_problem(told if problem else "")

    def _report_not_kept(self) -> None:
        self.on_problem(NOT_KEPT if self.muted else "")
        if self.muted and not self._told:
            self._told = True
            log.warning("%s", NOT_KEPT)


def _percent(value: object, otherwise: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:
        return value
    return otherwise
