"""Whether a response knows every item that the satellite had sent before it was requested.

A response takes in the conversation as it is when it begins. What the server had by then is known
from its echo of each item, which comes in order: before ``response.created`` or after it. Some
servers echo nothing.
"""

from __future__ import annotations

TEXT = "text"
"""Stands for a typed text; results of calls are named by their ``call_id``."""


class Coverage:
    """The items that were sent on the present link, up to the newest response."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The link is gone."""
        self._waiting: set[str] = set()
        """Sent, and not known to have arrived."""
        self._asked: set[str] = set()
        """Those of them that were sent before the newest request."""
        self._missing: set[str] = set()
        """What was not known to have arrived when the newest response began."""
        self._late = False
        """Some of that was echoed afterwards, so the response began without it."""
        self._for_turn = False
        self.refused = False
        """A request was refused because of a response that is not known yet."""
        self.presumed = False
        """The newest response is that one, and is taken to know everything, though the server has
        echoed nothing."""

    def sent(self, what: str) -> None:
        self._waiting.add(what)

    def asked(self) -> None:
        """A response is requested. What was sent before the request arrives before it."""
        self._asked = set(self._waiting)

    def echoed(self, what: str) -> None:
        """The server has it now."""
        self._waiting.discard(what)
        if what in self._missing:
            self._missing.discard(what)
            self._late = True

    def begun(self, *, for_turn: bool, requested: bool) -> bool:
        """A response began; returns whether it surely knows everything that was sent.

        ``for_turn``: it answers a turn of the user; ``requested``: a request of the satellite.
        """
        self._missing = set(self._waiting)
        left = self._waiting - self._asked
        self.presumed = self.refused and not (requested or for_turn or left)
        if requested or self.presumed:
            self._waiting = left
        self._late = self.refused = False
        self._for_turn = for_turn
        return not self._waiting and not self.presumed

    @property
    def has_all(self) -> bool:
        """Whether the response because of which a request was refused knows what that was about.

        The server took the item before it refused the request that followed, so an echo would be
        here by now. A server that echoes nothing, and had no turn of the user to answer, began the
        response because of the item.
        """
        return not self._late and not (self._missing and self._for_turn)
