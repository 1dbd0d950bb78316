"""Detects that somebody begins to speak while the satellite speaks.

The measure is how far the microphone's spectrum is above what it should hear of the reply
(``echo_spectrum``), as the mean of all bands, in decibels. A voice fills bands and moments that the
reply leaves free, so it is found 100 ms before the canceller lets it through. The usual value is
learnt all the time: in a hard room, or beside a television, it takes more than in a quiet one.

A false detection lowers the reply for a moment. It is known as one when the reply goes on, because
the server ends the reply for somebody whom it heard; then more is needed for a while.

This runs for every chunk, so each operation counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from satellite.audio.echo.echo_spectrum import Bands, EchoSpectrum
from satellite.conversation.events.local import Certainty

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

LOW_BANDS, HIGH_BANDS = slice(0, 5), slice(8, 11)
"""A voice has its vowels in the low bands; a clap has at least as much in the high ones."""
LEAST, MOST = 0.05, 16.0
"""Limits of a single band: −13 and 12 dB, because a hum is no voice."""

FAINT_DB = 1.0
ABOVE_USUAL, MARGIN_DB = 1.3, 0.5
"""How far above the usual a chunk is for ``FAINT``, which a reply by itself causes up to
three times a minute, and for ``MAYBE``, which it causes once at most."""
MAYBE_CHUNKS = 2
SURE_CHUNKS, SURE_OF = 4, 8
"""``MAYBE`` takes so many chunks in a row that stand out, ``SURE`` so many of the last ones."""
FALLS = 0.63
"""A clap and a door fade by 2 dB from the start; a syllable does not so early."""
REARM_CHUNKS = 40
"""How long after a ``MAYBE`` there is no other one."""
EPISODE_CHUNKS = 45
"""How long nothing is learnt after it, for it may be a voice. The server needs half as long to tell
of one."""
FAINT_WARIER_DB, FAINT_CALMER_DB = 1.5, 0.001
WARIER_DB, WARIEST_DB, CALMER_DB = 2.0, 6.0, 0.0006
"""By how much each false detection raises what the next one takes, up to ``WARIEST_DB``, and each
chunk lowers it: by 3 and 1.8 dB a minute."""
HOLD_CHUNKS, HEARD_DB = 8, 0.3
"""Nothing but the loudspeaker is heard after so many chunks less than this above the usual."""
TAIL_CHUNKS = 25
"""How long an echo still dies away below twice the noise, which is overestimated at first."""
UNSURE_DB, SURER_DB = 1.2, 0.005
"""How much more it takes in the four seconds after the first echo, while the room is little known,
and by how much less with each chunk."""
USUAL_RISES, USUAL_FALLS_DB = 0.006, 0.0005
"""The usual value rises by this share of the excess of a chunk above it, and falls by this with any
other: a few chunks in a hundred are above it."""
LOUD = 100.0
"""Power above which the loudspeaker sounds."""
UNKNOWN = 1 << 30


class Onset:
    """For one microphone; takes chunks of one length, in order."""

    def __init__(self) -> None:
        self.stands_out = False
        """One of the last chunks was clearly above the usual."""
        self.alone = False
        """There is an echo of the reply, and nothing else has been heard for a while."""
        self._bands: Bands | None = None
        self._balance_db = self._heard_db = 0.0
        """Of the last chunk: the mean over all bands of the level relative to twice what was
        expected. A band with less counts against the others in the first, as 0 in the second."""
        self._usual_balance_db = -1.0
        self._usual_db = 1.0
        self._wary_db = self._faint_wary_db = 0.0
        self._unsure_db = 0.0
        self._bang = _Bang()
        self._run = 0
        self._peak = 0.0
        self._lately = [False] * SURE_OF
        self._since = self._since_faint = UNKNOWN
        """Chunks since somebody may have begun to speak."""
        self._told = self._sure = False
        """``MAYBE`` and ``SURE`` were returned for what is being said."""
        self._hold = self._tail = 0

    def process(self, sounds: Floats) -> Certainty:
        """``sounds`` are two rows: what the microphone heard, and what was played by then.

        Returns each certainty once for what somebody says.
        """
        import numpy as np

        if self._bands is None or self._bands.frames != sounds.shape[1]:
            self._bands = Bands(sounds.shape[1])
            near, far = self._bands.of(sounds)
            self._echo = EchoSpectrum(len(near))
            self._ones = np.ones_like(near)
        else:
            near, far = self._bands.of(sounds)
        echo = self._echo
        echo.play(far)
        ratio = near / np.maximum(2.0 * (echo.expected + echo.noise), echo.other)
        bands_db = np.log10(np.minimum(np.maximum(ratio, LEAST), MOST)) * (10.0 / len(ratio))
        before_db = self._balance_db
        self._balance_db = float(bands_db @ self._ones)
        self._heard_db = float(np.maximum(bands_db, 0.0) @ self._ones)
        level = float(np.maximum(near - echo.expected, 0.0) @ self._ones)
        jumps = self._balance_db - before_db > JUMPS_DB
        hisses = jumps and float(bands_db[HISSING_BANDS].sum()) > HISSES_DB
        bang = self._bang.hear(level, begins=hisses)
        found = self._decide(level, near, ratio, bang=bang)
        self._follow(echoes=bool((echo.expected @ self._ones) > 2.0 * (echo.noise @ self._ones)))
        self._learn(near, sounding=float(far @ self._ones) > LOUD)
        return found

    def begin(self) -> None:
        """The last chunk was the first echo of this process and nothing else."""
        self._since = self._since_faint = UNKNOWN
        self._wary_db = self._faint_wary_db = 0.0
        self._unsure_db = UNSURE_DB
        self._usual_db = min(max(self._usual_db, 0.5 * self._heard_db), 4.0)

    def rest(self) -> None:
        """The loudspeaker is silent."""
        self.stands_out = self.alone = False
        self._since = self._since_faint = UNKNOWN

    # --- inside ---------------------------------------------------------------------------------

    def _follow(self, *, echoes: bool) -> None:
        """Finds whether nothing but the echo is heard, or its last reverberation in the noise."""
        self._tail = TAIL_CHUNKS if echoes else max(self._tail - 1, 0)
        opens = self._heard_db > self._usual_db + HEARD_DB + self._unsure_db
        self._unsure_db = max(self._unsure_db - SURER_DB, 0.0)
        self._hold = HOLD_CHUNKS if opens else max(self._hold - 1, 0)
        self.alone = bool(self._tail) and not self._hold

    def _decide(self, level: float, near: Floats, ratio: Floats, *, bang: bool) -> Certainty:
        self._since += 1
        self._since_faint += 1
        stands_out = self._heard_db > self._usual_db * ABOVE_USUAL + MARGIN_DB + self._wary_db
        self._lately.append(stands_out)
        del self._lately[0]
        self.stands_out = True in self._lately
        self._told = self._told and self.stands_out
        found = self._faint(bang=bang)
        if not stands_out:
            self._run = 0
            return found
        self._peak = max(self._peak, level) if self._run else level
        self._run += 1
        if self._run < MAYBE_CHUNKS or bang or level < self._peak * FALLS:
            return found
        if not _vowel(near, ratio):
            return found
        if self._since >= REARM_CHUNKS and not self._told:
            self._since, self._told, self._sure = 0, True, False
            return Certainty.MAYBE
        if self._told and not self._sure and sum(self._lately) >= SURE_CHUNKS:
            self._sure = True
            return Certainty.SURE
        return found

    def _faint(self, *, bang: bool) -> Certainty:
        over_db = self._balance_db - self._usual_balance_db
        if bang or over_db <= FAINT_DB + self._faint_wary_db:
            return Certainty.NONE
        if self._since_faint <= EPISODE_CHUNKS or self._since < REARM_CHUNKS:
            return Certainty.NONE
        self._since_faint = 0
        return Certainty.FAINT

    def _learn(self, near: Floats, *, sounding: bool) -> None:
        if self._since_faint == EPISODE_CHUNKS and sounding:
            self._faint_wary_db = min(self._faint_wary_db + FAINT_WARIER_DB, WARIEST_DB)
        self._faint_wary_db = max(self._faint_wary_db - FAINT_CALMER_DB, 0.0)
        if self._since < EPISODE_CHUNKS:
            return
        if self._since == EPISODE_CHUNKS and sounding:
            self._wary_db = min(self._wary_db + WARIER_DB, WARIEST_DB)
        self._wary_db = max(self._wary_db - CALMER_DB, 0.0)
        self._usual_db = max(_drawn(self._usual_db, self._heard_db), 0.3)
        self._usual_balance_db = _drawn(self._usual_balance_db, self._balance_db)
        self._echo.learn(near)


JUMPS_DB = 7.5
"""A bang rises by this in all bands within one chunk. A voice does so in one of twenty cases …"""
HISSING_BANDS, HISSES_DB = slice(11, 13), 0.6
"""… and hardly above 4.5 kHz: it has less than 4 dB there (0.6 dB in the mean over all bands)."""
BANG_CHUNKS = 5
BANG_FALLS = 0.8
"""1 dB in 20 ms; a room of 1.2 s."""


class _Bang:
    """Recognises a clap or a door: a jump in all bands, and what only fades after it."""

    def __init__(self) -> None:
        self._level = 0.0
        self._chunks = BANG_CHUNKS

    def hear(self, level: float, *, begins: bool) -> bool:
        self._chunks = 0 if begins else self._chunks + 1
        if self._chunks < BANG_CHUNKS:
            self._level = max(self._level * BANG_FALLS, level)
            return True
        self._level = self._level * BANG_FALLS if level < self._level else 0.0
        return self._level > 0.0


def _drawn(usual_db: float, found_db: float) -> float:
    over_db = found_db - usual_db
    return usual_db + (USUAL_RISES * min(over_db, 3.0) if over_db > 0 else -USUAL_FALLS_DB)


def _vowel(near: Floats, ratio: Floats) -> bool:
    import numpy as np

    fresh = near * (ratio > 1.0)
    return bool(np.sum(fresh[LOW_BANDS]) >= np.sum(fresh[HIGH_BANDS]))
