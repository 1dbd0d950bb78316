"""A sentence reaches a session whole or not at all. Pure: time comes with the chunks.

"Don't turn on the lamp" without its first word is the opposite. So the sound of the last
``KEPT_MS`` is kept, and a session that begins in mid-sentence first gets what it lacks of the
sentence, faster than it was spoken. A sentence whose beginning is not kept any more (it is longer,
or a mute, a gate or the satellite's own voice came between) is not sent at all.

A sentence begins after ``PAUSE_MS`` of silence. The silence is measured all the time, also without
a session and while nothing may pass, so in a quiet room nobody waits.

A sentence may be given to the next session as long as the server has not said that it took it. What
the server did with it in silence cannot have reached a device: calls run on this machine. Where the
server has tools of its own, one that it was given whole counts as taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from satellite.audio.capture.room_silence import STEADY_MS, RoomSilence

PAUSE_MS = 500
"""As long as the silence that ends a turn for a server by default."""
PAUSE_AFTER_REPLY_MS = 240
"""Shorter where the satellite does not hear while it speaks: what sounded last was most likely
itself."""
KEPT_MS = 10_000
"""Longer than what people say in one breath. 480 kB."""
LEAD_MS = 300
"""Silence that is given before a sentence: as long as a server's own padding before speech."""
LATE_MS = 4_000
"""A sentence is not given to another session so long after its end. A half-open link is noticed by
then; and whoever waits longer says it again, and it would be done twice."""
AT_ONCE_MS = 500
"""Up to so much of what is kept is sent with one chunk: a run-up, and the end of catching up."""
CATCH_UP_MS = 100
"""Of more than that, so much is sent with each chunk: five times faster than it was spoken. A local
server on a small machine finds speech not much faster."""
UNKNOWN = -1
"""The number of a first chunk that nobody heard, or that came too long ago."""


class _Spoken:
    """A sentence by the numbers of its first and last chunks."""

    __slots__ = ("end", "lead", "start", "taken")

    def __init__(self, start: int, lead: int) -> None:
        self.start = start
        self.end: int | None = None
        """None while it is being spoken."""
        self.lead = lead
        """Silent chunks before it that are sent with it."""
        self.taken = False
        """The server took it, or a part of it, for a turn."""


class Sentence:
    """What the session has of what is being spoken. Chunks are numbered as they are heard.

    Call for each chunk ``hear``, then ``whole`` for what is to be sent, then ``gave`` for each of
    these that was sent.
    """

    def __init__(self, chunk_ms: int = 20) -> None:
        self.held_back = 0
        """Chunks of this sentence that were not sent only because its beginning was not."""
        self.torn = False
        """The session has a part of a sentence and will not get the rest. To be reset by whoever
        has it forgotten."""
        self._silence = RoomSilence(chunk_ms)
        self._pause_chunks = -(-PAUSE_MS // chunk_ms)
        self._short_pause_chunks = -(-PAUSE_AFTER_REPLY_MS // chunk_ms)
        self._steady_chunks = STEADY_MS // chunk_ms
        self._lead_chunks = LEAD_MS // chunk_ms
        self._late_chunks = LATE_MS // chunk_ms
        self._at_once_chunks = max(1, AT_ONCE_MS // chunk_ms)
        self._catch_up_chunks = max(2, CATCH_UP_MS // chunk_ms)
        self._wanted = self._pause_chunks
        self._silent = 0
        self._now = 0
        self._begun: int | None = None
        """First chunk of the present sentence; None while nobody speaks."""
        self._spoken: deque[_Spoken] = deque()
        """Sentences that a session lacks or whose end no server has reported, oldest first."""
        self._kept: deque[bytes] = deque(maxlen=KEPT_MS // chunk_ms)
        """The latest chunks as they may be sent."""
        self._next = 0
        """The next chunk that the session is to get."""
        self._session = True
        self._since_deaf = KEPT_MS
        """Chunks since there was a sound that could not be told from the satellite's own."""

    @property
    def at_rest(self) -> bool:
        """Whether nobody is speaking, so that the next sound begins a sentence."""
        return self._begun is None

    @property
    def silent(self) -> int:
        """For how many chunks the room has been silent."""
        return self._silent

    @property
    def sounds(self) -> bool:
        """Whether the last chunk was part of a sentence and not silent."""
        return self._begun is not None and not self._silent

    @property
    def given(self) -> bool:
        """The session has a part of this sentence, so far all of it."""
        begun = self._begun
        return self._session and begun is not None and UNKNOWN < begun < self._next

    @property
    def behind(self) -> bool:
        """Something of what was heard is still to be sent."""
        return self._next <= self._now

    @property
    def waiting(self) -> bool:
        """There is a sentence that another session could still be given whole."""
        first = self._first_untaken()
        return first is not None and first.start >= self._oldest

    @property
    def seamless(self) -> bool:
        """Whether a new session now would lose nothing of what is being said."""
        present = self._present()
        return self.at_rest or (present is not None and not present.taken)

    # --- the microphone -------------------------------------------------------------------------

    def hear(self, chunk: bytes, *, deaf: bool = False) -> None:
        """Takes a chunk of the room. ``deaf``: it cannot be sent, for the satellite speaks."""
        self._now += 1
        self._since_deaf += 1
        if self._silence.hear(chunk):
            self._silent += 1
            if self._silence.steady:
                self._silent = max(self._silent, self._steady_chunks)
            if self._silent >= self._wanted:
                self._end()
        else:
            self._sound(deaf=deaf)
        self._let_go()

    def lost(self) -> None:
        """The microphone is gone. When it is back, somebody may be in mid-sentence."""
        self._silence.forget()
        self._begun = None
        self.held_back = 0
        self._spoken.clear()
        self._kept.clear()
        self._silent = 0
        self._wanted = self._pause_chunks

    # --- the session ----------------------------------------------------------------------------

    def whole(self, pieces: Sequence[bytes], *, begins: bool = False) -> tuple[bytes, ...]:
        """Keeps ``pieces``, the last of which is the chunk just heard, and returns what is to be
        sent now; empty where the session would lack the beginning of a sentence. ``begins``: they
        begin a sentence, as after a wake word.
        """
        self._kept.extend(pieces)
        first, oldest = self._now - len(pieces) + 1, self._oldest
        if begins and self._since_deaf >= len(pieces):
            self._spoken.clear()
            self._spoken.append(_Spoken(first, 0))
            self._begun = self._next = first
            return tuple(pieces)
        if self._begun is None and not self._spoken:
            self._next = max(self._next, first - self._lead_chunks)
        elif self._lacks_beginning(oldest):
            self._give_up_present()
            self.held_back += 1
            self._next = self._now + 1
            return ()
        self._next = max(self._next, oldest)
        if self._next == first:
            return tuple(pieces)
        behind = self._now + 1 - self._next
        count = behind if behind <= self._at_once_chunks else self._catch_up_chunks
        start = self._next - oldest
        return tuple(islice(self._kept, start, start + count))

    def keep(self, pieces: Sequence[bytes]) -> None:
        """Keeps ``pieces`` without sending them; without any, nothing is kept that came before."""
        if pieces:
            self._kept.extend(pieces)
        else:
            self.lose()

    def skip_ended(self) -> None:
        """The session is to get nothing of what was said before the present sentence."""
        while self._spoken and self._spoken[0].end is not None:
            self._spoken.popleft()
        self._start_over()

    def gave(self) -> None:
        """The next chunk was sent."""
        self._next += 1

    def lose(self) -> None:
        """Nothing more can be sent of what was said so far, and nothing is kept of it."""
        if self._session and self._is_torn():
            self.torn = True
        if self.given:
            self._give_up_present()
        present = self._present()
        self._spoken.clear()
        if present is not None:
            self._spoken.append(present)
        self._kept.clear()

    def session_lost(self, *, acts_unseen: bool = False) -> None:
        """``acts_unseen``: the server may have acted on what it was given up to a pause."""
        self._session = False
        for spoken in self._spoken if acts_unseen else ():
            last_sound = self._now - self._silent if spoken.end is None else spoken.end
            paused = spoken.end is not None or self._silent > 0
            spoken.taken = spoken.taken or (paused and last_sound < self._next)
        self._start_over()

    def new_session(self) -> None:
        """A new session has nothing of what was said."""
        self._session = True
        self._start_over()
        if not self.seamless:
            self._give_up_present()

    def taken(self) -> None:
        """The server took for a turn what it was given so far, so it is given to no other."""
        for spoken in self._spoken:
            spoken.taken = spoken.taken or spoken.start < self._next

    def give_up(self) -> None:
        """Whoever spoke was told that it has to be said again."""
        if not self.given:
            self._give_up_present()
            self._spoken.clear()

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _oldest(self) -> int:
        """The number of the first chunk that is kept."""
        return self._now - len(self._kept) + 1

    def _present(self) -> _Spoken | None:
        """The sentence that is being spoken, if its beginning was heard."""
        last = self._spoken[-1] if self._spoken else None
        return last if last is not None and last.end is None else None

    def _first_untaken(self) -> _Spoken | None:
        return next((spoken for spoken in self._spoken if not spoken.taken), None)

    def _sound(self, *, deaf: bool) -> None:
        silent, self._silent = self._silent, 0
        fresh = self._begun is not None or silent >= self._wanted
        self._wanted = self._short_pause_chunks if deaf else self._pause_chunks
        if deaf:
            self._since_deaf = 0
            self.lose()
        if deaf or not fresh:
            self._give_up_present()
            self._begun = UNKNOWN
        elif self._begun is None:
            self._begun = self._now
            self._spoken.append(_Spoken(self._now, min(silent, self._lead_chunks)))

    def _end(self) -> None:
        present = self._present()
        if present is not None:
            present.end = self._now - self._silent
        self._begun = None
        self.held_back = 0

    def _let_go(self) -> None:
        """Lets go of sentences that are in the past."""
        out_of_reach = self._now - (self._kept.maxlen or 0)
        while self._spoken:
            first = self._spoken[0]
            end = self._now if first.end is None else first.end
            sent, begun = self._next > end, self._session and self._next > first.start
            late = self._now - end > self._late_chunks
            over = first.end is not None and sent and (first.taken or late)
            if not (over or first.start <= out_of_reach or (late and not self._session)):
                return
            if begun and not sent and first.end is not None:
                self.torn = True
            self._spoken.popleft()

    def _lacks_beginning(self, oldest: int) -> bool:
        """Something that the session needs is not kept any more."""
        if self.given:
            lacks = self._next < oldest
            self.torn = self.torn or lacks
            return lacks
        return self._begun is not None and self._begun < oldest

    def _is_torn(self) -> bool:
        """Whether the session has a part only of what it was being given."""
        return self.given or any(
            one.end is not None and one.start < self._next <= one.end for one in self._spoken
        )

    def _give_up_present(self) -> None:
        """The present sentence reaches no session any more."""
        if self._begun is not None:
            self._begun = UNKNOWN
            if self._present() is not None:
                self._spoken.pop()

    def _start_over(self) -> None:
        first = self._first_untaken()
        if first is None:
            self._next = self._now + 1 - self._lead_chunks
        else:
            self._next = first.start - first.lead
