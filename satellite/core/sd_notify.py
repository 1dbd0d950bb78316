"""What the service manager is told: ready, what we do, alive, stopping.

systemd listens on a datagram socket named by ``NOTIFY_SOCKET`` (sd_notify(3)). Without it, in a
terminal or a test, everything here is silent. The watchdog is the promise "never silently deaf":
it is fed only while the given ``alive`` says so, and when it is not, systemd starts us again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


class Notifier:
    """Talks to systemd, or to nobody.

    ``watchdog_s`` is the ``WatchdogSec=`` of the unit, 0 when nobody watches.
    """

    def __init__(self) -> None:
        self._heard = bool(os.environ.get("NOTIFY_SOCKET"))
        self.watchdog_s = _watchdog_s(os.environ) if self._heard else 0.0
        self._status = ""

    @property
    def managed(self) -> bool:
        """A service manager listens, and starts us again when we end."""
        return self._heard

    def ready(self) -> None:
        """The start is over: units that wait for us go on."""
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
        """The start takes so long still, from now on."""
        self._send(f"EXTEND_TIMEOUT_USEC={seconds * 1_000_000:.0f}")

    def stopping(self) -> None:
        """From here the end is wanted, however long it takes."""
        self._send("STOPPING=1")

    async def watchdog(self, alive: Callable[[], bool]) -> None:
        """Feeds the watchdog at half of its time for ever, while ``alive`` answers true.

        That this coroutine runs shows that the event loop turns; ``alive`` has to show the rest.
        Returns at once when the unit has no ``WatchdogSec=``.
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
        if not self._heard:
            return
        import systemd.daemon

        try:
            systemd.daemon.notify(message)
        except OSError as error:
            # systemd is being replaced, or a container without it inherited the variable. The
            # house can still be talked to; if the watchdog starves by it, that was true anyway.
            log.debug("the service manager did not take %s: %s", message.partition("=")[0], error)


def _watchdog_s(environment: Mapping[str, str]) -> float:
    """Seconds after which systemd ends a silent service; 0 when it does not watch this process."""
    try:
        period_s = int(environment.get("WATCHDOG_USEC", "0")) / 1_000_000
        watched = int(environment.get("WATCHDOG_PID", "") or os.getpid())
    except ValueError:
        return 0.0
    return period_s if period_s > 0 and watched == os.getpid() else 0.0
