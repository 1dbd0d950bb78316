"""Whether the question of a confirmation was heard, whatever the model says.

It was heard when speech that came after the result that asks was played to its end, or was cut by
the person after the device was named in it. Later speech alone is no question: where its words are
known it must name the device. Only the first answer to the result may do without (a model says
"Haustür" for "Front door"), and then must be a question.
"""

from __future__ import annotations

from collections.abc import Sequence

from satellite.tools.confirmation.answer import QUESTION_MARKS, plain
from satellite.tools.execution.turn_context import SpeechHeard, TurnContext

SHORTEST_QUESTION_MS = 300
"""Shorter speech is no question; this counts where the words are not known."""
UNHEARD_END_MS = 250
"""A person who interrupts has not understood the last quarter of a second."""
CHARS_PER_S = 20.0
"""Nobody speaks faster. A transcript may be ahead of its audio, so a share of the audio that was
received is not the same share of the words."""

Names = Sequence[Sequence[str]]
"""For each device of a question all its names."""


def heard_question(exchange: TurnContext, call_id: str, names: Names, *, later_than: int) -> bool:
    """Whether the question that the result of a call asks was heard before the turn.

    ``later_than``: only speech of a higher number counts.
    """
    return any(
        _asks(speech, call_id, names)
        for speech in exchange.heard
        if call_id in speech.after and speech.number > later_than
    )


def _asks(speech: SpeechHeard, call_id: str, names: Names) -> bool:
    if not speech.whole:
        return _names_all(_heard_text(speech), names)
    if not speech.text:
        return call_id in speech.first_after and speech.heard_ms >= SHORTEST_QUESTION_MS
    if _names_all(speech.text, names):
        return True
    questions = any(mark in speech.text for mark in QUESTION_MARKS)
    return questions and call_id in speech.first_after


def _heard_text(speech: SpeechHeard) -> str:
    """The words that were surely heard, cut at a blank where there is one."""
    heard_ms = max(0, speech.heard_ms - UNHEARD_END_MS)
    share = heard_ms / max(1, speech.received_ms)
    chars = int(min(len(speech.text) * share, heard_ms / 1000 * CHARS_PER_S))
    if speech.text[chars : chars + 1].isalnum() and " " in speech.text[:chars]:
        return speech.text[:chars].rpartition(" ")[0]
    return speech.text[:chars]


def _names_all(text: str, names: Names) -> bool:
    said = plain(text)
    return all(any(_is_named(name, said) for name in called) for called in names)


def _is_named(name: str, said: str) -> bool:
    """Whether every word of the name was said, in any order and with any ending ("the doors")."""
    words = plain(name).split()
    return bool(words) and all(
        f" {word}" in f" {said}" or (not word.isascii() and word in said) for word in words
    )
