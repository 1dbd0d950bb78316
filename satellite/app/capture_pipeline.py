"""From the microphone to the server: echo canceller, gate, whole sentences, link.

Reports whether anything of the room is being sent, which is known only here. A sentence is sent
whole or not at all (``sentence``); one that a lost session did not take is given to the next.

Runs on the event loop once for every chunk, fifty times a second for months, so it allocates no
more than the chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from satellite.app.lost_speech import LostSpeech
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
QUIET_MS = 1_000
"""So much silence is no pause within what somebody says, so that a session may be renewed."""
MOST_QUEUED_MS = 400
"""While so much sound waits for the network, more is kept here: a network that comes back gets it
in order, and one that does not leaves it to the next session."""


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
        """The session has a part of a sentence and will not get the rest."""

    def dropped(self) -> None:
        """A sentence has ended of which nothing was sent, for a reason that whoever spoke may not
        know."""

    def silent(self) -> None:
        """The room has been silent for a minute."""

    def held(self, on: bool) -> None:
        """Whether nothing is sent for want of a pause in what is heard; after seconds of that."""


class LinkState(Protocol):
    """What the pipeline has to know of the link."""

    @property
    def is_open(self) -> bool:
        """There is a session, and its connection stands."""

    @property
    def queued_ms(self) -> int:
        """Milliseconds of sound that wait for the network."""


class CapturePipeline:
    """Processes each chunk of the microphone.

    ``append`` returns whether the link took it; ``server_acts``: the server runs tools by itself.
    """

    def __init__(
        self,
        gate: Gate,
        *,
        append: Callable[[bytes], bool],
        link: LinkState,
        listener: CaptureListener,
        speaking: Callable[[], bool],
        clock: Callable[[], float],
        cleaner: Cleaner | None = None,
        push_to_talk: PushToTalk | None = None,
        server_acts: bool = False,
        chunk_ms: int = 20,
    ) -> None:
        self._gate = gate
        self._append = append
        self._link = link
        self._listener = listener
        self._speaking = speaking
        self._clock = clock
        self._cleaner = cleaner
        self._push_to_talk = push_to_talk
        self._server_acts = server_acts
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
        self._quiet_chunks = QUIET_MS // chunk_ms
        self._lost_speech = LostSpeech(self._sentence, listener.speech, clock)
        self._in_turn = False
        """What is sent belongs to a turn that this machine ends."""
        self._repeats = False
        """The next turn is what a lost session did not take."""

    @property
    def quiet(self) -> bool:
        """Nobody has spoken for a second, so a new session now would divide nothing."""
        return self._sentence.silent >= self._quiet_chunks or not self._gate.passes(self._clock())

    @property
    def seamless(self) -> bool:
        """Whether a new session now would be given all of what is being said."""
        return self._sentence.seamless or not self._gate.passes(self._clock())

    def session_lost(self) -> bool:
        """The session is gone. Returns whether what is being said, or was said last and the server
        has not taken, is kept for the next one; if that does not come in time, it is reported."""
        if self._lost_speech.without_session:
            return self._sentence.waiting
        self._sentence.session_lost(acts_unseen=self._server_acts)
        kept = self._lost_speech.session_lost(
            may_be_own_voice=self._speaking(), in_turn=self._in_turn
        )
        self._cancel_turn()
        return kept

    def new_session(self) -> None:
        """What is sent from now on goes to a server that has heard nothing yet."""
        self._sentence.new_session()
        if self._push_to_talk is not None and self._lost_speech.pending:
            self._push_to_talk.repeat()
            self._repeats = True
        self._lost_speech.new_session()

    def speech_reported(self) -> None:
        """The server hears somebody speak."""
        self._lost_speech.reported()

    def turn_taken(self) -> None:
        """The server took what it has heard so far for a turn, so it may act on it."""
        self._sentence.taken()
        self._lost_speech.check()

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
        if self._sentence.torn:
            self._sentence.torn = False
            if not self._gate.shut:
                self._cancel_turn()
                self._listener.cut()
        self._show(sent and passes)
        if voice and passes and self._speaking():
            self._listener.voice(voice)

    def interrupt(self) -> None:
        """No chunks come any more: the microphone is gone."""
        self._lost_speech.excuse()
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
            self._lost_speech.excuse()
            sentence.lose()
            sentence.torn = False  # whoever shut it had the server forget what it has
        held_back = sentence.held_back
        sentence.hear(heard, deaf=deaf)
        self._gate.mid_sentence = sentence.given or (not sentence.at_rest and sentence.waiting)
        if sentence.silent == self._long_silent:
            self._listener.silent()
        if sentence.at_rest and held_back:
            self._hold(False)
            told = self._excused or self._lost_speech.without_session
            if self._sent_before and not told and held_back >= self._least_speech:
                self._listener.dropped()
        if sentence.at_rest:
            self._excused = self._gate.shut
        self._notice(deaf=deaf)

    def _notice(self, *, deaf: bool) -> None:
        """Reports a sentence once it is surely more than a noise."""
        sentence = self._sentence
        if sentence.at_rest:
            self._heard = 0
        elif sentence.sounds and not deaf and not self._speaking():
            self._heard += 1
            if self._heard == self._least_speech and self._meant_for_us:
                self._lost_speech.noticed()
        self._lost_speech.check()

    @property
    def _meant_for_us(self) -> bool:
        """Whether the gate lets speech through now, or would if no spending limit locked it."""
        gate = self._gate
        locked = bool(gate.locked) and gate.mode == "open" and not gate.muted
        return locked or gate.passes(self._clock())

    def _send(self, pieces: Sequence[bytes], *, passes: bool, deaf: bool) -> bool:
        """Sends what may be sent for this chunk. Returns whether that was sound of the room."""
        sentence = self._sentence
        if deaf or not passes:
            # The silence after a gate has closed is sent as well, but it is no sound of the room.
            sentence.lose()
            return self._append_all(pieces) and passes
        offered = sentence.whole(pieces, begins=self._gate.begins)
        if not offered:
            self._hold(sentence.held_back >= self._long_held)
            return False
        if self._link.queued_ms > MOST_QUEUED_MS:
            return self._streaming
        for piece in offered:
            if not self._append(piece):
                if self._link.is_open:
                    sentence.lose()  # the network takes nothing, and what waited for it is dropped
                return False
            sentence.gave()
        self._sent_before = True
        self._hold(False)
        return True

    def _send_turn(
        self, detector: PushToTalk, pieces: Sequence[bytes], *, passes: bool, deaf: bool
    ) -> bool:
        """The same where the server does not detect turns: what is not part of one is not sent."""
        sentence = self._sentence
        if not self._lost_speech.without_session:
            detector.hear(passes=passes, sounds=sentence.sounds, speaking=self._speaking())
        if detector.active:
            if not self._in_turn and not self._repeats:
                sentence.skip_ended()
            self._repeats = False
            sent = self._send(pieces, passes=passes, deaf=deaf)
            if not sentence.behind:
                detector.sent(sounds=sent and sentence.sounds, silent=sentence.silent)
        else:
            sent = False
            sentence.keep(pieces if passes and not deaf else ())
        if self._in_turn and not detector.active:
            sentence.lose()
            sentence.torn = False  # it was committed, or the server had to forget it
        self._in_turn = detector.active
        return sent

    def _cancel_turn(self) -> None:
        self._in_turn = False
        if self._push_to_talk is not None:
            self._push_to_talk.cancel()

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
