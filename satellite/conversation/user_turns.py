"""The user's turns: whether somebody speaks, how many there were, whether an answer is due."""

from __future__ import annotations

REPLY_EXPECTED_S = 8.0
"""How long the server's answer to a turn is awaited; then the state is listening again."""
LONGEST_SPEECH_S = 120.0
"""Speech without an end is taken for over after this, so that a lost event (or a television) does
not block typed questions and announcements."""
REMEMBERED_VOID = 64
VOID_S = 1.0
"""How long after a dropped sentence the server may still report its beginning, unless it reports a
cleared buffer before. The next sentence begins half a second later at the earliest."""


class UserTurns:
    """The user's speech as the server reports it. ``now_s`` is monotonic, in seconds."""

    def __init__(self) -> None:
        self.count = 0
        """Turns so far; a confirmation must come in a later one than its question."""
        self.speaking = False
        self.answer_due_s: float | None = None
        """Until when the server's own answer to a turn is expected."""
        self.doubtful = False
        """The speaker may be another satellite, so the speech interrupts nothing yet."""
        self.unwanted = False
        """The next response that the server begins by itself is to be cancelled."""
        self._unwanted_until_s = 0.0
        self._void: set[str] = set()
        """Items whose end the server never gets; they are no turns."""
        self._void_until_s = 0.0
        self._lapses_s = 0.0
        self._item_id = ""
        self._answered_id = ""

    @property
    def person_speaking(self) -> bool:
        """A person speaks, as far as is known."""
        return self.speaking and not self.doubtful

    @property
    def unanswered(self) -> bool:
        """The user speaks, or has spoken and the server has not begun to answer.

        A request now would collide with the server's own answer, and one of the two be refused.
        """
        return self.person_speaking or self.answer_due_s is not None or self.unwanted

    def deadlines(self) -> list[float]:
        times = [] if self.answer_due_s is None else [self.answer_due_s]
        if self.unwanted:
            times.append(self._unwanted_until_s)
        return [*times, self._lapses_s] if self.speaking else times

    def started(self, item_id: str, now_s: float, *, doubtful: bool = False) -> bool:
        """Somebody speaks; returns False when it is a sentence that was dropped."""
        if now_s < self._void_until_s:
            self.void(item_id)
            return False
        self._void.discard(item_id)
        self.speaking = True
        self.doubtful = doubtful
        self._lapses_s = now_s + LONGEST_SPEECH_S
        if not doubtful:  # else the answer to an earlier turn is still due
            self.answer_due_s = None
            self.unwanted = False
        self._item_id = item_id
        return True

    def stopped(self, now_s: float) -> bool:
        """The user has fallen silent; returns whether an answer is due now."""
        if not self.speaking:
            return False
        self.speaking = False
        if self.doubtful:
            return False
        self.answer_due_s = now_s + REPLY_EXPECTED_S
        return True

    def committed(self, item_id: str, now_s: float) -> bool:
        """A turn is complete, unless it is an older one; returns whether an answer is due now."""
        self.count += 1
        if item_id in (self._item_id, ""):
            self.speaking = False
        if self.speaking or (item_id and item_id == self._answered_id):
            return False
        self.answer_due_s = now_s + REPLY_EXPECTED_S
        return True

    def typed(self) -> None:
        """A turn to which the satellite requests the answer: the server begins none by itself.

        It was typed, or turned out late to be a person's.
        """
        self.count += 1
        self.answer_due_s = None

    def answered(self, *, requested: bool = False) -> bool:
        """A response began; returns whether it is unwanted, which a ``requested`` one never is."""
        unwanted = self.unwanted and not requested
        if unwanted:
            self.unwanted = False
        if self.answer_due_s is not None:
            self._answered_id = self._item_id  # some servers report its commit only now
        self.answer_due_s = None
        return unwanted

    def cancel_answer(self, now_s: float) -> None:
        """The answer that is due, if any, is not wanted any more."""
        if self.answer_due_s is not None:
            self.reject_answer(now_s)

    def reject_answer(self, now_s: float, item_id: str = "") -> None:
        """The answer that the server is about to begin is not wanted. ``item_id``: the turn."""
        if item_id == self._item_id:
            self.speaking = self.doubtful = False
        self.unwanted = True
        self._unwanted_until_s = now_s + REPLY_EXPECTED_S
        self.answer_due_s = None

    def drop(self, now_s: float) -> None:
        """The rest of the present sentence will not be sent, so it is no turn."""
        if self.speaking:
            self.void(self._item_id)
        self.speaking = False
        self.answer_due_s = None
        self._void_until_s = now_s + VOID_S

    def void(self, item_id: str) -> None:
        """Whatever the server makes of this item, it is no turn."""
        if len(self._void) >= REMEMBERED_VOID:
            self._void.clear()
        self._void.add(item_id)

    def cleared(self) -> None:
        """The server has cleared its buffer, so what it reports from now on came later."""
        self._void_until_s = 0.0

    def is_latest(self, item_id: str) -> bool:
        """Whether the item is the user's latest speech."""
        return bool(item_id) and item_id == self._item_id

    def is_void(self, item_id: str) -> bool:
        return item_id in self._void

    def reset(self) -> None:
        """The link is gone: nobody speaks and no answer is due."""
        self.speaking = False
        self.unwanted = False
        self.answer_due_s = None
        self._void.clear()
        self._void_until_s = 0.0

    def tick(self, now_s: float) -> bool:
        """Gives up what never came; returns whether speech was taken for over."""
        if self.answer_due_s is not None and now_s >= self.answer_due_s:
            self.answer_due_s = None
        if self.unwanted and now_s >= self._unwanted_until_s:
            self.unwanted = False
        lapsed = self.speaking and now_s >= self._lapses_s
        self.speaking = self.speaking and not lapsed
        return lapsed
