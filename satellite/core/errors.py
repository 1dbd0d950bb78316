"""The errors that are shown to a person, and the exit statuses.

A ``TransientError`` is retried for ever with back-off. Any other ends the process with the exit
status it carries, so that systemd knows whether a restart can help (``RestartPreventExitStatus=78``
in the unit).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

EXIT_STOPPED = 0
"""The person or the service manager asked to stop."""
EXIT_FAILED = 1
"""Anything that has no better name; a restart may help."""
EXIT_UNAVAILABLE = 69
"""``EX_UNAVAILABLE`` of sysexits.h: a needed part is missing that never was there. The unit tries
again, because a card may come up late, with growing pauses."""
EXIT_CONFIG = 78
"""``EX_CONFIG`` of sysexits.h: wrong settings or credentials, which a restart cannot mend."""


class SatelliteError(Exception):
    """Something a person must know: ``what`` happened, and what to ``do``.

    ``str(error)`` is the whole message, ready for a terminal or a journal line, without secrets.
    """

    exit_status: ClassVar[int] = EXIT_FAILED

    def __init__(self, what: str, *, do: str = "") -> None:
        self.what = what
        self.do = do
        super().__init__(f"{what} {do}".strip())


class TransientError(SatelliteError):
    """It may work later: try again with back-off, and say so meanwhile."""


class SettingsError(SatelliteError):
    """Settings or credentials are wrong; only a person can mend that."""

    exit_status: ClassVar[int] = EXIT_CONFIG


class MissingPartError(SatelliteError):
    """A needed program, library or device is missing and will stay missing."""

    exit_status: ClassVar[int] = EXIT_UNAVAILABLE


def worst(error: BaseException) -> SatelliteError | None:
    """The error to show, out of all in a group; None when one of them is no ``SatelliteError``.

    One that a person must mend comes first: the others may follow from it.
    """
    found = list(_leaves(error))
    ours = [leaf for leaf in found if isinstance(leaf, SatelliteError)]
    if not ours or len(ours) < len(found):
        return None
    for status in (EXIT_CONFIG, EXIT_UNAVAILABLE):
        for leaf in ours:
            if leaf.exit_status == status:
                return leaf
    return ours[0]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
