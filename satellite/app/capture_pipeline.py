"""From the microphone to the server: echo canceller, gate, whole sentences, link.

Reports whether anything of the room is being sent, which is known only here. A sentence is sent
whole or not at all (``sentence``).

Runs on the event loop once for every chunk, fifty times a second for months, so it allocates no
more than the chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from satellite.audio.capture.gate import Gate
from satellite.audio.capture.push_to_talk import PushToTalk
from satellite.audio.capture.sentence import Sentence
from satellite.conversation.events.local import Certainty

LEAST_SPEECH_MS = 300
"""If less than this of a sentence was held back it was a noise, which nobody has to repeat."""
SILENT_MS = 60_000
"""A talk is over when nobody has said anything for this long."""
LONG_HELD_MS = 5_000
"""After so long without a pause a person has to know why nothing is sent."""


class Cleaner(Protocol):
    """Takes the loudspeaker's sound out of a chunk; PCM16 mono 24 kHz in and out.

    ``deaf``: the last chunk was silenced whole. ``voice``: whether somebody began to speak in it
    while the loudspeaker sounds.
    """

    deaf: bool
    voice: Certainty

    def process(self, chunk: bytes) -> bytes: ...


class CaptureListener(Protocol):
    """Gets reports on what becomes of the room's sound."""

    def streaming(self, on: bool) -> None:
        """Whether the room's sound is being sent."""

    def voice(self, certainty: Certainty) -> None:
        """Somebody begins to speak while the satellite does, or may do so."""

    def speech(self) -> None:
        """Somebody speaks while the satellite is silent, as far as the level of the sound shows;
        once for each sentence, also while there is no server to send it to."""

    def cut(self) -> None:
        """The session has the beginning of a sentence and will not get the rest."""

    def dropped(self) -> None:
        """A sentence has ended of which nothing was sent, for a reason that whoever spoke may not
        know."""

    def silent(self) -> None:
        """The room has been silent for a minute."""

    def held(self, on: bool) -> None:
        """Whether nothing is sent for want of a pause in what is heard; after seconds of that."""


class CapturePipeline:
    """Processes each chunk of the microphone. ``append`` returns whether the link took it."""

    def __init__(
        self,
        gate: Gate,
        *,
        append: Callable[[bytes], bool],
        listener: CaptureListener,
        speaking: Callable[[], bool],
        clock: Callable[[], float],
        cleaner: Cleaner | None = None,
        push_to_talk: PushToTalk | None = None,
        chunk_ms: int = 20,
    ) -> None:
        self._gate = gate
        self._append = append
        self._listener = listener
        self._speaking = speaking
        self._clock = clock
        self._cleaner = cleaner
        self._push_to_talk = push_to_talk
        self._sentence = Sentence(chunk_ms)
        self._times_shut = gate.times_shut
        self._streaming = False
        self._held = False
        self._sent_before = False
        """Sound was sent before, so people count on being heard."""
        self._excused = False
        """The gate was shut during this sentence; whoever shut it knows that nothing was sent."""
        self._least_speech = LEAST_SPEECH_MS // chunk_ms
        self._long_silent = SILENT_MS // chunk_ms
        self._long_held = LONG_HELD_MS // chunk_ms
        self._heard = 0
        """Chunks of this sentence in which something sounded."""

    @property
    def quiet(self) -> bool:
        """Whether a new session now would cut nobody short."""
        return self._sentence.at_rest or not self._gate.passes(self._clock())

    def new_session(self) -> None:
        """What is sent from now on goes to a server that has heard nothing yet."""
        self._sentence.new_session()
        self._cancel_turn()

    def process(self, chunk: bytes) -> None:
        """Takes one chunk: PCM16 mono 24 kHz of ``chunk_ms``."""
        deaf, voice = False, Certainty.NONE
        heard = chunk
        if self._cleaner is not None:
            chunk = self._cleaner.process(chunk)
            deaf, voice = self._cleaner.deaf, self._cleaner.voice
        now_s = self._clock()
        self._follow(heard if deaf else chunk, deaf=deaf)
        pieces = self._gate.admit(chunk, now_s)
        passes = self._gate.passes(now_s)
        if self._push_to_talk is None:
            sent = self._send(pieces, passes=passes, deaf=deaf)
        else:
            sent = self._send_turn(self._push_to_talk, pieces, passes=passes, deaf=deaf)
        self._show(sent and passes)
        if voice and passes and self._speaking():
            self._listener.voice(voice)

    def interrupt(self) -> None:
        """No chunks come any more: the microphone is gone."""
        self._sentence.lost()
        self._cancel_turn()
        self._gate.gap()
        self._hold(False)
        self._show(False)

    # --- inside ---------------------------------------------------------------------------------

    def _follow(self, heard: bytes, *, deaf: bool) -> None:
        sentence = self._sentence
        self._excused = self._excused or self._gate.shut
        if self._times_shut != self._gate.times_shut:
            self._times_shut = self._gate.times_shut
            self._excused = True
            sentence.gave((), sent=False)  # whoever shut it had the server forget what it has
        held_back = sentence.held_back
        sentence.hear(heard, deaf=deaf)
        self._gate.mid_sentence = sentence.given
        if sentence.silent == self._long_silent:
            self._listener.silent()
        if sentence.at_rest and held_back:
            self._hold(False)
            if self._sent_before and not self._excused and held_back >= self._least_speech:
                self._listener.dropped()
        if sentence.at_rest:
            self._excused = self._gate.shut
        self._notice(deaf=deaf)

    def _notice(self, *, deaf: bool) -> None:
        """Reports a sentence once it is surely more than a noise."""
        if self._sentence.at_rest:
            self._heard = 0
        elif self._sentence.sounds and not deaf and not self._speaking():
            self._heard += 1
            if self._heard == self._least_speech and self._meant_for_us:
                self._listener.speech()

    @property
    def _meant_for_us(self) -> bool:
        """Whether the gate lets speech through now, or would if no spending limit locked it."""
        gate = self._gate
        locked = bool(gate.locked) and gate.mode == "open" and not gate.muted
        return locked or gate.passes(self._clock())

    def _send(self, pieces: Sequence[bytes], *, passes: bool, deaf: bool) -> bool:
        """Sends what may be sent for this chunk. Returns whether that was sound of the room."""
        sentence = self._sentence
        if not passes:
            # The silence after a gate has closed is sent as well, but it is no sound of the room.
            self._append_all(pieces)
            sentence.forget()
            self._not_given(())
            return False
        if deaf:
            self._not_given(())
            return self._append_all(pieces)
        offered = sentence.whole(pieces, begins=self._gate.begins)
        sent = bool(offered) and self._append_all(offered)
        if sent:
            self._sent_before = True
            self._hold(False)
            sentence.gave(offered, sent=True)
        else:
            self._not_given(pieces)
            self._hold(sentence.held_back >= self._long_held)
        return sent

    def _send_turn(
        self, detector: PushToTalk, pieces: Sequence[bytes], *, passes: bool, deaf: bool
    ) -> bool:
        """The same where the server does not detect turns: what is not part of one is not sent."""
        sentence = self._sentence
        detector.hear(passes=passes, sounds=sentence.sounds, speaking=self._speaking())
        if detector.active:
            sent = self._send(pieces, passes=passes, deaf=deaf)
            detector.sent(sounds=sent and sentence.sounds, silent=sentence.silent)
            return sent
        self._not_given(pieces if passes else ())
        return False

    def _cancel_turn(self) -> None:
        if self._push_to_talk is not None:
            self._push_to_talk.cancel()

    def _not_given(self, pieces: Sequence[bytes]) -> None:
        if self._sentence.gave(pieces, sent=False) and not self._gate.shut:
            self._cancel_turn()
            self._listener.cut()

    def _append_all(self, pieces: Sequence[bytes]) -> bool:
        sent = bool(pieces)
        for piece in pieces:
            sent = self._append(piece) and sent
        return sent

    def _hold(self, on: bool) -> None:
        if on is not self._held:
            self._held = on
            self._listener.held(on)

    def _show(self, streaming: bool) -> None:
        if streaming is not self._streaming:
            self._streaming = streaming
            self._listener.streaming(streaming)
