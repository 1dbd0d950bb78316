"""Turns that may be another satellite's voice instead of a person's.

A turn that begins while another satellite speaks is not answered at once. Its transcript decides:
the words of the other satellite are deleted, others are answered then. Without a transcript in time
the turn is deleted. A turn after a wake word or a button here is a person's.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal, TypeVar

from satellite.conversation.peer_speech import PeerSpeeches

TRANSCRIPT_WITHIN_S = 3.0
"""Time after the turn; recognisers answer within a second or two."""
ADDRESSED_S = 8.0
"""Time to begin to speak after the wake word or the button."""
REMEMBERED = 8

Speaker = Literal["person", "peer"]
T = TypeVar("T")


class DoubtfulTurns:
    """The turns whose speaker is not known. ``now_s`` is monotonic, in seconds."""

    def __init__(self, peers: PeerSpeeches) -> None:
        self._peers = peers
        self._began: OrderedDict[str, float] = OrderedDict()
        """When the latest turns began that came without wake word or button, by item id."""
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._waiting: dict[str, float] = {}
        self._addressed_until_s = 0.0

    def addressed(self, now_s: float) -> None:
        """Somebody here said the wake word or pressed the button."""
        self._addressed_until_s = now_s + ADDRESSED_S

    def begun(self, item_id: str, now_s: float) -> bool:
        """A turn begins; returns whether it may be another satellite's."""
        if now_s < self._addressed_until_s:
            self._addressed_until_s = 0.0
            self._began.pop(item_id, None)
            return False
        _remember(self._began, item_id, now_s)
        return self._peers.spoke_at(now_s, now_s)

    def committed(self, item_id: str, now_s: float) -> Speaker | None:
        """A turn is complete; returns who spoke, as far as is known now, None without a doubt.

        ``transcript`` or ``expired`` tell later what is final.
        """
        began_s = self._began.pop(item_id, None)
        if began_s is None or not self._peers.spoke_at(began_s, now_s):
            return None
        text = self._texts.pop(item_id, "")
        if text:
            return self._whose(text, now_s)
        self._waiting[item_id] = now_s + TRANSCRIPT_WITHIN_S
        return "peer"

    def waits(self, item_id: str) -> bool:
        return item_id in self._waiting

    def transcript(self, item_id: str, text: str, now_s: float) -> Speaker | None:
        """The transcript of a turn; returns who spoke if that was not known."""
        if item_id in self._waiting:
            del self._waiting[item_id]
            return self._whose(text, now_s)
        if item_id in self._began:
            _remember(self._texts, item_id, text)
        return None

    def expired(self, now_s: float) -> list[str]:
        """Removes and returns the turns whose transcript did not come in time."""
        late = [item_id for item_id, until_s in self._waiting.items() if now_s >= until_s]
        for item_id in late:
            del self._waiting[item_id]
        return late

    def deadlines(self) -> list[float]:
        return list(self._waiting.values())

    def reset(self) -> None:
        """The link is gone."""
        self._began.clear()
        self._texts.clear()
        self._waiting.clear()

    def _whose(self, text: str, now_s: float) -> Speaker:
        return "peer" if not text.strip() or self._peers.matches(text, now_s) else "person"


def _remember(known: OrderedDict[str, T], item_id: str, what: T) -> None:
    known[item_id] = what
    if len(known) > REMEMBERED:
        known.popitem(last=False)
