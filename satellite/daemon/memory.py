"""Remembers over restarts what somebody set by hand: muted or not, and how loud.

Who muted the satellite yesterday does not expect it to listen after a power cut. It is kept on
this machine rather than on the broker, whose retained messages come late, or never, or from
somebody else.
"""

from __future__ import annotations

import logging
from pathlib import Path

from satellite.daemon.statefile import StateFile

log = logging.getLogger(__name__)

FILE_NAME = "controls.json"


class Memory:
    """``muted`` and ``volume`` as they were; ``configured_volume`` is that of the settings.

    A volume set by hand counts until the settings name another one than they did then. When the
    file is damaged nobody knows whether it was muted, so it is: that can be seen and undone, while
    nobody would notice the opposite.
    """

    def __init__(self, folder: Path | None, configured_volume: int) -> None:
        self._forgets = folder is None
        self._file = StateFile(folder, FILE_NAME, "What was set by hand (mute, volume)")
        self._configured = configured_volume
        kept = self._file.read()
        self.muted = kept is None or kept.get("muted", False) is not False
        self.volume = configured_volume
        if kept is not None and kept.get("configured_volume") == configured_volume:
            self.volume = _percent(kept.get("volume"), configured_volume)

    def keep_muted(self, muted: bool) -> None:
        """Safe against a plug that is pulled in the next moment."""
        self.muted = muted
        if muted and self._forgets:
            self._forgets = False  # said once
            log.warning(
                "Muted, but only until the next start: there is no folder to remember it in. The "
                "systemd unit provides one; elsewhere STATE_DIRECTORY names it."
            )
        self._write(durable=True)

    def keep_volume(self, percent: int) -> None:
        self.volume = percent
        self._write(durable=False)

    def _write(self, *, durable: bool) -> None:
        kept = {
            "muted": self.muted,
            "volume": self.volume,
            "configured_volume": self._configured,
        }
        self._file.write(kept, durable=durable)


def _percent(value: object, otherwise: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:
        return value
    return otherwise
