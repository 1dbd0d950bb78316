"""The wake words that have a model: when each is recognised, and how it sounds.

The models come with pymicro-wakeword, and the settings choose among them. A test holds this list
against the package's.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Lag(Struct, frozen=True):
    """When a word is recognised, after its end: negative before it."""

    least_ms: int = -80
    most_ms: int = 360


class WakePhrase(Struct, frozen=True):
    """``phones``: how it is said, in ARPAbet."""

    lag: Lag
    phones: str


WAKE_WORDS: Final = {
    "hey mycroft": WakePhrase(Lag(-280, 200), "HH EY M AY K R AO F T"),
    "okay nabu": WakePhrase(Lag(-120, 380), "OW K EY N AA B UW"),
    "alexa": WakePhrase(Lag(-40, 360), "AH L EH K S AH"),
    "hey jarvis": WakePhrase(Lag(80, 360), "HH EY JH AA R V IH S"),
}
"""By name. Of fifteen voices nine in ten were recognised within the lag
(``scripts/benchmarks/hearing/wake_words.py``)."""
