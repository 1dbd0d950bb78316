"""A sentence reaches a session whole or not at all.

"Don't turn on the lamp" without its first word is the opposite. So a session that has not had the
beginning of what is being said gets nothing of it: after a new session, after a mute, behind a
gate that opens in mid-sentence, after the microphone was away. What follows ``PAUSE_MS`` of
silence begins anew. How long the room has been silent is counted all the time, also while there
is no session and while nothing may pass, so in a quiet room nobody waits.

A beginning of up to ``LEAD_MS`` that the session did not get is kept and given to it with the
rest. Pure: time comes with the chunks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from satellite.audio.capture.room_silence import STEADY_MS, RoomSilence

PAUSE_MS = 500
"""As much silence as ends a turn for a server by default."""
PAUSE_AFTER_REPLY_MS = 240
"""Where the satellite does not hear while it speaks, what sounded last was most likely itself."""
LEAD_MS = 300
"""As long as the gate's run-up, and as a server's own padding before speech."""
UNKNOWN = 1 << 40
"""Chunks of a sentence that began too long ago, or when nobody listened."""


class Sentence:
    """What one session has of the sentence that is being spoken. Counted in chunks.

    For each chunk: ``hear`` it, ask ``whole`` what may be sent for it, and tell with ``gave``
    whether that went out.
    """

    def __init__(self, chunk_ms: int = 20) -> None:
        self.given = False
        """The session has a part of this sentence, so far all of it."""
        self.held_back = 0
        """Chunks of this sentence that would have been sent if its beginning had been."""
        self._silence = RoomSilence(chunk_ms)
        self._pause_chunks = -(-PAUSE_MS // chunk_ms)
        self._short_pause_chunks = -(-PAUSE_AFTER_REPLY_MS // chunk_ms)
        self._steady_chunks = STEADY_MS // chunk_ms
        self._wanted = self._pause_chunks
        self._silent = 0
        self._length = 0
        self._missing = self._length
        """The latest chunks of the sentence that the session did not get."""
        self._since_deaf = UNKNOWN
        """Chunks since something sounded that could not be heard apart from the satellite."""
        self._kept: deque[bytes] = deque(maxlen=LEAD_MS // chunk_ms)

    @property
    def at_rest(self) -> bool:
        """Nobody is speaking: what comes next is the beginning of a sentence."""
        return self._length == 0

    @property
    def silent(self) -> int:
        """For how many chunks the room has been silent."""
        return self._silent

    @property
    def sounds(self) -> bool:
        """The chunk heard last was not silent."""
        return self._length > 0 and not self._silent

    def hear(self, chunk: bytes, *, deaf: bool = False) -> None:
        """A chunk of the room. ``deaf``: it cannot be sent, since the satellite itself speaks."""
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
        """What may be sent of ``pieces``, the last of which is the chunk just heard.

        Nothing, if the session would not have the beginning. ``begins``: they do begin a sentence,
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
        """``pieces`` were sent to the session or not; whether that cuts what it has already."""
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
        """The session that comes now has nothing of it."""
        self.given = False
        self._missing = self._length

    def forget(self) -> None:
        """Nothing may be kept: muted, locked."""
        self._kept.clear()

    def lost(self) -> None:
        """The microphone is gone; when it comes back somebody may be in mid-sentence."""
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
