"""Is this a talk with another machine? Two that hear each other answer for ever. Pure.

Where the other one cannot be known from the broker, only its way of talking tells. A machine speaks
when it was spoken to, and then soon: each of its turns begins within seconds of the end of ours. A
person does that too, in a lively talk, but does things by it, or has the assistant tell more than
they ask, or asks in a few words, or takes their time once. So what counts against a talk is a row
of turns, each of which

- began within ``SOON_S`` after the end of our own voice (or cut into it),
- had nothing done: no function that changed anything,
- was answered aloud,

and of which either

- we gave the same answer each time, or two by turns: it goes in a circle (``CIRCLES``), or
- both sides talk alike (``ALIKE_TURNS`` turns): every turn and every answer lasts ``LONG_S`` or
  more, we hear about as much as we say, and the other one always takes about as long to begin.

The turn that comes in the same way after such a row is not answered, and the satellite rests.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass

from satellite.conversation.text_similarity import same

SOON_S = 4.0
"""A server waits for half a second of silence or more, thinks, and begins to speak."""
CIRCLES = ((1, 3), (2, 4))
"""After how many answers the latest ones are the same again, and how many show it."""
ALIKE_TURNS = 4
LONG_S = 1.5
"""A sentence. People say "another one", "and Spain?", "why?"; assistants answer in sentences."""
PAUSES_DIFFER_S = 1.2
"""The longest and the shortest pause of a machine before it answers differ by less."""
HEARD_PART = (0.5, 2.0)
"""How much is heard for each second that is said. Of two machines that talk with each other one
has the reciprocal of the other; of a person and an assistant the assistant talks more."""
SAME_SHARE = 0.9
"""So much of an answer is found in another that is the same."""


@dataclass(slots=True)
class TurnPair:
    """One turn of the other side and what was answered."""

    pause_s: float
    began_s: float
    soon: bool
    heard_s: float = 0.0
    said_s: float = 0.0
    said: str = ""
    acted: bool = False

    @property
    def idle(self) -> bool:
        """Nothing came of it."""
        return self.soon and not self.acted and self.said_s > 0


class MachineTalk:
    """Follows the exchanges of a talk. ``now_s`` is any monotonic clock."""

    def __init__(self) -> None:
        self._silent_since_s: float | None = None
        self._row: deque[TurnPair] = deque(maxlen=ALIKE_TURNS)
        self._now: TurnPair | None = None
        self._cut_in = False
        """What was said last belongs to the exchange before: somebody cut into it."""

    def person_present(self) -> None:
        """Somebody is there: a wake word, a button, a typed question."""
        self._row.clear()
        self._now = None
        self._silent_since_s = None

    def replied(self, text: str, heard_s: float, now_s: float) -> None:
        """Something of ours was heard, to its end or up to where somebody cut in."""
        self._silent_since_s = now_s
        pair = (self._row[-1] if self._row else None) if self._cut_in else self._now
        if pair is not None:
            pair.said = f"{pair.said} {text}".strip()
            pair.said_s += heard_s

    def acted(self) -> None:
        """A function did something."""
        if self._now is not None:
            self._now.acted = True

    def begun(self, now_s: float, *, speaking: bool) -> None:
        """A turn begins; ``speaking``: it cuts into our own voice."""
        if self._now is not None:
            self._row.append(self._now)
        since_s = self._silent_since_s
        pause_s = 0.0 if speaking else now_s - since_s if since_s is not None else SOON_S
        self._now = TurnPair(pause_s, now_s, soon=speaking or pause_s < SOON_S)
        self._cut_in = speaking
        if not self._now.soon:
            self._row.clear()

    def is_endless(self, now_s: float) -> bool:
        """The turn is complete; whether it only goes on with a talk that leads nowhere."""
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
    """Whether the latest answers, newest first, are one again and again, or two by turns."""
    said = [one.said for one in latest]
    for period, count in CIRCLES:
        row = said[:count]
        again = zip(row, row[period:], strict=False)
        if len(row) == count and all(same(one, other, SAME_SHARE) for one, other in again):
            return True
    return False


def _alike(latest: list[TurnPair]) -> bool:
    """Whether both sides talk alike; the newest first, which is not answered yet."""
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
    """Whether a function call came to more than words; ``output`` is its result as JSON."""
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return False
    return name not in READING and isinstance(result, dict) and result.get("status") in DID
