"""Values that expire."""

from __future__ import annotations


class Expiry:
    """``expire_after`` seconds: unavailable before the first message, and so long after the last
    one."""

    def __init__(self, after_s: float | None) -> None:
        self._after_s = after_s or None
        self.fresh = self._after_s is None
        self.at_s: float | None = None

    def resume(self, known: Expiry, last_message_s: float | None) -> None:
        """Take over from the same entity with an older config, which received its last message at
        ``last_message_s``."""
        if known.fresh and self._after_s is not None and last_message_s is not None:
            self.renew(last_message_s)

    def renew(self, now_s: float) -> None:
        if self._after_s is not None:
            self.fresh = True
            self.at_s = now_s + self._after_s

    def expire(self, now_s: float) -> bool:
        """Advance to ``now_s``; true when the value has just expired."""
        if self.at_s is None or now_s < self.at_s:
            return False
        self.at_s = None
        self.fresh = False
        return True
