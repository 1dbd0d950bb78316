"""A cache with texts as keys, bounded by their length."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class TextCache(Generic[T]):
    """Drops the least recently used entries when the keys together exceed ``max_chars``."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._chars = 0
        self._made: OrderedDict[str, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    def get(self, text: str) -> T | None:
        made = self._made.get(text)
        if made is not None:
            self._made.move_to_end(text)
        return made

    def put(self, text: str, made: T) -> None:
        if text not in self._made:
            self._chars += len(text)
        self._made[text] = made
        while self._chars > self._max_chars and len(self._made) > 1:
            oldest, _ = self._made.popitem(last=False)
            self._chars -= len(oldest)
