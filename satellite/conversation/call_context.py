"""What the person heard and said before a function is called: by this the home judges a yes.

The model carries the answer to a question, but it may claim one that nobody gave. So with each call
goes what is known without the model: what of the satellite's own speech was heard before the turn
that led to the call, and what that turn was. Who asked for what is the home's business.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

REMEMBERED = 32
"""Speeches, turns and results that are kept; a question is answered within a few of each."""
ROUNDING_MS = 60
"""A loudspeaker that has played all of an item may report a block or two less."""


class HeardSpeech(Struct, frozen=True):
    """One item of the satellite's speech, as far as it was heard.

    ``text`` is all of it, empty where the server tells no words. ``whole``: to the end, and it was
    complete. ``after`` are the calls whose results the server had when it began to answer, and
    ``first_after`` those of them that no earlier response could have told of.
    """

    number: int
    text: str
    heard_ms: int
    received_ms: int
    whole: bool
    after: tuple[str, ...]
    first_after: tuple[str, ...]


class CallContext(Struct, frozen=True):
    """The turn of the person that a call comes from, and what was heard before it began.

    ``text`` is None where nobody writes down what is said. Turns are numbered as they begin.
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
        """So many speeches had been begun when the turn began; it ended all of them."""
        self.typed = False
        self.ended = False
        self.void = False
        """It was not heard to its end (muted, the microphone lost)."""
        self.text: str | None = None
        self.unreadable = False
        """The recogniser has failed at it."""


class OutputSpeech:
    """One item of the satellite's speech; ``Voice`` tells what was heard of it."""

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
        """Its response did not complete: the end of what it was to say is missing."""

    def stop(self, text: str, heard_ms: int, received_ms: int, *, ended: bool) -> None:
        """It is silent; so much of it was heard. ``ended``: nothing more was to come."""
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
    """Everything of the current link; with the link its questions are gone, too.

    ``transcribed``: the server is asked to write down what the person says.
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
        """Calls whose results some response has covered."""
        self._untold: deque[str] = deque(maxlen=REMEMBERED)
        self._writes = False
        """On this link something that was said was written down."""

    # The person ----------------------------------------------------------------------------------

    def began(self, item_id: str) -> None:
        """The person speaks; what was sounding has been silenced."""
        self.dropped()
        self._turn_count += 1
        self._turns.append(_Turn(self._turn_count, item_id, self._speech_count))

    def ended(self, item_id: str) -> None:
        """The person fell silent, or the turn is complete."""
        turn = self._find(item_id)
        if turn is None and item_id:
            self.began(item_id)  # some servers do not tell the beginning
            turn = self._turns[-1]
            turn.speeches = max((one.number for one in self._speeches if one.stopped), default=0)
        if turn is not None and not turn.void:
            turn.ended = True

    def taken_back(self, item_id: str) -> None:
        """It was no person's turn."""
        turn = self._find(item_id) if item_id else None
        if turn is not None:
            self._turns.remove(turn)

    def typed(self, text: str) -> None:
        self.began("")
        turn = self._turns[-1]
        turn.typed = turn.ended = True
        turn.text = text

    def wrote(self, item_id: str, text: str) -> None:
        """What a turn was, in words; empty when it had none."""
        self._writes = True
        turn = self._find(item_id)
        if turn is not None:
            turn.text = text

    def not_written(self, item_id: str) -> None:
        """Nobody will say what a turn was in words."""
        turn = self._find(item_id)
        if turn is not None:
            turn.unreadable = True

    def dropped(self) -> None:
        """What somebody was just saying counts for nothing."""
        if self._turns and not self._turns[-1].ended:
            self._turns[-1].void = True

    def _find(self, item_id: str) -> _Turn | None:
        for turn in reversed(self._turns):
            if not turn.typed and item_id in (turn.item_id, ""):
                return turn
        return None

    # The satellite -------------------------------------------------------------------------------

    def result(self, call_id: str) -> None:
        """A result went to the server."""
        self._untold.append(call_id)

    def responding(self, *, covers: bool) -> CoveredCalls:
        """A response begins; ``covers``: the server had every result before it.

        The calls that it may tell of, and those of them that no other could.
        """
        first = tuple(self._untold) if covers else ()
        if covers:
            self._told.extend(self._untold)
            self._untold.clear()
        return tuple(self._told), first

    def speaking(self, item_id: str, about: CoveredCalls) -> OutputSpeech:
        """The first sound of an item has come."""
        self._speech_count += 1
        spoken = OutputSpeech(self._speech_count, item_id, *about)
        self._speeches.append(spoken)
        return spoken

    def broke_off(self, item_id: str) -> None:
        """The response of an item ended before it was complete."""
        for spoken in self._speeches:
            if spoken.item_id == item_id:
                spoken.broken = True

    # The call ------------------------------------------------------------------------------------

    @property
    def turn(self) -> int:
        """The newest turn that is over: what a response that begins now answers."""
        return next((turn.number for turn in reversed(self._turns) if turn.ended), 0)

    def unwritten(self, number: int) -> bool:
        """Whether the words of a turn may still come."""
        turn = self._by_number(number)
        expected = self._transcribed or self._writes
        return turn is not None and turn.text is None and not turn.unreadable and expected

    def at(self, number: int) -> CallContext:
        """What is known of a turn and of what was heard before it."""
        turn = self._by_number(number)
        if turn is None:
            return CallContext()
        text = turn.text
        if text is None and self._writes:
            text = ""  # others were written down, so this one had no words
        heard = (one.heard() for one in self._speeches if one.number <= turn.speeches)
        return CallContext(
            turn.number, turn.typed, text, tuple(one for one in heard if one.heard_ms)
        )

    def _by_number(self, number: int) -> _Turn | None:
        return next((turn for turn in self._turns if turn.number == number), None)
