"""Whether the response that is being generated knows what the server was told before it was asked.

A response takes in the conversation as it is when it begins. What the server has of us by then is
known from its echo of each item, which comes in order: before ``response.created`` or after it.
Some servers echo nothing.
"""

from __future__ import annotations

TEXT = "text"
"""Stands for what was typed; results of calls go by their ``call_id``."""


class Coverage:
    """Follows what was told on the present link, up to the newest response."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A new link knows nothing."""
        self._waiting: set[str] = set()
        """Told, and not known to have arrived."""
        self._asked: set[str] = set()
        """Of those, what was told before the newest request."""
        self._missing: set[str] = set()
        """What had not arrived when the newest response began, as far as was known then."""
        self._late = False
        """Some of that was echoed afterwards, so the response began without it."""
        self._for_turn = False
        self.refused = False
        """A request was refused in favour of a response that was not told of yet."""
        self.presumed = False
        """The newest response is that one, and knows everything as far as the silence of a server
        can be understood that echoes nothing."""

    def sent(self, what: str) -> None:
        self._waiting.add(what)

    def asked(self) -> None:
        """A response is asked for. Whatever was told before arrives before."""
        self._asked = set(self._waiting)

    def echoed(self, what: str) -> None:
        """The server has it now."""
        self._waiting.discard(what)
        if what in self._missing:
            self._missing.discard(what)
            self._late = True

    def begun(self, *, for_turn: bool, requested: bool) -> bool:
        """A response began; answers whether it surely knows all that was told.

        ``for_turn``: it answers what the user said; ``requested``: what we asked for.
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
        """Whether the response in whose favour a request was refused knows what that was about.

        The server took the item before it refused the request that followed it, so an echo would
        be here by now. A server that gives none and began without a turn of the user to answer
        began because of the item.
        """
        return not self._late and not (self._missing and self._for_turn)
