"""How much processor time the messages of devices may take together.

Each template is bounded, but one message may be heard by thousands of entities, and come again each
second. So what looks expensive is refused when much was spent already; what is cheap, as all honest
devices are, always passes.
"""

from __future__ import annotations

from time import perf_counter, thread_time

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.templates.timer import collected_s

FULL_S = 5.0
"""What may be spent at once: a house that joins takes less, also on a small board."""
REFILL = 0.25
"""So much of all time comes back."""
SHARE = 100
"""An entity may take so small a part of what is left with one message: 50 ms at best."""
CHEAP_S = 0.001
"""Below this nobody asks. Honest templates take a tenth of it on a PC, half on a small board."""
FORGIVING = 0.9
DOUBTED_S = 1.1 * CHEAP_S
"""Who is refused is believed to be a little cheaper the next time, down to this: anybody may have
been slow once."""
MESSAGE_S = 3.0
"""For all who hear one message; then it goes only to those that are known to be cheap."""

TOO_EXPENSIVE = (
    "what it does with its messages takes too much time; while others need that, they are dropped."
    " Make its templates simpler."
)


class Allowance:
    """A budget of processor time in seconds, refilled by the clock of the messages.

    To ask for processor time is a call of the kernel, so that is done once for each message. Each
    entity is timed by the clock on the wall; only where that was long (others may have been at
    work) it is asked how much of it was ours.
    """

    def __init__(self) -> None:
        self._left_s = FULL_S
        self._filled_s = float("-inf")
        self._message_s = 0.0
        self._processor_s = 0.0
        """Processor time when it was asked for last; of this message."""
        self._begun_s = 0.0
        self._collected_s = 0.0

    def begin_message(self, now_s: float) -> None:
        if now_s > self._filled_s:
            self._left_s = min(FULL_S, self._left_s + (now_s - self._filled_s) * REFILL)
            self._filled_s = now_s
        self._message_s = 0.0
        self._processor_s = thread_time()

    def admits(self, entity: Entity) -> bool:
        """Whether the entity may take the message that has begun."""
        cost_s = entity.cost_s
        if cost_s is None:  # it has not been heard yet
            return self._message_s < MESSAGE_S
        if cost_s <= CHEAP_S or cost_s * SHARE <= self._left_s:
            return True
        entity.cost_s = max(cost_s * FORGIVING, DOUBTED_S)
        return False

    def begin(self) -> None:
        """An entity is about to take the message."""
        self._begun_s, self._collected_s = perf_counter(), collected_s()

    def end(self, entity: Entity) -> None:
        """It has taken the message.

        Collections of garbage are nobody's fault. The first message does not count for its entity:
        then things are compiled.
        """
        spent_s = perf_counter() - self._begun_s
        if spent_s > CHEAP_S:
            before_s, self._processor_s = self._processor_s, thread_time()
            spent_s = min(spent_s, self._processor_s - before_s)
        self._left_s -= spent_s
        self._message_s += spent_s
        own_s = spent_s - (collected_s() - self._collected_s)
        first = entity.cost_s is None
        entity.cost_s = own_s if own_s > CHEAP_S and not first else 0.0
