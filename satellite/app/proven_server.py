"""Keeps over restarts that the server has worked, with this key and this model.

At a first start somebody is there to read what is wrong, so a wrong key ends it. A satellite that
has worked must outlive whatever its server says, also over a restart on that very day.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from satellite.core.statefile import StateFile
from satellite.realtime.config import LinkConfig
from satellite.realtime.session_key import key_source

FILE_NAME = "server.json"


class ProvenServer:
    """``worked`` is whether a session was ready before, with what ``config`` holds now.

    What is kept is a digest, never the key. A file that cannot be read counts as worked: one start
    too many that tries again harms less than one that gives up. Without a folder each start is a
    first one.
    """

    def __init__(self, folder: Path | None, config: LinkConfig) -> None:
        self._file = StateFile(folder, FILE_NAME, "That the server has worked")
        self._digest = _digest(config)
        known = self._file.read().get("worked_with") == self._digest
        self.worked = known or not self._file.trusted
        self._kept = known and self._file.trusted

    def session(self) -> None:
        """A session is ready."""
        self.worked = True
        if not self._kept:
            self._kept = True  # a disk that is full is told once, not for each session
            self._file.write({"worked_with": self._digest})


def _digest(config: LinkConfig) -> str:
    """Equal for the same server, model and key."""
    key = key_source(config) or config.api_key.strip()  # a fetched one is another each time
    told = json.dumps([config.url, config.model, config.dialect, key])
    return hashlib.sha256(told.encode()).hexdigest()
