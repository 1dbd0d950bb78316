"""Logging to the journal under systemd, else to standard error, without secrets.

Texts from the network (device names, payloads, server messages) end up in log lines, so control
characters are replaced here: they could control a terminal or fake lines of the journal.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote, quote_plus

from satellite.core.masking import MASK

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHORTEST_SECRET = 3
"""Shorter ones would redact ordinary text and are no secrets."""
_KEY_CHARS = 24
"""From this length on a secret is a key, and its beginning is redacted as well."""
_CHATTY = ("websockets", "asyncio", "aiomqtt", "mqtt")


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Returns a function that replaces secrets in a text: servers quote what they refuse.

    Also as they are written in an address, in JSON, in Python and in base64; and the beginning of
    a key, because quoted texts may be cut off.
    """
    pattern = _pattern(secrets)
    if pattern is None:
        return _redact_later
    return lambda text: _redact_later(pattern.sub(MASK, text))


def keep_secret(secret: str) -> None:
    """From now on every redactor replaces this secret too; of those that came here, the last."""
    global _later_pattern  # noqa: PLW0603 - logging is global as well
    if secret in _later:
        return
    _later.append(secret)
    _later_pattern = _pattern(_later)


_later: deque[str] = deque(maxlen=8)
"""Keys that are fetched while the program runs; each lives for minutes or hours."""
_later_pattern: re.Pattern[str] | None = None


def _redact_later(text: str) -> str:
    return text if _later_pattern is None else _later_pattern.sub(MASK, text)


def _pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Finds secrets; None where there are none."""
    kept = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    if not kept:
        return None
    written = {form for secret in kept for form in _forms(secret)}
    alternatives = [re.escape(form) for form in sorted(written, key=len, reverse=True)]
    alternatives += [
        re.escape(secret[: max(_KEY_CHARS // 2, len(secret) // 3)]) + r"[^\s'\"]*"
        for secret in kept
        if len(secret) >= _KEY_CHARS
    ]
    return re.compile("|".join(alternatives))


def _forms(secret: str) -> Iterator[str]:
    data = secret.encode("utf-8", "surrogatepass")
    yield from (secret, quote(data), quote(data, safe=""), quote_plus(data))
    yield from (json.dumps(secret)[1:-1], repr(secret)[1:-1])
    encoded = base64.b64encode(data).decode().rstrip("=")
    yield from (encoded, encoded.replace("+", "-").replace("/", "_"))


_redact: Callable[[str], str] = redactor(())
"""With the secrets of the last ``set_up``."""


class SafeFormatter(logging.Formatter):
    """Formats a record on one line, with ``secrets`` redacted.

    A traceback follows on lines of its own, with secrets redacted as well.
    """

    def __init__(self, form: str, secrets: Iterable[str] = (), *, times: str | None = None) -> None:
        super().__init__(form, times)
        self._redact = redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        message = self._redact(record.message)  # before anything in a secret is replaced
        record.message = _CONTROL.sub("�", message.replace("\n", " ⏎ "))
        return super().formatMessage(record)


class _Stderr(logging.StreamHandler[Any]):
    """Standard error of a terminal, or of a service manager that keeps no journal."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        _tell_broken(record)


def set_up(level: Level = "info", secrets: Iterable[str] = ()) -> None:
    """Sends all logging of this process to the journal or to standard error, and nowhere else."""
    global _redact  # noqa: PLW0603 - logging is global as well
    secrets = tuple(secrets)
    _redact = redactor(secrets)
    handler = _journal() if _stderr_is_the_journal() else None
    if handler is not None:
        handler.setFormatter(SafeFormatter("%(name)s: %(message)s", secrets))
    else:
        handler = _Stderr(sys.stderr)
        form = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
        handler.setFormatter(SafeFormatter(form, secrets, times="%H:%M:%S"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    sys.excepthook = _unforeseen
    sys.unraisablehook = _unraisable
    threading.excepthook = _in_thread
    for name in _CHATTY:
        logging.getLogger(name).setLevel("DEBUG" if level == "debug" else "WARNING")


def tell(text: str) -> None:
    """Prints the error that ends a command on standard error; the journal takes it as an error."""
    # sd-daemon(3): a line that begins with <3> has the priority "err".
    mark = "<3>" if _stderr_is_the_journal() else ""
    lines = (f"{mark}{line}" for line in _redact(text).splitlines())
    print("\n".join(lines), file=sys.stderr, flush=True)


def _unforeseen(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    """Logs a traceback as one entry, with secrets redacted."""
    shown = (kind, error or kind(), trace)
    logging.getLogger("satellite").critical("an unforeseen error", exc_info=shown)


def _unraisable(raised: sys.UnraisableHookArgs) -> None:
    _unforeseen(raised.exc_type, raised.exc_value, raised.exc_traceback)


def _in_thread(raised: threading.ExceptHookArgs) -> None:
    if raised.exc_type is not SystemExit:
        _unforeseen(raised.exc_type, raised.exc_value, raised.exc_traceback)


def _tell_broken(record: logging.LogRecord) -> None:
    """Reports a record that cannot be written; Python's own report would show its arguments.

    It uses ``tell`` because logging itself may be broken.
    """
    kind = sys.exc_info()[0]
    why = kind.__name__ if kind is not None else "unknown"
    tell(f"A line of the log is lost ({why}): {record.pathname}:{record.lineno}.")


def _stderr_is_the_journal() -> bool:
    """Whether systemd connected our standard error to the journal (``$JOURNAL_STREAM``).

    The numbers of the file are compared because the variable alone may be inherited, for example
    from a terminal of a desktop.
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

    class Journal(systemd.journal.JournalHandler):  # type: ignore[misc] # it has no types
        """Sends what is formatted, and of the record only what says where it comes from.

        systemd-python's own ``emit`` sends arguments, exceptions and all attributes of a record as
        fields of their own, as they are: secrets would stand there (``CODE_ARGS``).
        """

        def emit(self, record: logging.LogRecord) -> None:
            try:
                systemd.journal.send(
                    self.format(record),
                    PRIORITY=str(self.map_priority(record.levelno)),
                    SYSLOG_IDENTIFIER="satellite",
                    LOGGER=_redact(record.name),
                    THREAD_NAME=_redact(record.threadName or ""),
                    CODE_FILE=record.pathname,
                    CODE_LINE=record.lineno,
                    CODE_FUNC=record.funcName,
                )
            except Exception:  # noqa: BLE001 - as in every handler: the log must not break its writer
                self.handleError(record)

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
            _tell_broken(record)

    return Journal()
