"""How far into a reply the loudspeaker really came, by a recording of it. Pure.

The length of the recording does not tell: after an underrun on a busy machine the card pauses. So
the recording is aligned, block by block, with the reply as the server sent it. Each block has a
*lag*, the time by which it came later than without any pause. The lag is constant from block to
block, except where the card paused or lost something. The likeliest sequence of lags (Viterbi) ends
at the position that was reached.

If that is within a silence of the reply, any position in the silence is possible: the result is a
range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from satellite.demo.recording import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.int16]
    Sound = npt.NDArray[np.float64]

REPLY_RATE_HZ = 24_000
FRAME_HZ = 12_000
"""Both are compared at this rate; speech has little energy above half of it."""
BLOCK_FRAMES = FRAME_HZ // 100
QUIET = 40
"""Amplitude that counts as silence."""
SURELY = 2
"""Times ``QUIET``: certainly audible."""
PAUSE_FRAMES = FRAME_HZ // 1000
"""1 ms of silence is a pause; a zero crossing is shorter."""
SPARE_FRAMES = FRAME_HZ // 10
"""The lag is at most the silence in the recording. The search goes further by this, in both
directions, because a card may lose something."""
CHANGE_FRAMES = 512
"""The most by which the lag changes between two blocks; a long pause takes several changes."""
AT_A_PAUSE, ELSEWHERE = 0.3, 1.0
"""The cost of a change of the lag, in units of a perfectly correlated block: in a block with a
pause and in one without (an echo may cover it)."""
UNLIKE = 0.6
"""Mean correlation of the blocks, less the cost of changes, below which it is another sound."""
EXACT_MS = 5
"""A range of at most this length is shown as one number."""
EDGE_FRAMES = FRAME_HZ // 1000
"""Accuracy of the position: 1 ms."""


@dataclass(frozen=True, slots=True)
class HeardPlace:
    """The loudspeaker came to a position of the reply between ``from_ms`` and ``to_ms``.

    ``paused_ms`` is the sum of the pauses on the way.
    """

    from_ms: float
    to_ms: float
    paused_ms: float

    @property
    def text(self) -> str:
        """``2,985 ms``, ``2,900 to 3,100 ms`` (a silence of the reply)."""
        if self.to_ms - self.from_ms <= EXACT_MS:
            return f"{(self.from_ms + self.to_ms) / 2:,.0f} ms"
        return f"{self.from_ms:,.0f} to {self.to_ms:,.0f} ms"

    def apart_ms(self, place_ms: float) -> float:
        """Distance of ``place_ms`` from the range; 0 inside."""
        return max(self.from_ms - place_ms, place_ms - self.to_ms, 0.0)


def heard_of(recorded: Samples, reply: bytes) -> HeardPlace | None:
    """The position in ``reply`` (PCM16 mono 24 kHz) at which ``recorded`` (48 kHz) ends.

    ``recorded`` has the reply from its beginning, and silence. None when it has another sound.
    """
    import numpy as np

    sound = _slower(recorded, RATE_HZ // FRAME_HZ)
    whole = np.frombuffer(reply[: len(reply) // 2 * 2], dtype="<i2")
    sent = _slower(whole, REPLY_RATE_HZ // FRAME_HZ)
    sounding, speaking = _loud(sound, QUIET), _loud(sent, QUIET)
    if not len(speaking) or len(sounding) < BLOCK_FRAMES:
        return None
    began, end = int(sounding[0]), int(sounding[-1]) + 1
    # Blocks are counted from the end: the last of them has to be whole.
    blocks = sound[began + (end - began) % BLOCK_FRAMES : end].reshape(-1, BLOCK_FRAMES)
    said = _follow(blocks, sent[int(speaking[0]) :])
    if said is None:
        return None
    reached = int(speaking[0]) + said
    before = sent[max(reached - BLOCK_FRAMES, 0) : reached]
    volume = float(np.abs(blocks[-1]).max() / np.abs(before).max(initial=1.0))
    later = _loud(sent[reached:], SURELY * QUIET / volume)
    silence = int(later[0]) if len(later) else len(sent) - reached
    edge = EDGE_FRAMES // 2
    return HeardPlace(_ms(reached - edge), _ms(reached + silence + edge), _ms(end - began - said))


def _ms(frames: int) -> float:
    return max(frames, 0) * 1000 / FRAME_HZ


def _slower(samples: Samples, times: int) -> Sound:
    whole = samples[: len(samples) // times * times].reshape(-1, times)
    slower: Sound = whole.mean(axis=1)
    return slower


def _loud(sound: Sound, quiet: float) -> npt.NDArray[np.intp]:
    """Indices of the audible samples."""
    import numpy as np

    return np.flatnonzero(np.abs(sound) > quiet)


def _follow(blocks: Sound, sent: Sound) -> int | None:
    """The index in ``sent`` where the last block ends by the likeliest sequence of lags, or None.

    ``sent`` begins with its first sound, ``blocks`` up to one block after theirs.
    """
    import numpy as np

    latest = SPARE_FRAMES + int((np.abs(blocks) <= QUIET).sum())
    lags = latest + SPARE_FRAMES
    end = (len(blocks) + 1) * BLOCK_FRAMES + SPARE_FRAMES
    padded = np.zeros(latest + end)
    padded[latest:][: len(sent)] = sent[:end]
    power = np.cumsum(np.concatenate(([0.0], padded**2)))
    # Index ``latest`` is lag 0; the greater the lag, the smaller the index.
    score = np.full(lags, -np.inf)
    score[latest - CHANGE_FRAMES : latest + CHANGE_FRAMES] = 0.0
    for number, block in enumerate(blocks):
        at = number * BLOCK_FRAMES
        near = padded[at : at + lags + BLOCK_FRAMES - 1]
        energy = power[at + BLOCK_FRAMES :][:lags] - power[at:][:lags]
        cost = AT_A_PAUSE if _pauses(block) else ELSEWHERE
        score = np.maximum(score, _highest_near(score) - cost)
        if np.abs(block).max() > QUIET:
            score += _likeness(block, near, energy)
    best = int(score.argmax())
    sounding = int((np.abs(blocks).max(axis=1) > QUIET).sum())
    if score[best] < UNLIKE * sounding:
        return None
    return max(len(blocks) * BLOCK_FRAMES + best - latest, 0)


def _likeness(block: Sound, sent: Sound, energy: Sound) -> Sound:
    """The correlation (-1 to 1) of ``block`` with ``sent`` at each offset."""
    import numpy as np

    size = 1 << len(sent).bit_length()
    spectrum = np.fft.rfft(sent, size) * np.conj(np.fft.rfft(block, size))
    product = np.fft.irfft(spectrum, size)[: len(energy)]
    alike: Sound = product / np.sqrt(np.maximum(energy * float(block @ block), 1.0))
    return alike


def _pauses(block: Sound) -> bool:
    """Whether there is a pause in the block, or perhaps a part of one at its edges."""
    import numpy as np

    loud = _loud(block, QUIET)
    edges = np.concatenate(([-1 - PAUSE_FRAMES // 2], loud, [len(block) + PAUSE_FRAMES // 2]))
    return bool(np.diff(edges).max() > PAUSE_FRAMES)


def _highest_near(score: Sound) -> Sound:
    """The maximum of the scores at most ``CHANGE_FRAMES`` away, for each index."""
    import numpy as np

    highest = score.copy()
    width = 1
    while width < CHANGE_FRAMES:  # maximum over windows that double in width
        highest[width:] = np.maximum(highest[width:], highest[:-width].copy())
        width *= 2
    highest[:-width] = np.maximum(highest[:-width], highest[width:].copy())
    return highest
