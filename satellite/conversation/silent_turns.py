"""Turns that were not meant for the satellite, by the model's own word.

Where the microphone is always open, the model hears the television and people who talk with each
other. For these it has a function, ``stay_silent``: a few tokens of text instead of a spoken reply.
Such a turn leaves nothing behind: the server's history loses what was heard and the call, no sound
tells of it, and no result is sent.

The model's word does not count where somebody surely waits for an answer: after the wake word, the
button or a typed question, and while a confirmation is open. Nor does it count beside speech that
was heard or another function: what was said or done is the answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from satellite.conversation.commands import DeleteItem, SendCallOutput, Tool
from satellite.conversation.doubtful_turns import ADDRESSED_S
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ShowEvent
from satellite.conversation.events.server import ConversationItem
from satellite.conversation.wake_word_demand import WakeWordDemand

STAY_SILENT = Tool(
    "stay_silent",
    "Say nothing, because what was heard was not meant for you: a television, people who talk with"
    " each other, noise. Call it alone and say nothing with it.",
    {"type": "object", "properties": {}, "additionalProperties": False},
)
NOT_FOR_ME = "not_for_me"
"""Type of the event that shows such a turn."""
UNDECIDED_S = 1.5
"""How long after a sentence the state does not yet claim that the satellite thinks about it. A
server usually says within a second whether it speaks, acts or stays silent."""
MOST_OPEN = 32
"""Turns without an answer that are remembered; each was interrupted by the next."""


class SilentTurns:
    """Judges the calls of ``stay_silent``, and removes the turns that it is right about.

    ``confirm_timeout_s``: how long a question that a function has asked is open.
    """

    def __init__(
        self, effects: EffectList, wake_word_demand: WakeWordDemand, confirm_timeout_s: float
    ) -> None:
        self.offered = False
        """The session offers the function: the microphone is open without being asked."""
        self._effects = effects
        self._wake_word_demand = wake_word_demand
        self._confirm_timeout_s = confirm_timeout_s
        self._open: list[str] = []
        """Items of the user that nothing was said or done about, oldest first."""
        self._latest = ""
        """The item of the turn that began last."""
        self._answered = ""
        """The latest that was answered; some servers report only then that it is complete."""
        self._addressed_until_s = 0.0
        self._addressed = False
        """The latest turn was surely meant for the satellite, or one before it that nobody has
        answered: who pauses in a sentence takes two turns."""
        self._waits = False
        """Such a turn has no answer yet."""
        self._asked_until_s = 0.0
        self._undecided_until_s: float | None = None

    # --- what is known of the person ------------------------------------------------------------

    def addressed(self) -> None:
        """The wake word, the button, or an announcement that asks something."""
        self._addressed_until_s = self._effects.now_s + ADDRESSED_S
        self._addressed = True
        self._wake_word_demand.for_it()
        self.decided()

    def typed(self) -> None:
        """A typed question: its answer is wanted, and no turn that follows is meant by that."""
        self._addressed = self._waits = True
        self._addressed_until_s = 0.0
        self.decided()

    def began(self, item_id: str) -> None:
        """A turn of a person begins, as far as is known."""
        fresh = self._effects.now_s < self._addressed_until_s
        self._addressed = self._waits = fresh or (self._addressed and self._waits)
        self._addressed_until_s = 0.0
        self._latest = item_id
        self._undecided_until_s = None

    def ended(self) -> None:
        """The person has fallen silent."""
        if self.offered and not self._addressed:
            self._undecided_until_s = self._effects.now_s + UNDECIDED_S

    def committed(self, item_id: str) -> None:
        """The turn is an item of the history."""
        if item_id and item_id != self._answered and item_id not in self._open:
            self._open = [*self._open[1 - MOST_OPEN :], item_id]

    def call_finished(self, name: str, output: str) -> None:
        """A function has ended: it may ask for a confirmation."""
        try:
            result = json.loads(output)
        except (ValueError, RecursionError):
            return
        asks = isinstance(result, dict) and result.get("status") == "confirmation_required"
        if asks:
            self._asked_until_s = self._effects.now_s + self._confirm_timeout_s
        elif name == "confirm":
            self._asked_until_s = 0.0

    def link_lost(self) -> None:
        self._open.clear()
        self._waits = False
        self._asked_until_s = 0.0
        self._undecided_until_s = None

    # --- what is known of the response ----------------------------------------------------------

    @property
    def undecided(self) -> bool:
        """The server has not said yet whether the latest turn was meant for the satellite."""
        until_s = self._undecided_until_s
        return until_s is not None and self._effects.now_s < until_s

    def deadlines(self) -> list[float]:
        return [self._undecided_until_s] if self._undecided_until_s is not None else []

    def tick(self) -> None:
        if not self.undecided:
            self._undecided_until_s = None

    def decided(self) -> None:
        """The server begins something else than to stay silent."""
        self._undecided_until_s = None

    def answered(self) -> None:
        """The satellite speaks or acts, so the turns so far were meant for it."""
        self.decided()
        self._answered = self._latest
        self._waits = False
        self._open.clear()
        self._wake_word_demand.for_it()

    @property
    def plausible(self) -> bool:
        """Whether the latest turn may have been meant for somebody else."""
        waits = self.confirmation_open(self._effects.now_s)
        return self.offered and not self._addressed and not waits

    def confirmation_open(self, now_s: float) -> bool:
        """Whether a function waits for a person's yes."""
        return now_s < self._asked_until_s

    def doubted(self) -> None:
        """The model's word did not count, and a sound has told the person."""
        self._waits = False

    def forget(self, *, interrupted: bool) -> list[str]:
        """Removes the turns that a response has stayed silent about; returns their items.

        ``interrupted``: another turn has begun meanwhile, which it does not answer.
        """
        gone = [item for item in self._open if not (interrupted and item == self._latest)]
        self._open = [item for item in self._open if item not in gone]
        for item_id in gone:
            self._effects.send(DeleteItem(item_id))
        if not interrupted:
            self._undecided_until_s = None
        self._effects.add(ShowEvent(NOT_FOR_ME, {"item_id": gone[-1] if gone else ""}))
        self._wake_word_demand.not_for_it()
        return gone

    def forget_calls(self, calls: Sequence[ConversationItem]) -> None:
        """Removes calls of the function from the history. They have no result; one that cannot be
        named gets an empty one, for a call without a result stays open."""
        for call in calls:
            if call.id:
                self._effects.send(DeleteItem(call.id))
            else:
                self._effects.send(SendCallOutput(call.call_id, ""))
