"""What other satellites say, as they publish it on the broker while they say it.

Any publisher there can claim anything. So claims are bounded: in length, in number, in age, and all
together in time (``CREDIT_S``), after which none is believed for a while. A turn after a wake word
or a button counts in any case (``doubtful_turns``).
"""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct

from satellite.conversation.events.local import PeerSpeaks
from satellite.conversation.text_similarity import similarity

MAX_PEERS = 32
MAX_WORDS_CHARS = 2_000
"""The latest two minutes of what a peer says."""
STALE_S = 3.0
"""A satellite that speaks publishes it every second; after this without a message it is over."""
BEFORE_S = 0.5
"""How much later than the voice the broker's message may come."""
LAG_S = 1.2
"""How much later than it was heard the server reports a voice."""
CREDIT_S = 180.0
"""How long others are believed to speak without a pause: the length of a long story."""
CREDIT_PER_S = 0.5
"""Credit for each second without a claim: in the long run others are believed to speak for a third
of the time at most."""
TRUSTED_FROM_S = 30.0
"""The credit from which on claims are believed again."""
REMEMBERED_S = 20.0
"""How long what was said is compared with turns."""
ALIKE = 0.5
"""The share of a transcript (``text_similarity``) that a peer must have said to be its speaker."""


class PeerSpeech(Struct):
    """The latest speech of one other satellite."""

    began_s: float
    told_s: float
    speaking: bool
    words: str

    def sounds_until(self) -> float:
        return self.told_s + (STALE_S if self.speaking else 0.0)


class PeerSpeeches:
    """The other satellites that speak or have spoken. ``now_s`` is monotonic, in seconds."""

    def __init__(self) -> None:
        self._peers: OrderedDict[str, PeerSpeech] = OrderedDict()
        self._credit_s = CREDIT_S
        self._believed = True
        self._counted_s: float | None = None

    def update(self, event: PeerSpeaks, now_s: float) -> None:
        self._count(now_s)
        peer = self._peers.pop(event.peer, None)
        goes_on = peer is not None and peer.speaking and now_s <= peer.sounds_until()
        if peer is None or not goes_on:
            if not event.speaking:
                if peer is not None:
                    self._peers[event.peer] = peer
                return
            peer = PeerSpeech(now_s, now_s, True, "")
        peer.told_s, peer.speaking = now_s, event.speaking
        if event.text:
            peer.words = event.text[-MAX_WORDS_CHARS:]
        self._peers[event.peer] = peer
        if len(self._peers) > MAX_PEERS:
            self._peers.popitem(last=False)

    def spoke_at(self, at_s: float, now_s: float) -> bool:
        """Whether a turn that began at ``at_s`` may be another satellite."""
        self._count(now_s)
        return self._believed and any(
            peer.began_s - BEFORE_S <= at_s <= peer.sounds_until() + LAG_S
            for peer in self._peers.values()
        )

    def matches(self, text: str, now_s: float) -> bool:
        """Whether a transcript is what another satellite has said."""
        return any(
            similarity(text, peer.words) >= ALIKE
            for peer in self._peers.values()
            if now_s - peer.sounds_until() <= REMEMBERED_S
        )

    def _count(self, now_s: float) -> None:
        """Charges the time that was claimed since the last call, whoever claimed it."""
        since_s = now_s if self._counted_s is None else self._counted_s
        self._counted_s = now_s
        claimed_s = max(
            (
                min(now_s, peer.sounds_until()) - max(since_s, peer.began_s)
                for peer in self._peers.values()
            ),
            default=0.0,
        )
        claimed_s = max(0.0, claimed_s)
        free_s = max(0.0, now_s - since_s - claimed_s)
        self._credit_s = min(CREDIT_S, self._credit_s - claimed_s + free_s * CREDIT_PER_S)
        if self._credit_s <= 0:
            self._credit_s, self._believed = 0.0, False
        elif self._credit_s >= TRUSTED_FROM_S:
            self._believed = True
