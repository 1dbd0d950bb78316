"""A small JSON file in the folder that systemd keeps for the service (``StateDirectory=``)."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def state_folder(environment: Mapping[str, str]) -> Path | None:
    """The folder of this service; systemd may name several, the first is ours."""
    name = environment.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(name) if name else None


class StateFile:
    """One JSON object. Without a folder it holds nothing and forgets everything.

    A file that cannot be read or written is told to the log, never raised: it is a memory, and
    the satellite lives without one. ``what`` names it for a person.
    """

    def __init__(self, folder: Path | None, name: str, what: str) -> None:
        self._file = folder / name if folder is not None else None
        self._what = what

    def read(self) -> dict[str, Any] | None:
        """What was written last; empty when there is no file, None when it is damaged."""
        if self._file is None or not self._file.exists():
            return {}
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            log.warning("%s in %s cannot be read: %s", self._what, self._file, error)
            return None
        if not isinstance(found, dict):
            log.warning("%s in %s cannot be read: no JSON object", self._what, self._file)
            return None
        return found

    def write(self, data: Mapping[str, Any], *, durable: bool = False) -> None:
        """Replaces the file as a whole; ``durable`` is on disk when this returns."""
        if self._file is None:
            return
        draft = self._file.with_suffix(".new")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(data, file)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(draft, self._file)
        except OSError as error:
            log.warning("%s cannot be kept in %s: %s", self._what, self._file, error)
