"""Whether the result of a function says that it failed. Pure.

A client may have any functions, and there is no standard for their results. So a result that says
in a usual way, anywhere, that something failed is a failure; any other may be a success.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MOST_LEVELS = 4
_GOOD = frozenset((
    "ok", "okay", "success", "successful", "succeeded", "done", "complete", "completed",
    "finished", "accepted", "true", "yes",
))  # fmt: skip
_NOTHING = frozenset(("", "0", "none", "null", "no", "false", "ok"))
"""Values of ``error`` that mean no error."""
_BAD = re.compile(
    r"(?<![a-z])(errors?|errored|fail(s|ed|ure)?|faults?|faulted|fatal|exceptions?|traceback|"
    r"denied|forbidden|unauthori[sz]ed|rejected|refused|invalid|timed?[ _-]?out|not[ _-]?found|"
    r"unavailable|unreachable|cancell?ed|aborted|unsuccessful|n?ko|"
    r"(un|not )able to|could(n't| not)|can(not|'t| not)|unknown|not[ _-]?ok|bad[ _-]?request)"
    r"(?![a-z])"
)
_ERRORS = frozenset((
    "error", "errors", "err", "exception", "exceptions", "failure", "failures", "fault", "faults",
    "errormessage", "errormsg", "errorcode", "errortype", "errordescription", "traceback",
))  # fmt: skip
_VERDICTS = frozenset(("success", "successful", "succeeded", "ok", "okay"))
_COMPLAINTS = frozenset(("iserror", "haserror", "haserrors", "failed", "iserr"))
_STATUSES = frozenset(
    ("status", "result", "outcome", "code", "statuscode", "httpstatus", "httpcode")
)
_EXITS = frozenset(("exitcode", "returncode", "exitstatus", "rc"))
_INSIDE = frozenset(
    ("result", "results", "data", "response", "output", "outputs", "body", "payload", "value")
)
_OUR_DEVICES = "devices"
"""Each has its own status, and is told by its own sentence (``replies``)."""
_REASONS = ("message", "detail", "details", "description", "reason", "msg", "title", "text")
_TRACE = re.compile(r"Traceback .*^(\S[^\n]*)\Z", re.DOTALL | re.MULTILINE)
"""The only plain text that is a failure: other text is read out as it is."""
_MOST_WORDS = 3
"""A longer status is a sentence, which may say ``no errors were found``."""


def failure_of(result: object, level: int = 0) -> str | None:
    """The reason of a failure, ``""`` if none is given; ``None`` if the result is no failure."""
    if level > _MOST_LEVELS:
        return None
    if isinstance(result, str):
        trace = _TRACE.match(result.strip())
        return trace[1] if trace is not None else None
    if isinstance(result, list):
        return _first(failure_of(one, level + 1) for one in result)
    if not isinstance(result, Mapping):
        return None
    own = _first(_failure_at(_plain(name), value, result) for name, value in result.items())
    if own is not None:
        return own
    inside = {name: value for name, value in result.items() if isinstance(value, dict | list)}
    return _first(
        failure_of(value, level + 1) if _plain(name) in _INSIDE else _error_in(value, level + 1)
        for name, value in inside.items()
        if name != _OUR_DEVICES
    )


def _error_in(value: object, level: int) -> str | None:
    """The error that a part of the result tells of; its status may be that of anything."""
    if level > _MOST_LEVELS:
        return None
    if isinstance(value, list):
        return _first(_error_in(one, level + 1) for one in value)
    if not isinstance(value, Mapping):
        return None
    own = {name: one for name, one in value.items() if _plain(name) not in _STATUSES | _EXITS}
    return _first(
        _failure_at(_plain(name), one, own)
        if not isinstance(one, dict | list) or _plain(name) in _ERRORS
        else _error_in(one, level + 1)
        for name, one in own.items()
    )


def succeeded(status: object) -> bool:
    """Whether a status is true, a usual word for success, or an HTTP status for it."""
    if isinstance(status, bool):
        return status
    if isinstance(status, int | float):
        return 200 <= status < 300
    return isinstance(status, str) and status.strip().lower() in _GOOD


def _failure_at(name: str, value: object, result: Mapping[str, Any]) -> str | None:
    """The failure that one field tells of, like ``failure_of``; ``name`` is as of ``_plain``."""
    word = str(value).strip().lower()
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    failed = (
        (name in _ERRORS and bool(value) and word not in _NOTHING)
        or (name in _VERDICTS and (value is False or word in ("false", "no", "0")))
        or (name in _COMPLAINTS and (value is True or word in ("true", "yes", "1")))
        or (name in _EXITS and bool(number))
        or (name in _STATUSES and number is not None and 400 <= number < 600)
        or (name in _STATUSES and isinstance(value, str) and _is_bad(word))
    )
    if not failed:
        return None
    if name in _ERRORS and (told := _reason(value)):
        return told
    return _reason({key: one for key, one in result.items() if key in _REASONS}) or _reason(
        next((one for key, one in result.items() if _plain(key) in _ERRORS), "")
    )


def _is_bad(status: str) -> bool:
    words = status.split()
    return len(words) <= _MOST_WORDS and words[:1] != ["no"] and bool(_BAD.search(status))


def _reason(value: object) -> str:
    """The first text in the value of an error field."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return next((told for one in value if (told := _reason(one))), "")
    if isinstance(value, Mapping):
        found = (_reason(value[name]) for name in _REASONS if name in value)
        return next((told for told in found if told), "")
    return ""


def _plain(name: object) -> str:
    return re.sub(r"[^a-z]", "", str(name).lower())


def _first(found: Iterable[str | None]) -> str | None:
    return next((one for one in found if one is not None), None)
