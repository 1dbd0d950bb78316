"""``python -m satellite.home --fd N``: entry point of the home process; N is its channel."""

from __future__ import annotations

import os
import signal
import socket
import sys

from satellite.core.child_processes import follow_parent

NICENESS = 5
"""Sound has priority: the service itself runs at -5."""


def main() -> int:
    """Runs until the channel is closed; returns the exit status."""
    follow_parent()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    os.nice(NICENESS)
    from satellite.home.service import run

    return run(socket.socket(fileno=int(sys.argv[2])))


if __name__ == "__main__":
    sys.exit(main())
