"""What the person heard and said before a function is called, by which a confirmation is judged.

The model passes on the answer to a question, but it may claim one that nobody gave. So each call
carries what is known without the model: what of the satellite's speech was heard before the turn
that led to the call, and what that turn was.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

REMEMBERED = 32
"""Spoken items, turns and results that are kept; a question is answered within a few of each."""
ROUNDING_MS = 60
"""A loudspeaker that has played a whole item may report a block or two less."""


class HeardSpeech(Struct, frozen=True):
    """One spoken item, as far as it was heard.

    ``text`` is the whole text, empty where the server sends none. ``whole``: it was complete and
    heard to its end. ``after`` are the calls whose results the server had when the response began,
    and ``first_after`` those of them that no earlier response could tell of.
    """

    number: int
    text: str
    heard_ms: int
    received_ms: int
    whole: bool
    after: tuple[str, ...]
    first_after: tuple[str, ...]


class CallContext(Struct, frozen=True):
    """The turn of the person that led to a call, and what was heard before the turn began.

    ``text`` is its transcript, None where there are no transcripts. Turns are numbered from 1 as
    they begin on a link.
    """

    turn: int = 0
    typed: bool = False
    text: str | None = None
    heard: tuple[HeardSpeech, ...] = ()


CoveredCalls = tuple[tuple[str, ...], tuple[str, ...]]
"""``after`` and ``first_after`` of what a response says."""
NO_CALLS: CoveredCalls = ((), ())


class _Turn:
    def __init__(self, number: int, item_id: str, speeches: int) -> None:
        self.number = number
        self.item_id = item_id
        self.speeches = speeches
        """How many spoken items had begun when the turn began; it interrupted all of them."""
        self.typed = False
        self.ended = False
        self.void = False
        """It was cut off (muted, the microphone lost)."""
        self.text: str | None = None
        self.unreadable = False
        """Its transcript has failed."""


class OutputSpeech:
    """One spoken item; ``OutputItems`` reports what was heard of it."""

    def __init__(
        self, number: int, item_id: str, after: tuple[str, ...], first_after: tuple[str, ...]
    ) -> None:
        self.number = number
        self.item_id = item_id
        self.after = after
        self.first_after = first_after
        self.text = ""
        self.heard_ms = 0
        self.received_ms = 0
        self.ended = False
        self.stopped = False
        self.broken = False
        """Its response did not complete, so the end of its text is missing."""

    def stop(self, text: str, heard_ms: int, received_ms: int, *, ended: bool) -> None:
        """The item is over at the loudspeaker; ``ended``: no more audio was to come."""
        self.stopped = True
        self.text = text
        self.heard_ms = heard_ms
        self.received_ms = received_ms
        self.ended = ended

    def heard(self) -> HeardSpeech:
        enough = self.heard_ms >= self.received_ms - ROUNDING_MS and self.heard_ms > 0
        return HeardSpeech(
            self.number,
            self.text,
            self.heard_ms,
            self.received_ms,
            self.ended and enough and not self.broken,
            self.after,
            self.first_after,
        )


class CallContexts:
    """The turns, spoken items and results of the current link.

    ``transcribed``: the session asks for transcripts.
    """

    def __init__(self, *, transcribed: bool = False) -> None:
        self._transcribed = transcribed
        self._turn_count = 0
        self._speech_count = 0
        self.reset()

    def reset(self) -> None:
        """The link is gone."""
        self._turns: deque[_Turn] = deque(maxlen=REMEMBERED)
        self._speeches: deque[OutputSpeech] = deque(maxlen=REMEMBERED)
        self._told: deque[str] = deque(maxlen=REMEMBERED)
        """Calls whose results a response has covered."""
        self._untold: deque[str] = deque(maxlen=REMEMBERED)
        self._writes = False
        """A transcript has come on this link."""

    # --- the person -----------------------------------------------------------------------------

    def began(self, item_id: str) -> None:
        """The person speaks; what was playing has been silenced."""
        self.dropped()
        self._turn_count += 1
        self._turns.append(_Turn(self._turn_count, item_id, self._speech_count))

    def ended(self, item_id: str) -> None:
        """The person fell silent, or the turn is complete."""
        turn = self._find(item_id)
        if turn is None and item_id:
            self.began(item_id)  # some servers do not report the beginning
            turn = self._turns[-1]
            turn.speeches = max((one.number for one in self._speeches if one.stopped), default=0)
        if turn is not None and not turn.void:
            turn.ended = True

    def taken_back(self, item_id: str) -> None:
        """The turn was no person's."""
        turn = self._find(item_id) if item_id else None
        if turn is not None:
            self._turns.remove(turn)

    def typed(self, text: str) -> None:
        self.began("")
        turn = self._turns[-1]
        turn.typed = turn.ended = True
        turn.text = text

    def wrote(self, item_id: str, text: str) -> None:
        """The transcript of a turn; empty when nobody said a word."""
        self._writes = True
        turn = self._find(item_id)
        if turn is not None:
            turn.text = text

    def not_written(self, item_id: str) -> None:
        """The transcript of a turn will not come."""
        turn = self._find(item_id)
        if turn is not None:
            turn.unreadable = True

    def dropped(self) -> None:
        """The turn that has not ended does not count."""
        if self._turns and not self._turns[-1].ended:
            self._turns[-1].void = True

    def _find(self, item_id: str) -> _Turn | None:
        for turn in reversed(self._turns):
            if not turn.typed and item_id in (turn.item_id, ""):
                return turn
        return None

    # --- the satellite --------------------------------------------------------------------------

    def result(self, call_id: str) -> None:
        """The result of a call was sent to the server."""
        self._untold.append(call_id)

    def responding(self, *, covers: bool) -> CoveredCalls:
        """A response begins; returns the calls that it may tell of, and those that only it may.

        ``covers``: the server had every result before it.
        """
        first = tuple(self._untold) if covers else ()
        if covers:
            self._told.extend(self._untold)
            self._untold.clear()
        return tuple(self._told), first

    def speaking(self, item_id: str, about: CoveredCalls) -> OutputSpeech:
        """The first audio of an item has come."""
        self._speech_count += 1
        spoken = OutputSpeech(self._speech_count, item_id, *about)
        self._speeches.append(spoken)
        return spoken

    def broke_off(self, item_id: str) -> None:
        """The response of an item ended before it was complete."""
        for spoken in self._speeches:
            if spoken.item_id == item_id:
                spoken.broken = True

    # --- the call -------------------------------------------------------------------------------

    @property
    def turn(self) -> int:
        """The latest turn that has ended, which a response that begins now answers; 0 for none."""
        return next((turn.number for turn in reversed(self._turns) if turn.ended), 0)

    def unwritten(self, number: int) -> bool:
        """Whether the transcript of a turn may still come."""
        turn = self._by_number(number)
        expected = self._transcribed or self._writes
        return turn is not None and turn.text is None and not turn.unreadable and expected

    def at(self, number: int) -> CallContext:
        """The context of a call that a turn has led to."""
        turn = self._by_number(number)
        if turn is None:
            return CallContext()
        text = turn.text
        if text is None and self._writes:
            text = ""  # other turns have transcripts, so this one had no words
        heard = (one.heard() for one in self._speeches if one.number <= turn.speeches)
        return CallContext(
            turn.number, turn.typed, text, tuple(one for one in heard if one.heard_ms)
        )

    def _by_number(self, number: int) -> _Turn | None:
        return next((turn for turn in self._turns if turn.number == number), None)
