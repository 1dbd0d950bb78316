"""Whether the satellite has just asked something that a person is about to answer.

A session that is renewed then would get an answer without its question.
"""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList

ANSWERED_WITHIN_S = 10.0
"""Who thinks about a question for longer says more than "yes"."""
QUESTION_MARKS = ("?", "？", "؟", ";", "՞", "፧")
"""Of Latin, Chinese, Arabic, Greek, Armenian and Amharic."""
CLOSING = " \"'”“»’)）」』\n"
"""What may stand behind a question mark."""


class OpenQuestion:
    """The question with which the latest speech of the satellite ended, if it was one."""

    def __init__(self, effects: EffectList) -> None:
        self._effects = effects
        self._until_s = 0.0

    def said(self, text: str) -> None:
        """The satellite has spoken. Of servers that send no text anything may be a question."""
        asks = not text or text.rstrip(CLOSING).endswith(QUESTION_MARKS)
        self._until_s = self._effects.now_s + ANSWERED_WITHIN_S if asks else 0.0

    def link_lost(self) -> None:
        self._until_s = 0.0

    def is_open(self, now_s: float) -> bool:
        return now_s < self._until_s
