"""Parts that are slow to make, made in a thread, so that neither start nor reply waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deferred(Generic[T]):
    """An object whose making takes a tenth of a second or more, mostly to load a library."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: T | None = None
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None

    @property
    def requested(self) -> bool:
        return self._thread is not None

    def get(self) -> T | None:
        """The object, or None while it is being made, which the first call begins. Raises what
        ``make`` raised."""
        if self._error is not None:
            raise self._error
        if self._made is None and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="deferred", daemon=True)
            self._thread.start()
        return self._made

    def wait(self) -> T:
        """The object, however long that takes. Raises what ``make`` raised."""
        made = self.get()
        if made is None and self._thread is not None:
            self._thread.join()
            made = self.get()
        assert made is not None
        return made

    def _run(self) -> None:
        try:
            self._made = self._make()
        except Exception as error:  # noqa: BLE001 - raised where it is asked for
            self._error = error
