"""Recognises a talk with another machine: two that hear each other would answer for ever.

A machine that is unknown to the broker shows only by the way it talks. It speaks when it was spoken
to, and soon: each of its turns begins within seconds of the end of ours. A person does that too in
a lively talk, but has something done, or listens to more than they say, or asks in a few words, or
pauses once. So a talk is taken for one with a machine after a row of turns, each of which

- began within ``SOON_S`` after the end of the satellite's speech, or interrupted it,
- led to no function call that changed anything,
- was answered aloud,

and in which either

- the answers were the same each time, or two in alternation (``CIRCLES``), or
- both sides talk alike (``ALIKE_TURNS`` turns): every turn and every answer lasts ``LONG_S`` or
  longer, about as much is heard as is said, and the pauses before the turns are about the same.

The next turn of this kind is not answered, and the satellite stops listening for a while.
"""

from __future__ import annotations

import json
from collections import deque

from msgspec import Struct

from satellite.conversation.text_similarity import same

SOON_S = 4.0
"""A server waits for half a second of silence or more, generates, and begins to speak."""
CIRCLES = ((1, 3), (2, 4))
"""Pairs: after how many answers they repeat, and how many latest answers have to show it."""
ALIKE_TURNS = 4
LONG_S = 1.5
"""The length of a sentence. People say "another one" or "why?"; assistants use sentences."""
PAUSES_DIFFER_S = 1.2
"""A machine's longest and shortest pause before its turns differ by less."""
HEARD_PART = (0.5, 2.0)
"""Bounds of the seconds heard for each second said. Of two machines one has the reciprocal of the
other; of a person and an assistant the assistant talks more."""
SAME_SHARE = 0.9
"""Two answers count as the same when this share of each is found in the other."""


class TurnPair(Struct):
    """One turn of the other side and its answer. ``soon``: it began within ``SOON_S``."""

    pause_s: float
    began_s: float
    soon: bool
    heard_s: float = 0.0
    said_s: float = 0.0
    said: str = ""
    acted: bool = False

    @property
    def idle(self) -> bool:
        """It led to nothing but talk."""
        return self.soon and not self.acted and self.said_s > 0


class MachineTalk:
    """The latest turns and answers. ``now_s`` is monotonic, in seconds."""

    def __init__(self) -> None:
        self._silent_since_s: float | None = None
        self._row: deque[TurnPair] = deque(maxlen=ALIKE_TURNS)
        self._now: TurnPair | None = None
        self._cut_in = False
        """The speech that ends now was interrupted, so it belongs to the pair before."""

    def person_present(self) -> None:
        """A person is there: a wake word, a button, a typed question."""
        self._row.clear()
        self._now = None
        self._silent_since_s = None

    def replied(self, text: str, heard_s: float, now_s: float) -> None:
        """The satellite's speech was heard, to its end or up to an interruption."""
        self._silent_since_s = now_s
        pair = (self._row[-1] if self._row else None) if self._cut_in else self._now
        if pair is not None:
            pair.said = f"{pair.said} {text}".strip()
            pair.said_s += heard_s

    def acted(self) -> None:
        """A function has changed something."""
        if self._now is not None:
            self._now.acted = True

    def begun(self, now_s: float, *, speaking: bool) -> None:
        """A turn begins; ``speaking``: it interrupts the satellite."""
        if self._now is not None:
            self._row.append(self._now)
        since_s = self._silent_since_s
        pause_s = 0.0 if speaking else now_s - since_s if since_s is not None else SOON_S
        self._now = TurnPair(pause_s, now_s, soon=speaking or pause_s < SOON_S)
        self._cut_in = speaking
        if not self._now.soon:
            self._row.clear()

    def is_endless(self, now_s: float) -> bool:
        """The turn is complete; returns whether it continues a talk with a machine."""
        turn = self._now
        self._cut_in = False
        if turn is None:
            return False
        turn.heard_s = now_s - turn.began_s
        if not turn.soon:
            return False
        idle: list[TurnPair] = []
        for pair in reversed(self._row):
            if not pair.idle:
                break
            idle.append(pair)
        return _circles(idle) or _alike([turn, *idle[:ALIKE_TURNS]])


def _circles(latest: list[TurnPair]) -> bool:
    """Whether the latest answers (newest first) repeat one, or two in alternation."""
    said = [one.said for one in latest]
    for period, count in CIRCLES:
        row = said[:count]
        again = zip(row, row[period:], strict=False)
        if len(row) == count and all(same(one, other, SAME_SHARE) for one, other in again):
            return True
    return False


def _alike(latest: list[TurnPair]) -> bool:
    """Whether both sides talk alike; newest first, and the newest is not answered yet."""
    answered = latest[1:]
    if len(answered) < ALIKE_TURNS:
        return False
    pauses = [one.pause_s for one in latest]
    heard_s = sum(one.heard_s for one in answered)
    said_s = sum(one.said_s for one in answered)
    least, most = HEARD_PART
    return (
        all(one.heard_s >= LONG_S for one in latest)
        and all(one.said_s >= LONG_S for one in answered)
        and max(pauses) - min(pauses) <= PAUSES_DIFFER_S
        and least <= heard_s / said_s <= most
    )


READING = frozenset({"get_state", "find_devices"})
"""Functions that change nothing."""
DID = frozenset({"done", "partial", "sent", "not_confirmed", "confirmation_required"})


def did_something(name: str, output: str) -> bool:
    """Whether the function ``name`` had an effect; ``output`` is its result as JSON."""
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return False
    return name not in READING and isinstance(result, dict) and result.get("status") in DID
