"""Whether a sentence was really said: its score compared with that of a free phone loop. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How badly a sentence may fit and still be accepted.

    ``overall`` is the least fit per frame of 10 ms, natural logarithm: the sentence's lead over
    the phone loop plus half of its own score (0 is the best that the decoder can give a frame).
    A clear voice has a poor score in both, a noisy room a good score in both, talk in a noisy
    room in one of them only. ``unexplained`` is the share of loud frames that may count as pauses.
    """

    overall: float
    unexplained: float


QUIET_DB, NOISY_DB = 42.0, 32.0
"""Level of speech above the noise from which a room counts as quiet, and below which as noisy."""
IN_QUIET, IN_NOISE = Limits(-6.0, 0.10), Limits(-4.8, 0.14)
"""Noise fits any sentence, so that speech in noise has to fit better; and noise is loud itself.

Chosen on five synthetic voices, clean, with noise, babble and an echo;
``tests/local_server/asr/test_recognition_figures.py`` measures them with other voices.
"""
LEAST_ADVANTAGE = 12.0
"""Least lead over the likeliest sentence with another meaning, natural logarithm."""
_OWN_SCORE = 0.5
LEAST_OF_A_WORD = -5.5
"""Least lead of the worst word per frame, so that a long sentence does not hide a wrong name."""
_SHORT_WORD_FRAMES = 6
"""Added to the length of each word, because the score of a short word is unreliable."""
_END_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """A word or phone in the frames ``begin`` to ``end`` (exclusive) and its total log score."""

    label: str
    begin: int
    end: int
    score: float

    @property
    def filler(self) -> bool:
        return is_filler(self.label)


def is_filler(label: str) -> bool:
    """Whether pocketsphinx means silence or noise between words by it."""
    return label.startswith(("<", "[", "+"))


def limits(snr_db: float) -> Limits:
    """The limits for speech of this level above the noise."""
    noise = noisiness(snr_db)
    return Limits(
        IN_QUIET.overall + noise * (IN_NOISE.overall - IN_QUIET.overall),
        IN_QUIET.unexplained + noise * (IN_NOISE.unexplained - IN_QUIET.unexplained),
    )


def noisiness(snr_db: float) -> float:
    """0 in a quiet room to 1 in a noisy one. ``snr_db``: level of speech above the noise."""
    return min(max((QUIET_DB - snr_db) / (QUIET_DB - NOISY_DB), 0.0), 1.0)


def convincing(words: Sequence[Stretch], sounds: Sequence[Stretch], limit: Limits) -> bool:
    """Whether the words fit up to the end of the speech, and nearly as well as the phone loop."""
    if all(word.filler for word in words):
        return False
    ends = [stretches[-1].end if stretches else 0 for stretches in (words, sounds)]
    if ends[0] < ends[1] - _END_FRAMES:
        return False  # the search ended early: the rest fits no sentence at all
    _, worst = margins(words, sounds)
    return leeway(words, sounds, limit) >= 0 and worst >= LEAST_OF_A_WORD


def leeway(words: Sequence[Stretch], sounds: Sequence[Stretch], limit: Limits) -> float:
    """By how much the words fit better than the limit asks."""
    lead, _ = margins(words, sounds)
    return lead + _OWN_SCORE * own_score(words) - limit.overall


def margins(words: Sequence[Stretch], sounds: Sequence[Stretch]) -> tuple[float, float]:
    """The lead of the words over the sounds per frame: overall, and that of the worst word."""
    frames = max((stretch.end for stretch in (*words, *sounds)), default=0)
    per_frame = [0.0] * frames
    for sound in sounds:
        for at in range(sound.begin, sound.end):
            per_frame[at] = sound.score / (sound.end - sound.begin)
    overall, length, worst = 0.0, 0, float("inf")
    for word in words:
        if word.end <= word.begin:
            continue
        lead = word.score - sum(per_frame[word.begin : word.end])
        overall += lead
        length += word.end - word.begin
        worst = min(worst, lead / (word.end - word.begin + _SHORT_WORD_FRAMES))
    if length == 0:
        return float("-inf"), float("-inf")
    return overall / length, worst


def own_score(words: Sequence[Stretch]) -> float:
    """Score of the sentence per frame; 0 is a perfect fit."""
    length = sum(word.end - word.begin for word in words)
    return sum(word.score for word in words) / length if length else float("-inf")


def unexplained(words: Sequence[Stretch], loud: Sequence[bool]) -> float:
    """The share of loud frames, 0 to 1, in which no word was recognised.

    ``loud`` tells for each frame whether it is louder than the room's noise.
    """
    total = sum(loud)
    missed = sum(sum(loud[word.begin : word.end]) for word in words if word.filler)
    return missed / total if total else 1.0
