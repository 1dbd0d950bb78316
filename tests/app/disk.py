"""A disk for ``satellite.core.statefile`` that fills up, wears out, and loses its power.

Names and contents reach it only when they are synchronised, as on a real one: a power cut keeps
what was, any beginning of the pending changes of names, and nothing of a content that was not.
"""

from __future__ import annotations

import errno
import os
import stat as stats
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

FOLDER = Path("/state")
_FOLDER_NUMBER = 1_000


class PowerCutError(BaseException):
    """Nothing catches it; the process is no more."""


class Disk:
    """Stands in for the module ``os``. ``full`` takes no content, ``crowded`` no new file,
    ``worn`` no change at all. ``cut_after`` counts the calls until the power goes."""

    def __init__(self) -> None:
        self.full = self.crowded = self.worn = False
        self.cut_after = -1
        self.calls = 0
        self._names: dict[str, int] = {}
        self._contents: dict[int, bytes] = {}
        self._kept_names: dict[str, int] = {}
        self._kept_contents: dict[int, bytes] = {}
        self._pending: list[Callable[[dict[str, int]], object]] = []
        self._open: dict[int, tuple[int, int]] = {}
        self._count = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - constants of the module
        if name.startswith("O_"):
            return getattr(os, name)
        raise AttributeError(name)

    def cut(self, survivors: int) -> None:
        """The power is gone and back; so many of the pending changes of names were kept."""
        for change in self._pending[:survivors]:
            change(self._kept_names)
        self._pending.clear()
        self._names = dict(self._kept_names)
        self._contents = {n: self._kept_contents.get(n, b"") for n in self._names.values()}
        self._open.clear()
        self.full = self.crowded = self.worn = False
        self.cut_after = -1

    # --- what the module offers -------------------------------------------------------------

    def open(self, path: Path, flags: int, _mode: int = 0) -> int:
        self._step()
        self._count += 1
        if path == FOLDER:
            return _FOLDER_NUMBER
        if path.name not in self._names:
            if not flags & os.O_CREAT:
                raise OSError(errno.ENOENT, "No such file")
            self._change(errno.ENOSPC if self.crowded else 0)
            inode = self._count
            self._contents[inode] = b""
            self._rename(lambda names: names.update({path.name: inode}))
        inode = self._names[path.name]
        if flags & os.O_TRUNC:
            self._change()
            self._contents[inode] = b""
            self._kept_contents[inode] = b""
        self._open[self._count] = (inode, 0)
        return self._count

    def write(self, number: int, content: bytes) -> int:
        self._step()
        self._change(errno.ENOSPC if self.full else 0)
        inode, _ = self._open[number]
        taken = content[: max(1, len(content) // 2)]
        self._contents[inode] += taken
        return len(taken)

    def read(self, number: int, _most: int) -> bytes:
        inode, at = self._open[number]
        content = self._contents[inode][at:]
        self._open[number] = (inode, at + len(content))
        return content

    def fsync(self, number: int) -> None:
        self._step()
        if number == _FOLDER_NUMBER:
            for change in self._pending:
                change(self._kept_names)
            self._pending.clear()
        else:
            inode, _ = self._open[number]
            self._kept_contents[inode] = self._contents[inode]

    def close(self, number: int) -> None:
        self._open.pop(number, None)

    def replace(self, old: Path, new: Path) -> None:
        self._step()
        if old.name not in self._names:
            raise OSError(errno.ENOENT, "No such file")
        self._change()
        self._rename(lambda names: names.update({new.name: names.pop(old.name)}))

    def unlink(self, path: Path) -> None:
        self._step()
        if path.name not in self._names:
            raise OSError(errno.ENOENT, "No such file")
        self._change()
        self._rename(lambda names: names.pop(path.name, None))

    def lstat(self, path: Path) -> object:
        if path.name not in self._names:
            raise FileNotFoundError(path)
        return SimpleNamespace()

    def stat(self, _path: Path) -> object:
        return SimpleNamespace(st_mode=stats.S_IFDIR)

    def fstat(self, _number: int) -> object:
        return SimpleNamespace(st_mode=stats.S_IFREG)

    # --- inside -----------------------------------------------------------------------------

    def _step(self) -> None:
        self.calls += 1
        if self.calls == self.cut_after:
            raise PowerCutError

    def _change(self, problem: int = 0) -> None:
        problem = errno.EROFS if self.worn else problem
        if problem:
            raise OSError(problem, os.strerror(problem))

    def _rename(self, change: Callable[[dict[str, int]], object]) -> None:
        change(self._names)
        self._pending.append(change)
