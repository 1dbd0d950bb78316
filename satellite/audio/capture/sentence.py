"""A sentence reaches a session whole or not at all. Pure: time comes with the chunks.

"Don't turn on the lamp" without its first word is the opposite. So a session that did not get the
beginning of a sentence gets nothing of it: after a new session, after a mute, when a gate opens in
mid-sentence, when the microphone comes back. A sentence begins after ``PAUSE_MS`` of silence. The
silence is measured all the time, also without a session and while nothing may pass, so in a quiet
room nobody waits.

A beginning of up to ``LEAD_MS`` that the session did not get is kept and sent with the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from satellite.audio.capture.room_silence import STEADY_MS, RoomSilence

PAUSE_MS = 500
"""As long as the silence that ends a turn for a server by default."""
PAUSE_AFTER_REPLY_MS = 240
"""Shorter where the satellite does not hear while it speaks: what sounded last was most likely
itself."""
LEAD_MS = 300
"""As long as the gate's run-up, and as a server's own padding before speech."""
UNKNOWN = 1 << 40
"""As many chunks has a sentence that began too long ago, or while nobody listened."""


class Sentence:
    """What the session has of the sentence that is being spoken, counted in chunks.

    Call for each chunk ``hear``, then ``whole`` for what may be sent, then ``gave`` with whether
    that was sent.
    """

    def __init__(self, chunk_ms: int = 20) -> None:
        self.given = False
        """The session has a part of this sentence, so far all of it."""
        self.held_back = 0
        """Chunks of this sentence that were not sent only because its beginning was not."""
        self._silence = RoomSilence(chunk_ms)
        self._pause_chunks = -(-PAUSE_MS // chunk_ms)
        self._short_pause_chunks = -(-PAUSE_AFTER_REPLY_MS // chunk_ms)
        self._steady_chunks = STEADY_MS // chunk_ms
        self._wanted = self._pause_chunks
        self._silent = 0
        self._length = 0
        self._missing = self._length
        """How many of the latest chunks of the sentence the session did not get."""
        self._since_deaf = UNKNOWN
        """Chunks since there was a sound that could not be told from the satellite's own."""
        self._kept: deque[bytes] = deque(maxlen=LEAD_MS // chunk_ms)

    @property
    def at_rest(self) -> bool:
        """Whether nobody is speaking, so that the next sound begins a sentence."""
        return self._length == 0

    @property
    def silent(self) -> int:
        """For how many chunks the room has been silent."""
        return self._silent

    @property
    def sounds(self) -> bool:
        """Whether the last chunk was part of a sentence and not silent."""
        return self._length > 0 and not self._silent

    def hear(self, chunk: bytes, *, deaf: bool = False) -> None:
        """Takes a chunk of the room. ``deaf``: it cannot be sent, for the satellite speaks."""
        self._since_deaf += 1
        if self._silence.hear(chunk):
            self._silent += 1
            if self._silence.steady:
                self._silent = max(self._silent, self._steady_chunks)
            if self._silent >= self._wanted:
                self._begin_anew()
            elif self._length:
                self._count()
            return
        fresh = self._length > 0 or self._silent >= self._wanted
        self._silent = 0
        self._wanted = self._short_pause_chunks if deaf else self._pause_chunks
        if deaf:
            self._since_deaf = 0
        if deaf or not fresh:
            self._length = self._missing = UNKNOWN
        else:
            self._count()

    def whole(self, pieces: Sequence[bytes], *, begins: bool = False) -> tuple[bytes, ...]:
        """What may be sent of ``pieces``, the last of which is the chunk just heard, after what was
        kept; empty where the session would lack the beginning. ``begins``: they begin a sentence,
        as after a wake word.
        """
        offered = (*self._kept, *pieces)
        if begins and self._since_deaf >= len(pieces):
            self._length = len(pieces)
            return tuple(pieces)
        if self._missing <= len(offered):
            return offered
        self.held_back += 1
        return ()

    def gave(self, pieces: Sequence[bytes], *, sent: bool) -> bool:
        """Tells whether ``pieces`` were sent; returns whether a sentence is cut by that, of which
        the session has a part already."""
        if sent:
            self._kept.clear()
            self._missing = 0
            self.given = self._length > 0
            return False
        self._kept.extend(pieces)
        cut, self.given = self.given, False
        self._missing = self._length
        return cut

    def new_session(self) -> None:
        """A new session has nothing of the sentence."""
        self.given = False
        self._missing = self._length

    def forget(self) -> None:
        """Drops what is kept, as after a mute."""
        self._kept.clear()

    def lost(self) -> None:
        """The microphone is gone. When it is back, somebody may be in mid-sentence."""
        self._silence.forget()
        self._begin_anew()
        self._kept.clear()
        self._silent = 0
        self._wanted = self._pause_chunks

    # --- inside ---------------------------------------------------------------------------------

    def _count(self) -> None:
        self._length += 1
        self._missing += 1

    def _begin_anew(self) -> None:
        self._length = self._missing = self.held_back = 0
        self.given = False
