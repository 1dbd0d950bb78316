"""Keeps what the satellite asks for itself below the server's rate limit, before it is refused.

Announcements and replies about results can wait some seconds while the limit recovers. What the
server begins by itself, the answer to somebody who spoke, cannot, and so has what is left.
"""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList
from satellite.conversation.events import Event, server

MAX_WAIT_S = 8.0
"""Then it is asked for all the same: the figures may be wrong, and somebody waits for it. A turn is
given up for unanswered only after ``unanswered.THINKING_S``."""
TOLD_EVERY_S = 3600.0


class RateLimitGuard:
    """Is told every event; ``clear_at_s`` is when the next response may be asked for."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self.clear_at_s = 0.0
        self._tokens = 1
        """Of the last response, input and output: the next one needs about as many."""
        self._told_s = -TOLD_EVERY_S

    def observe(self, event: Event) -> None:
        match event:
            case server.RateLimitsUpdated(limits):
                waits_s = {limit: self._wait_s(limit) for limit in limits}
                longest = max(waits_s, key=lambda limit: waits_s[limit], default=None)
                if longest is None or not waits_s[longest]:
                    self.clear_at_s = 0.0
                else:
                    self.clear_at_s = self._effects.now_s + waits_s[longest]
                    self._tell(longest)
            case server.ResponseDone(usage=server.Usage() as usage):
                heard = usage.input_text + usage.input_audio + usage.input_image
                self._tokens = max(1, heard + usage.output_text + usage.output_audio)
            case _:
                pass

    def _wait_s(self, limit: server.RateLimit) -> float:
        """How long until the limit has recovered enough, which it does evenly until its reset."""
        needed = self._tokens if limit.name == "tokens" else 1
        missing, used = needed - limit.remaining, limit.limit - limit.remaining
        if missing <= 0:
            return 0.0
        share = min(1.0, missing / used) if used > 0 else 1.0
        return min(MAX_WAIT_S, share * limit.reset_s)

    def _tell(self, limit: server.RateLimit) -> None:
        if self._effects.now_s < self._told_s + TOLD_EVERY_S:
            return
        self._told_s = self._effects.now_s
        self._effects.note(
            "warning",
            f"The server's rate limit is nearly used up ({limit.remaining} of {limit.limit} "
            f"{limit.name} left, all back in {limit.reset_s:.0f} s): announcements and replies "
            "about devices wait for some seconds. A higher tier of the account has a higher limit.",
        )
