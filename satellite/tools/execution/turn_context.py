"""What the person heard and said before a call, as the conversation knows it.

``confirmation`` judges a yes by it: whether the question was heard, and whether somebody agreed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """One item of the satellite's speech that was heard, numbered in the order of speaking.

    ``text`` is the whole item, empty where the server sends no transcript. ``whole``: the item was
    complete and heard to its end. ``after`` are the calls whose results were known when it began,
    and ``first_after`` those of them whose results no earlier speech knew.
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
    """The person's turn that led to a call, and what was heard before it began.

    ``text`` is None where there is no transcript, and empty where the turn had no words.
    """

    turn: int
    typed: bool = False
    text: str | None = None
    heard: tuple[SpeechHeard, ...] = ()
