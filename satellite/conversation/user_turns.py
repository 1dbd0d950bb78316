"""The user's side: who has the word, how many turns were taken, and whether an answer is due."""

from __future__ import annotations

REPLY_EXPECTED_S = 8.0
"""After a turn of the user the server is expected to answer; later the state is listening again."""

LONGEST_SPEECH_S = 120.0
"""Speech of which no end was told for so long is taken for over, so that a lost end (or a
television) holds up nobody who asks by other ways."""

REMEMBERED_VOID = 64
VOID_S = 1.0
"""After a sentence was dropped the server may still tell of its beginning; a server that says that
it has cleared its buffer ends this sooner. The next sentence begins half a second later."""


class UserTurns:
    """Follows the server's account of the user's speech."""

    def __init__(self) -> None:
        self.count = 0
        """Turns taken so far; a confirmation must come in a later one than its question."""
        self.speaking = False
        self.answer_due_s: float | None = None
        """Until when the server's own answer to a turn is expected."""
        self.doubtful = False
        """Who speaks may be another satellite, so it is shown and answered to nobody yet."""
        self.unwanted = False
        """The next response answers something that was called off before it began."""
        self._unwanted_until_s = 0.0
        self._void: set[str] = set()
        """Items of which the server will never hear the end: they count for nothing."""
        self._void_until_s = 0.0
        self._lapses_s = 0.0
        self._item_id = ""
        self._answered_id = ""

    @property
    def person_speaking(self) -> bool:
        """A person speaks, as far as is known: nobody else does meanwhile."""
        return self.speaking and not self.doubtful

    @property
    def unanswered(self) -> bool:
        """The user speaks, or has spoken and the server has not begun to answer. What is asked of
        it now would meet its own answer: one of the two is refused."""
        return self.person_speaking or self.answer_due_s is not None or self.unwanted

    def deadlines(self) -> list[float]:
        times = [] if self.answer_due_s is None else [self.answer_due_s]
        if self.unwanted:
            times.append(self._unwanted_until_s)
        return [*times, self._lapses_s] if self.speaking else times

    def started(self, item_id: str, now_s: float, *, doubtful: bool = False) -> bool:
        """Somebody speaks; False when that is a sentence that was dropped."""
        if now_s < self._void_until_s:
            self.void(item_id)
            return False
        self._void.discard(item_id)
        self.speaking = True
        self.doubtful = doubtful
        self._lapses_s = now_s + LONGEST_SPEECH_S
        if not doubtful:  # what a person has said before is still to be answered
            self.answer_due_s = None
            self.unwanted = False
        self._item_id = item_id
        return True

    def stopped(self, now_s: float) -> bool:
        """The user fell silent; returns whether an answer is due now."""
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
        """A turn that is answered when asked for, so no answer is due: it came as text, or it
        was found out late that a person took it."""
        self.count += 1
        self.answer_due_s = None

    def answered(self, *, requested: bool = False) -> bool:
        """A response began; returns whether it is one that was called off. What was asked for
        by the satellite is not."""
        unwanted = self.unwanted and not requested
        if unwanted:
            self.unwanted = False
        if self.answer_due_s is not None:
            self._answered_id = self._item_id  # some servers tell only now that it is complete
        self.answer_due_s = None
        return unwanted

    def cancel_answer(self, now_s: float) -> None:
        """Whatever was about to be answered is not wanted any more."""
        if self.answer_due_s is not None:
            self.reject_answer(now_s)

    def reject_answer(self, now_s: float, item_id: str = "") -> None:
        """The answer that the server is about to begin by itself is not wanted."""
        if item_id == self._item_id:
            self.speaking = self.doubtful = False
        self.unwanted = True
        self._unwanted_until_s = now_s + REPLY_EXPECTED_S
        self.answer_due_s = None

    def drop(self, now_s: float) -> None:
        """The rest of what is being said will not be sent, so all of it counts for nothing."""
        if self.speaking:
            self.void(self._item_id)
        self.speaking = False
        self.answer_due_s = None
        self._void_until_s = now_s + VOID_S

    def void(self, item_id: str) -> None:
        """Whatever the server makes of this item, nobody said it to the end."""
        if len(self._void) >= REMEMBERED_VOID:
            self._void.clear()
        self._void.add(item_id)

    def cleared(self) -> None:
        """The server has forgotten what was dropped; what it tells now came later."""
        self._void_until_s = 0.0

    def is_latest(self, item_id: str) -> bool:
        """Whether the item is what the user said last."""
        return bool(item_id) and item_id == self._item_id

    def is_void(self, item_id: str) -> bool:
        return item_id in self._void

    def reset(self) -> None:
        """Nobody speaks and nothing is due: the link is gone."""
        self.speaking = False
        self.unwanted = False
        self.answer_due_s = None
        self._void.clear()
        self._void_until_s = 0.0

    def tick(self, now_s: float) -> bool:
        """Gives up what never came; returns whether that is the end of somebody's speech."""
        if self.answer_due_s is not None and now_s >= self.answer_due_s:
            self.answer_due_s = None
        if self.unwanted and now_s >= self._unwanted_until_s:
            self.unwanted = False
        lapsed = self.speaking and now_s >= self._lapses_s
        self.speaking = self.speaking and not lapsed
        return lapsed
