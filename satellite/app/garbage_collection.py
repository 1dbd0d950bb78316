"""Keeps Python's garbage collector from stopping the audio.

A full collection looks at every object there is, and the voice process stands still meanwhile. So
what has survived one is set aside, and the next looks only at what is new since then; they come
more often and are short: 5 to 25 ms on a core five times slower than a PC's. Some of what is set
aside becomes garbage later, for example what a closed session held; when as many objects were set
aside as there were after the last look at all of them, all are looked at again, but not while the
satellite speaks.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

THRESHOLDS = (700, 10, 1)
"""Full collections after some 15,000 new objects instead of 80,000, for about 5 ms each."""
NEW_OBJECTS = THRESHOLDS[0] * THRESHOLDS[1] * (THRESHOLDS[2] + 1)
"""About so many are new at a full collection; counting what is set aside takes longer than it."""
LEAST = 10
"""So many short collections at least before all is looked at again."""


class CollectionPolicy:
    """A callback for ``gc.callbacks``: sets aside what survives a collection.

    All is looked at again only while ``speaks``, which any thread may call, returns false."""

    def __init__(self, speaks: Callable[[], bool] = bool) -> None:
        self._speaks = speaks
        gc.set_threshold(*THRESHOLDS)
        self._short = 0
        self._most = 2 * LEAST
        self._all = False

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase != "stop" or info["generation"] != 2:
            return
        gc.freeze()
        self._short += 1
        if self._all:
            self._short = 0
            self._most = LEAST + gc.get_freeze_count() // NEW_OBJECTS
        self._all = self._short >= self._most and not self._speaks()
        if self._all:
            gc.unfreeze()
