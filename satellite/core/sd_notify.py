"""Notifies the service manager: ready, status, alive, stopping.

systemd listens on a datagram socket named by ``NOTIFY_SOCKET`` (sd_notify(3)). Without it, in a
terminal or a test, nothing is sent. The watchdog is fed only while the given ``alive`` returns
true; a satellite that does not feed it is started again by systemd.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


class Notifier:
    """``watchdog_s`` is the ``WatchdogSec=`` of the unit, 0 without one."""

    def __init__(self) -> None:
        self._managed = bool(os.environ.get("NOTIFY_SOCKET"))
        self.watchdog_s = _watchdog_s(os.environ) if self._managed else 0.0
        self._status = ""

    @property
    def managed(self) -> bool:
        """Whether a service manager listens, which starts us again when we end."""
        return self._managed

    def ready(self) -> None:
        """The start is over; units that wait for this one go on."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``; the same line twice is sent once."""
        line = " ".join(text.split())
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def alive(self) -> None:
        """Feeds the watchdog once."""
        self._send("WATCHDOG=1")

    def extend(self, seconds: float) -> None:
        """The start takes this much longer, from now on."""
        self._send(f"EXTEND_TIMEOUT_USEC={seconds * 1_000_000:.0f}")

    def stopping(self) -> None:
        """The end is wanted, however long it takes."""
        self._send("STOPPING=1")

    async def watchdog(self, alive: Callable[[], bool]) -> None:
        """Feeds the watchdog at half of its time, while ``alive`` returns true.

        That this coroutine runs shows that the event loop turns; ``alive`` has to show the rest.
        Returns at once when the unit has no ``WatchdogSec=``, else never.
        """
        if not self.watchdog_s:
            return
        starved_since: float | None = None
        while True:
            if alive():
                self.alive()
                if starved_since is not None:
                    log.info("alive again after %.0f s", time.monotonic() - starved_since)
                starved_since = None
            elif starved_since is None:
                starved_since = time.monotonic()
                log.warning(
                    "no microphone frames: systemd will restart the satellite in %.0f s "
                    "unless they come back",
                    self.watchdog_s,
                )
            await asyncio.sleep(self.watchdog_s / 2)

    def _send(self, message: str) -> None:
        if not self._managed:
            return
        import systemd.daemon

        try:
            systemd.daemon.notify(message)
        except OSError as error:
            # systemd is being replaced, or a container without it inherited the variable. The
            # satellite works without it.
            log.debug("the service manager did not take %s: %s", message.partition("=")[0], error)


def _watchdog_s(environment: Mapping[str, str]) -> float:
    """Seconds after which systemd ends a silent service; 0 when it does not watch this process."""
    try:
        period_s = int(environment.get("WATCHDOG_USEC", "0")) / 1_000_000
        watched = int(environment.get("WATCHDOG_PID", "") or os.getpid())
    except ValueError:
        return 0.0
    return period_s if period_s > 0 and watched == os.getpid() else 0.0
