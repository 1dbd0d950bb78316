"""The gate between the microphone and the server: muted, asleep, or open. Pure.

What does not pass never leaves this machine. The gate keeps a short pre-roll of what it held back,
so that a command spoken in one breath with the wake word is sent whole (``word_end``). When it
closes after something was sent, silence follows in real time, because a server that hears nothing
more does not notice that somebody stopped speaking; muted, not even that is sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from satellite.audio.wake.word_end import HELD_MS, continues, loudness, sent_from
from satellite.core.wake_words import Lag

Mode = Literal["open", "wake", "push"]
How = Literal["renew", "keep", "end"]

PRE_ROLL_MS = 300
"""As long as the server's own padding before speech."""
SETTLE_MS = 500
"""How long to wait after a wake word. It may be recognised up to 0.3 s before its end, and its last
syllable alone would be taken for a turn. Who goes on within that time needs no sign that it
listens, and would have it in their words."""
ATTENTION_S = 8.0
"""How long somebody who woke it or pressed the button may take to begin."""
STAY_S = 1.5
"""How much longer it stays open in mid-sentence: time for the server to notice the speaker."""
TAIL_MS = 800
"""How much silence ends what was sent: servers take a turn for over after 500 ms by default."""


class Gate:
    """Decides chunk by chunk what the server may hear; time comes with the calls.

    ``mode``: ``open`` passes everything, ``wake`` opens on the wake word, ``push`` on ``open()``.
    It may change at any time; whatever was held back or open before is then forgotten.
    Once opened it stays open for ``ATTENTION_S``, during a conversation, and after it for
    ``follow_up_s`` or, if the conversation was not meant for the satellite (``follow_up``), for the
    time that was left before it. ``wake_word`` gets each chunk that is held back; it returns when
    the word ends if it was spoken, else None. ``on_waiting`` is called when the gate opens and the
    speaker says no more.
    """

    def __init__(
        self,
        mode: Mode,
        follow_up_s: float,
        *,
        wake_word: Callable[[bytes], Lag | None] | None = None,
        on_waiting: Callable[[], None] = lambda: None,
        tail_ms: int = TAIL_MS,
        chunk_ms: int = 20,
    ) -> None:
        self._mode = mode
        self._follow_up_s = follow_up_s
        self._wake_word = wake_word
        self._on_waiting = on_waiting
        self.mid_sentence = False
        """Somebody is speaking, and the server has their sentence so far."""
        self._resting = False
        self.times_shut = 0
        """How often it was shut: it may be open again before the next chunk."""
        self.begins = False
        """What ``admit`` returned last begins with or right after the wake word."""
        self._woken = False
        self._tail_chunks = -(-tail_ms // chunk_ms)
        self._pre_roll: deque[bytes] = deque()
        self._pre_roll_chunks = -(-PRE_ROLL_MS // chunk_ms)
        self._settle_chunks = -(-SETTLE_MS // chunk_ms)
        self._chunk_ms = chunk_ms
        self._settling = 0
        self._lag = Lag()
        self._open_until_s: float | None = None
        self._busy = False
        self._left_s = 0.0
        """How much longer it would have stayed open when the conversation began."""
        self._follow_up: How = "renew"
        self._tail_left = 0
        self._muted = False
        self._locked = ""

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if mode != self._mode:
            self.times_shut += self._mode == "open"
            self._mode = mode
            self._reset()

    @property
    def muted(self) -> bool:
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        self.times_shut += muted
        self._reset()

    @property
    def locked(self) -> str:
        """Why nothing may pass in any mode, such as a spending limit; empty if it may."""
        return self._locked

    @locked.setter
    def locked(self, why: str) -> None:
        self._locked = why
        self.times_shut += bool(why)
        self._reset()

    @property
    def resting(self) -> bool:
        """Nothing passes in any mode until somebody opens it."""
        return self._resting

    @resting.setter
    def resting(self, resting: bool) -> None:
        self._resting = resting
        if resting:
            self._open_until_s = None
            self._busy = False

    @property
    def follow_up(self) -> How:
        """How it goes on after the conversation; ``end`` closes it now."""
        return self._follow_up

    @follow_up.setter
    def follow_up(self, how: How) -> None:
        self._follow_up = how
        if how == "end":
            self._open_until_s = None
            self._busy = False

    @property
    def _held_chunks(self) -> int:
        """How many are held back: a wake word has to be among them, as well as what follows it."""
        length_ms = HELD_MS if self._mode == "wake" else PRE_ROLL_MS
        return -(-length_ms // self._chunk_ms)

    @property
    def shut(self) -> bool:
        """Nothing can open it: muted or locked."""
        return self._muted or bool(self._locked)

    def passes(self, now_s: float) -> bool:
        """Whether a chunk that comes now would go to the server."""
        if self.shut or self._resting:
            return False
        if self._mode == "open" or self._busy:
            return True
        stay_s = STAY_S if self.mid_sentence else 0.0
        return self._open_until_s is not None and now_s < self._open_until_s + stay_s

    def admit(self, chunk: bytes, now_s: float) -> tuple[bytes, ...]:
        """What to send for this chunk: nothing, the chunk, pre-roll and chunk, or silence."""
        self.begins = False
        if self.passes(now_s):
            self._tail_left = self._tail_chunks
            if self._pre_roll:
                return (*self._take_pre_roll(), chunk)
            return (chunk,)
        if self.shut:
            if self._mode == "wake" and not self._muted and self._wake_word is not None:
                self._wake_word(chunk)  # who says it is told that it is locked
            return ()
        self._pre_roll.append(chunk)
        if self._settling:
            self._settle(now_s)
        elif self._woken_by(chunk):
            self._settling = self._settle_chunks
        elif len(self._pre_roll) > self._held_chunks:
            self._pre_roll.popleft()
        if self._tail_left:
            self._tail_left -= 1
            return (bytes(len(chunk)),)
        return ()

    def gap(self) -> None:
        """The microphone was away: what was held back does not belong to what comes."""
        self._pre_roll.clear()
        self._settling = 0

    def open(self, now_s: float) -> None:
        """Somebody said the wake word or pressed the button. Has no effect while it is shut."""
        self._settling = 0
        self._woken = False
        if not self.shut:
            self._resting = False
            self._open_until_s = max(now_s + ATTENTION_S, self._open_until_s or 0.0)
            self._left_s = ATTENTION_S

    def close(self) -> None:
        """Somebody has let go of the button: ends what ``open`` began, not a conversation."""
        self._open_until_s = None

    def conversation(self, *, busy: bool, hearing: bool = False, now_s: float) -> None:
        """A turn or an answer is under way (``busy``), or has just ended and may be followed up.

        ``hearing``: the server hears somebody speak. It says so a moment after the voice, so this
        may open again a gate that closed just as somebody began.
        """
        if self._busy and not busy and not self.shut:
            renews = self._follow_up == "renew"
            self._open_until_s = now_s + (self._follow_up_s if renews else self._left_s)
        if busy and not self._busy:
            ended = self.shut or self._resting or self._follow_up == "end"
            caught = hearing and self._tail_left > 0 and not ended
            self._left_s = max(0.0, (self._open_until_s or 0.0) - now_s)
            self._busy = self._mode == "open" or self.passes(now_s) or caught
        else:
            self._busy = busy and self.passes(now_s)

    # --- inside ---------------------------------------------------------------------------------

    def _take_pre_roll(self) -> tuple[bytes, ...]:
        """What was held back: all that is left of it after a wake word, else only the pre-roll."""
        self.begins, self._woken = self._woken, False
        held = tuple(self._pre_roll)
        self._pre_roll.clear()
        return held if self.begins else held[-self._pre_roll_chunks :]

    def _woken_by(self, chunk: bytes) -> bool:
        if self._mode != "wake" or self._wake_word is None:
            return False
        lag = self._wake_word(chunk)
        if lag is not None:
            self._lag = lag
        return lag is not None

    def _settle(self, now_s: float) -> None:
        self._settling -= 1
        if self._settling:
            return
        levels = [loudness(chunk) for chunk in self._pre_roll]
        recognised = len(levels) - 1 - self._settle_chunks
        waits = not continues(levels, recognised, self._chunk_ms)
        for _ in range(sent_from(levels, recognised, self._lag, self._chunk_ms)):
            self._pre_roll.popleft()
        self.open(now_s)
        self._woken = True
        if waits:
            self._on_waiting()

    def _reset(self) -> None:
        """Drops what was held back, and ends every reason to be open."""
        self._pre_roll.clear()
        self._open_until_s = None
        self._busy = False
        self._settling = 0
        self._woken = False
        self._tail_left = 0
