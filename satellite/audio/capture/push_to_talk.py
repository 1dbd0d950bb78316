"""Says when a turn of the person begins and ends, where the server does not. Pure.

With ``turn_detection: null`` a Realtime server waits for the client to commit what it was sent. A
turn begins with the button, with the wake word, or with speech where the microphone is open anyway.
It ends when the button is pressed again or released, or else with silence.
"""

from __future__ import annotations

from collections.abc import Callable

from satellite.audio.capture.gate import ATTENTION_S

ASKED_SPEECH_MS = 100
"""Whoever pressed the button means to speak; less than this no server takes as a turn."""
UNASKED_SPEECH_MS = 200
"""A shorter sound may be a cough. ``sentence`` keeps what sounded meanwhile."""
LONGEST_S = 60.0
"""A turn is over after so long, in a room that is never silent. Held, it is the same: a button may
have lost its release."""


class PushToTalk:
    """Counts chunks; call ``hear`` before a chunk is sent and ``sent`` after that.

    ``on_begin`` is called when a turn begins. ``on_end`` is called when it ends, with whether
    anything was said; if not, the server is to forget what it was sent.
    """

    def __init__(
        self,
        *,
        silence_ms: int,
        on_begin: Callable[[], None],
        on_end: Callable[[bool], None],
        chunk_ms: int = 20,
    ) -> None:
        self.active = False
        """A turn has begun, so the sound of the room is sent."""
        self._on_begin = on_begin
        self._on_end = on_end
        self._silence = -(-silence_ms // chunk_ms)
        self._asked_speech = ASKED_SPEECH_MS // chunk_ms
        self._unasked_speech = UNASKED_SPEECH_MS // chunk_ms
        self._attention = round(ATTENTION_S * 1000) // chunk_ms
        self._longest = round(LONGEST_S * 1000) // chunk_ms
        self._open = False
        self._pressed = False
        self._held = False
        self._repeats = False
        self._finish = False
        self._length = 0
        self._said = 0
        self._sounding = 0
        """For how many chunks something has sounded without a break."""

    # --- the button -----------------------------------------------------------------------------

    def press(self) -> None:
        """A tap: begins a turn, or ends the one that has begun."""
        self._held = False
        if self.active:
            self._finish = True
        else:
            self._pressed = True

    def hold(self) -> None:
        """The button goes down: a turn begins, or goes on until it goes up."""
        self._held = self._pressed = True

    def release(self) -> None:
        """The button goes up: the turn is over."""
        self._held = self._pressed = False
        self._finish = self.active

    def cancel(self) -> None:
        """What was said so far is lost or goes to another session. A held button begins anew."""
        self.active = False
        self._finish = False
        self._pressed = self._held

    def repeat(self) -> None:
        """What was said to a lost session is given to the next one, as a turn."""
        self._pressed = self._repeats = True

    # --- the microphone -------------------------------------------------------------------------

    def hear(self, *, passes: bool, sounds: bool, speaking: bool) -> None:
        """Takes what is known of a chunk before it is sent.

        ``passes``: the gate lets it through; ``sounds``: it is part of a sentence; ``speaking``:
        the satellite speaks, so that what sounds may be its own voice.
        """
        opened = passes and not self._open
        self._open = passes
        if self.active and not passes:
            self._end(said=False)
        if self.active or not passes:
            return
        self._sounding = self._sounding + 1 if sounds and not speaking else 0
        asked = self._pressed or opened
        if asked or self._sounding >= self._unasked_speech:
            self.active = True
            self._pressed = self._finish = False
            self._length = self._sounding = 0
            self._said = 0 if asked and not self._repeats else self._unasked_speech
            self._repeats = False
            self._on_begin()

    def sent(self, *, sounds: bool, silent: int) -> None:
        """A chunk was sent, if ``sounds`` one of a sentence. ``silent``: for how many chunks the
        room has been silent."""
        if not self.active:
            return
        self._length += 1
        self._said += sounds
        said = self._said >= self._asked_speech
        if self._length >= self._longest:
            self._held = self._pressed = False
            self._end(said=said)
        elif self._finish:
            self._end(said=said)
        elif self._held:
            return
        elif said and silent >= self._silence:
            self._end(said=True)
        elif not said and self._length >= self._attention:
            self._end(said=False)

    def _end(self, *, said: bool) -> None:
        self.active = self._finish = False
        self._on_end(said)
