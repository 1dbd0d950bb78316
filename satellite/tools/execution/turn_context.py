"""What the person heard and said before a call, told by whoever holds the conversation.

The home judges a yes by it: whether its question was heard, and whether somebody agreed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """One item of the satellite's speech that was heard, numbered in the order of speaking.

    ``text`` is all of it, empty where the server tells no words. ``whole``: to the end, and it was
    complete. ``after`` are the calls whose results were known when it was begun, and
    ``first_after`` those of them that nothing said before could have told of.
    """

    number: int
    text: str
    heard_ms: int
    received_ms: int
    whole: bool
    after: tuple[str, ...] = ()
    first_after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnContext:
    """The turn of the person that a call comes from, and what was heard before it began.

    ``text`` is None where nobody writes down what is said, and empty where it had no words.
    """

    turn: int
    typed: bool = False
    text: str | None = None
    heard: tuple[SpeechHeard, ...] = ()
