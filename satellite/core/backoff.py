"""How long to wait before the next try."""

from __future__ import annotations

import random as chances
from collections.abc import Callable

from msgspec import Struct

FACTOR = 2.0
MAX_EXPONENT = 32
LONGEST_ASKED_S = 300.0
"""The longest wait that a server may ask for (``Retry-After``)."""


class Pace(Struct, frozen=True):
    """How long to wait after one kind of failure: waits double from ``first_s`` to ``cap_s``, and
    after ``tries`` of them to ``later_cap_s``."""

    first_s: float
    cap_s: float
    tries: int = 0
    later_cap_s: float = 0.0

    def longest_s(self, failures: int) -> float:
        """The wait before chance shortens it, after so many failures before the present one."""
        if self.tries and failures >= self.tries:
            grown_s = self.cap_s * FACTOR ** min(failures - self.tries + 1, MAX_EXPONENT)
            return min(self.later_cap_s, grown_s)
        return min(self.cap_s, self.first_s * FACTOR ** min(failures, MAX_EXPONENT))


QUICK_S = 4.0
"""A server that is back is connected within five seconds: this wait and the second that a handshake
takes. A packet in four seconds is a fifteenth of what an idle session sends."""
QUICK_TRIES = 40
"""About two minutes of such waits, the time of a restart or a deployment."""

NETWORK = Pace(0.5, QUICK_S)
"""Nobody answered. A try costs no server anything, so it stays quick."""
SERVER = Pace(0.5, QUICK_S, QUICK_TRIES, 30.0)
"""A server answered that it does not work now (HTTP 502, a sign-in page). Each try costs it a
handshake, so after a while there are two a minute."""
LOAD = Pace(0.5, 30.0)
"""The server has too much load; early tries would make it worse."""
FAULT = Pace(0.5, QUICK_S, QUICK_TRIES, 300.0)
"""A refusal without a well-known reason: a proxy that is starting, or a server that changed."""
PERSON = Pace(20.0, 3600.0)
"""The key or the account was refused. Sometimes that is a fault of the server and over in a minute;
mostly it waits for a person, so in the end there is one try an hour."""
CARD = Pace(0.5, 3.0)
"""A sound card that is away or busy; a look for it may hold up a sound server for a moment."""


class Backoff:
    """Waits with jitter: each is drawn from the upper half of the range up to its pace's wait.

    The lower half is left out because a wait near zero is none; the jitter keeps several satellites
    that lost the same server from coming back together. ``random`` returns values from 0 to 1.
    """

    def __init__(self, random: Callable[[], float] = chances.random) -> None:
        self._random = random
        self._pace = NETWORK
        self._alike = 0
        """Failures in a row with the same pace. They are counted apart so that a night without a
        network does not make the first refusal after it wait for an hour."""
        self.failures = 0
        """Tries that failed since the last ``reset``."""

    def reset(self) -> None:
        """It worked: the next wait is a short one."""
        self.failures = self._alike = 0

    def next_s(self, pace: Pace = NETWORK, at_least_s: float = 0.0) -> float:
        """The wait after one more failure, in seconds; at least ``at_least_s``."""
        if pace is not self._pace:
            self._pace, self._alike = pace, 0
        wait_s = pace.longest_s(self._alike) * (0.5 + 0.5 * self._random())
        self._alike += 1
        self.failures += 1
        return max(wait_s, min(at_least_s, LONGEST_ASKED_S))
