"""How long to wait before the next try. Pure: chance comes from outside."""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 0.5
CAP_S = 30.0
FACTOR = 2.0
MAX_EXPONENT = 32


class Backoff:
    """Grows from ``first_s`` to ``cap_s``, each wait drawn from the upper half of its range.

    The lower half is left out because a wait near zero hammers a server that has just refused;
    the jitter stays because a house may hold several satellites that lost the same server.
    ``random`` returns values from 0 to 1, as ``random.random`` does.
    """

    def __init__(
        self,
        random: Callable[[], float],
        *,
        first_s: float = FIRST_S,
        cap_s: float = CAP_S,
    ) -> None:
        self._random = random
        self._first_s = first_s
        self._cap_s = cap_s
        self.failures = 0
        """Tries that failed since the last ``reset``."""

    def reset(self) -> None:
        """The link was good for a while: begin again with a short wait."""
        self.failures = 0

    def next_s(self, at_least_s: float = 0.0) -> float:
        """The wait after one more failure, in seconds.

        ``at_least_s`` is what the server asked for (``Retry-After``); it may exceed the cap, but
        not by more than ten times: nobody leaves a house deaf for a day.
        """
        exponent = min(self.failures, MAX_EXPONENT)
        self.failures += 1
        wait_s = min(self._cap_s, self._first_s * FACTOR**exponent)
        wait_s *= 0.5 + 0.5 * self._random()
        return max(wait_s, min(at_least_s, 10 * self._cap_s))
