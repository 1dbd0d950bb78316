"""Whether a sentence was really said: its score beside that of the sounds themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How badly a sentence may fit and still be believed.

    ``overall`` is the least fit per frame of 10 ms, natural logarithm: the sentence's lead over
    mere sounds, and half of its own score (the decoder's best possible sound of each frame is 0).
    A clear voice has a poor score in both, a noisy room a good score in both, talk in a noisy
    room only in one. ``unexplained`` is how much of the loud frames may pass for pauses.
    """

    overall: float
    unexplained: float


QUIET_DB, NOISY_DB = 42.0, 32.0
"""Speech so far above the room's own noise is in a quiet room, or in a noisy one."""
IN_QUIET, IN_NOISE = Limits(-6.0, 0.10), Limits(-4.8, 0.14)
"""Noise fits any sentence, so more fit is asked of what is said in it; and it is loud itself.

Chosen on five synthetic voices, clean, with noise, babble and an echo; what it comes to with
others is measured in ``tests/local_server/asr/test_recognition_figures.py``.
"""
LEAST_ADVANTAGE = 12.0
"""Over the likeliest sentence with another meaning, natural logarithm: below, it is a guess."""
_OWN_SCORE = 0.5
LEAST_OF_A_WORD = -5.5
"""The least lead of the worst word, so that one wrong name does not hide in a long sentence."""
_SHORT_WORD_FRAMES = 6
"""Added to the length of each word: the score of a short one says little."""
_END_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """A word or sound from ``begin`` to before ``end`` (frames), with its whole log score."""

    label: str
    begin: int
    end: int
    score: float

    @property
    def filler(self) -> bool:
        """Silence or noise between words."""
        return self.label.startswith(("<", "[", "+"))


def limits(snr_db: float) -> Limits:
    """Those of a room in which speech is so far above the noise."""
    noise = noisiness(snr_db)
    return Limits(
        IN_QUIET.overall + noise * (IN_NOISE.overall - IN_QUIET.overall),
        IN_QUIET.unexplained + noise * (IN_NOISE.unexplained - IN_QUIET.unexplained),
    )


def noisiness(snr_db: float) -> float:
    """0 in a quiet room, 1 in a noisy one; ``snr_db``: how far speech is above its noise."""
    return min(max((QUIET_DB - snr_db) / (QUIET_DB - NOISY_DB), 0.0), 1.0)


def convincing(words: Sequence[Stretch], sounds: Sequence[Stretch], limit: Limits) -> bool:
    """Whether the words fit to the end of the speech, and nearly as well as any sounds would."""
    if all(word.filler for word in words):
        return False
    ends = [stretches[-1].end if stretches else 0 for stretches in (words, sounds)]
    if ends[0] < ends[1] - _END_FRAMES:
        return False  # the search died on the way: the rest fits no sentence at all
    _, worst = margins(words, sounds)
    return leeway(words, sounds, limit) >= 0 and worst >= LEAST_OF_A_WORD


def leeway(words: Sequence[Stretch], sounds: Sequence[Stretch], limit: Limits) -> float:
    """How much better than necessary the words fit."""
    lead, _ = margins(words, sounds)
    return lead + _OWN_SCORE * own_score(words) - limit.overall


def margins(words: Sequence[Stretch], sounds: Sequence[Stretch]) -> tuple[float, float]:
    """Score of words less that of sounds, per frame: overall, and for the worst stretch."""
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
    """Score of the sentence per frame; 0 would be a perfect fit."""
    length = sum(word.end - word.begin for word in words)
    return sum(word.score for word in words) / length if length else float("-inf")


def unexplained(words: Sequence[Stretch], loud: Sequence[bool]) -> float:
    """The part of the loud frames, 0 to 1, in which no word was heard.

    ``loud`` tells for each frame whether there was more than the room's own noise.
    """
    total = sum(loud)
    missed = sum(sum(loud[word.begin : word.end]) for word in words if word.filler)
    return missed / total if total else 1.0
