"""How much memory this process takes."""

from __future__ import annotations

import os


def resident_mb() -> float:
    """In MiB; 0 where the kernel does not tell."""
    try:
        with open("/proc/self/statm") as statm:
            pages = int(statm.read().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576, 1)
