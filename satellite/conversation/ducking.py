"""The reply made quieter while somebody may be speaking.

The server's word that somebody speaks takes a network round trip and its own detection time. The
detector on this machine is quicker: it lowers the reply, and the server's word silences it.
"""

from __future__ import annotations

from satellite.conversation.effects import Duck
from satellite.conversation.outbox import Outbox

DUCK_MS = 800
"""How long a local voice onset may lower the reply; the server's word takes about half of it."""


class Ducking:
    """Whether the reply is lowered, and until when."""

    def __init__(self, outbox: Outbox) -> None:
        self._out = outbox
        self._until_s: float | None = None

    def deadlines(self) -> list[float]:
        return [] if self._until_s is None else [self._until_s]

    def lower(self, now_s: float) -> None:
        """Somebody may be speaking; once more is longer."""
        if self._until_s is None:
            self._out.add(Duck(on=True))
        self._until_s = now_s + DUCK_MS / 1000

    def end(self) -> None:
        if self._until_s is not None:
            self._until_s = None
            self._out.add(Duck(on=False))

    def tick(self, now_s: float) -> None:
        """Nobody spoke after all."""
        if self._until_s is not None and now_s >= self._until_s:
            self.end()
