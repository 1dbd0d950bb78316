"""Stores wrong codes over restarts: pulling the plug must not allow more guesses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from satellite.core.statefile import StateFile
from satellite.tools.confirmation.attempts import Attempts
from satellite.tools.effects import KeepAttempts

log = logging.getLogger(__name__)

FILE_NAME = "codes.json"
FORGETS = (
    "A PIN is set, but there is no folder to remember wrong ones in: each start allows three tries "
    "anew. The systemd unit provides one; elsewhere STATE_DIRECTORY names it."
)
MANY = 1_000_000
"""A larger count was not written by this program."""


class AttemptsStore:
    """``attempts`` are those of earlier runs; an unreadable file counts as a pause.

    ``on_problem`` gets why they could not be stored, for a person, and an empty text once they are.
    The owner calls ``keep`` again from time to time while ``kept`` is false.
    """

    def __init__(
        self, folder: Path | None, *, on_problem: Callable[[str], None] = lambda _problem: None
    ) -> None:
        self.on_problem = on_problem
        self.kept = True
        self.forgets = folder is None
        self._file = StateFile(folder, FILE_NAME, "The record of wrong codes")
        found = self._file.read()
        self.attempts = Attempts()
        if not self._file.fresh and folder is not None:
            read = _attempts(found) if self._file.trusted else None
            self.attempts = read or Attempts.unreadable()

    def take(self, told: KeepAttempts) -> None:
        """Stores them; they are on the disk when this returns, or ``on_problem`` was called."""
        self.attempts = Attempts(told.wrong, told.pauses, told.paused)
        self.keep()

    def keep(self) -> None:
        now = self.attempts
        data = {"wrong": now.wrong, "pauses": now.pauses, "paused": now.paused}
        problem = self._file.write(data)
        self.kept = not problem
        told = f"Wrong codes could not be kept over a restart: {problem}. It is tried again."
        self.on_problem(told if problem else "")


def _attempts(found: dict[str, object]) -> Attempts | None:
    """The attempts in the file; None if it is invalid."""
    wrong, pauses, paused = (found.get(name) for name in ("wrong", "pauses", "paused"))
    for count in (wrong, pauses):
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MANY:
            return None
    if not isinstance(paused, bool):
        return None
    return Attempts(int(str(wrong)), int(str(pauses)), paused)
