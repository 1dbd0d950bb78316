"""What has come and is not dealt with yet, in order and bounded."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_BYTES = 16 * 1_048_576
"""Of messages that wait. A house that joins has a few hundred kilobytes at any moment."""
EACH_BYTES = 1_000
"""Of room that a message takes beside its payload."""
OVERFLOWS = (
    "Messages come faster than they can be read; some are dropped. Which device sends so many, or "
    "has such slow templates, is seen at the broker (mosquitto_sub -v -t '#')."
)


class Backlog(Generic[T]):
    """A queue of things that each take room; nearly always empty."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._waiting: deque[tuple[T, int]] = deque()
        self._most_bytes = most_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def first(self) -> T:
        return self._waiting[0][0]

    def has_room(self, payload_bytes: int) -> bool:
        return self._bytes + payload_bytes + EACH_BYTES <= self._most_bytes

    def append(self, thing: T, payload_bytes: int = 0) -> None:
        """``payload_bytes`` is what it keeps of a message."""
        size = payload_bytes + EACH_BYTES
        self._waiting.append((thing, size))
        self._bytes += size

    def pop(self) -> None:
        """The first one is dealt with."""
        _, size = self._waiting.popleft()
        self._bytes -= size
