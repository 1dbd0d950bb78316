"""A small JSON file in the folder that systemd keeps for the service (``StateDirectory=``).

A power cut at any moment leaves the old content or the new one. Where the new one cannot be written
(a full disk) the old one is marked as out of date, which needs no space on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from satellite.core.backoff import Backoff, Pace

log = logging.getLogger(__name__)

STALE = ".stale"
"""Added to a file's name: while a file of the longer name exists, the first is out of date."""
LARGEST_BYTES = 1 << 20
"""State files hold some kilobytes; a larger one is damaged or another program's."""
RETRY = Pace(2.0, 60.0)


def state_folder(environment: Mapping[str, str]) -> Path | None:
    """The folder of this service, the first that systemd names; None without one."""
    name = environment.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(name) if name else None


class StateFile:
    """One JSON object. Without a folder it holds nothing.

    A file that cannot be read or written raises nothing: ``trusted`` and the result of ``write``
    tell, and the caller decides what is safe then. ``what`` names the content for a person.
    """

    def __init__(self, folder: Path | None, name: str, what: str) -> None:
        self._folder = folder or Path()
        self._file = self._folder / name if folder is not None else None
        self._stale = self._folder / (name + STALE)
        self._what = what
        self._told = ""
        self.trusted = True
        """Whether ``read`` found what was written last, or that nothing ever was."""
        self.fresh = True
        """Whether nothing was ever written, as far as ``read`` knows."""

    def __str__(self) -> str:
        return str(self._file or "")

    def read(self) -> dict[str, Any]:
        """What was written last; empty when nothing ever was, or when it cannot be read.

        Content that is out of date is returned too, but is not ``trusted``.
        """
        if self._file is None:
            return {}
        problem = ""
        found: dict[str, Any] = {}
        try:
            os.stat(self._folder)  # a missing folder is not an empty one
            stale = _exists(self._stale)
            self.fresh = not stale and not _exists(self._file)
            if stale:
                problem = "it is out of date, for what came after it could not be kept"
            if _exists(self._file):
                found = _json_object(_content(self._file))
        except (OSError, ValueError, RecursionError) as error:
            problem, self.fresh = _reason(error), False
        self.trusted = not problem
        if problem:
            log.warning("%s in %s cannot be relied on: %s.", self._what, self._file, problem)
        return found

    def write(self, data: Mapping[str, Any], *, distrust: bool = True) -> str:
        """Replaces the whole file; it is on the disk when this returns.

        Returns why it could not be written, for a person; empty when it was. With ``distrust`` the
        old content is then marked as out of date, where the disk allows that. The next ``write``
        that succeeds removes the mark.
        """
        if self._file is None:
            return ""
        try:
            self._replace(self._file, json.dumps(data).encode())
        except OSError as error:
            if distrust:
                with contextlib.suppress(OSError):
                    self._mark(self._file)
            problem = f"{_reason(error)} ({self._file})"
            if problem != self._told:  # it is tried again and again
                log.warning("%s cannot be kept: %s.", self._what, problem)
            self._told = problem
            return problem
        if self._told:
            log.info("%s is kept again.", self._what)
        self._told = ""
        return ""

    def _replace(self, file: Path, content: bytes) -> None:
        draft = file.with_suffix(".new")
        try:
            _write_through(draft, content)
            os.replace(draft, file)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft)  # it may fill the last free space
            raise
        _sync_folder(self._folder)
        if _exists(self._stale):
            os.unlink(self._stale)
            _sync_folder(self._folder)

    def _mark(self, file: Path) -> None:
        """Marks the file by an empty one beside it or, where none can be made, by its name."""
        try:
            os.close(os.open(self._stale, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError:
            os.replace(file, self._stale)
        _sync_folder(self._folder)


class Store(Protocol):
    """Something that is kept on the disk; ``kept`` is false while the last ``keep`` failed."""

    kept: bool

    def keep(self) -> None: ...


async def retry_stores(*stores: Store) -> None:
    """Calls ``keep`` of stores that could not be written, with back-off, until it is cancelled."""
    backoff = Backoff()
    while True:
        await asyncio.sleep(backoff.next_s(RETRY))
        missing = [store for store in stores if not store.kept]
        for store in missing:
            store.keep()
        if all(store.kept for store in missing):
            backoff.reset()


def _write_through(file: Path, content: bytes) -> None:
    number = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while content:  # a disk may take a part before it is full
            content = content[os.write(number, content) :]
        os.fsync(number)
    finally:
        os.close(number)


def _exists(file: Path) -> bool:
    """Unlike ``Path.exists`` it says no only when there is certainly no such file."""
    try:
        os.lstat(file)
    except FileNotFoundError:
        return False
    return True


def _content(file: Path) -> bytes:
    """Raises ``OSError`` also for what is no plain file: a pipe would be waited for."""
    number = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError("it is not a file")
        content = b""
        while (more := os.read(number, LARGEST_BYTES)) and len(content) <= LARGEST_BYTES:
            content += more
    finally:
        os.close(number)
    return content


def _json_object(content: bytes) -> dict[str, Any]:
    found = json.loads(content.decode())
    if not isinstance(found, dict):
        raise ValueError("it holds no JSON object")
    return found


def _sync_folder(folder: Path) -> None:
    """Without this a power cut may undo a change of names."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "brackets within brackets without an end"
    return getattr(error, "strerror", None) or str(error)
