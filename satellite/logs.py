"""Where log lines go: the journal under systemd, else standard error; never with a secret.

Texts from the network (device names, payloads, server messages) end up in log lines, so control
characters are made harmless here, in one place, for the sake of terminals and of whoever reads
the journal line by line.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Literal

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HIDDEN = "***"
_SHORTEST_SECRET = 3
"""Shorter ones would blot out ordinary text and are no secrets."""
_CHATTY = ("websockets", "asyncio", "aiomqtt", "mqtt")


def blotter(secrets: Iterable[str]) -> Callable[[str], str]:
    """Takes secrets out of a text, whoever put them there: servers quote what they refuse."""
    kept = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    if not kept:
        return lambda text: text
    longest_first = sorted(kept, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: pattern.sub(_HIDDEN, text)


_blot: Callable[[str], str] = blotter(())
"""As ``set_up`` was told last."""


class SafeFormatter(logging.Formatter):
    """Formats a record on one line, with ``secrets`` blotted out.

    A traceback follows on lines of its own, with secrets blotted out as well.
    """

    def __init__(self, form: str, secrets: Iterable[str] = (), *, times: str | None = None) -> None:
        super().__init__(form, times)
        self._blot = blotter(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return self._blot(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        record.message = _CONTROL.sub("�", record.message.replace("\n", " ⏎ "))
        return super().formatMessage(record)


def set_up(level: Level = "info", secrets: Iterable[str] = ()) -> None:
    """Sends all logging of this process to the right place, and nowhere else."""
    global _blot  # noqa: PLW0603 - logging is one for the process as well
    secrets = tuple(secrets)
    _blot = blotter(secrets)
    handler = _journal() if _stderr_is_the_journal() else None
    if handler is not None:
        handler.setFormatter(SafeFormatter("%(name)s: %(message)s", secrets))
    else:
        handler = logging.StreamHandler(sys.stderr)
        form = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
        handler.setFormatter(SafeFormatter(form, secrets, times="%H:%M:%S"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    sys.excepthook = _unforeseen
    for name in _CHATTY:
        logging.getLogger(name).setLevel("DEBUG" if level == "debug" else "WARNING")


def tell(text: str) -> None:
    """The last words of a command, on standard error; an error in the eyes of the journal."""
    # sd-daemon(3): a line that begins with <3> has the priority "err".
    mark = "<3>" if _stderr_is_the_journal() else ""
    lines = (f"{mark}{line}" for line in _blot(text).splitlines())
    print("\n".join(lines), file=sys.stderr, flush=True)


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A traceback is one entry of the journal, with secrets blotted out."""
    logging.getLogger("satellite").critical("an unforeseen error", exc_info=(kind, error, trace))


def _stderr_is_the_journal() -> bool:
    """Whether systemd connected our standard error to the journal (``$JOURNAL_STREAM``).

    Only the numbers of the file tell: the variable alone is inherited by anything we might be
    started from, such as a terminal of a desktop.
    """
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))


def _journal() -> logging.Handler | None:
    try:
        import systemd.journal
    except ImportError:
        return None
    handler: logging.Handler = systemd.journal.JournalHandler(SYSLOG_IDENTIFIER="satellite")
    return handler
