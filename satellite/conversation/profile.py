"""How the conversation treats the server that it talks to."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ConversationProfile(Struct, frozen=True):
    """What depends on the server and on the session that it is asked for."""

    interrupt: Literal["client", "server"] = "client"
    """Who cancels when the user speaks; ``client`` sends ``response.cancel`` itself."""
    detects_turns: bool = True
    """The server says when a turn of the user begins and ends, and answers it by itself."""
    fresh_after_s: float = 0.0
    """After a pause of so long the next conversation begins in a new session; 0 for never."""
    echoes_metadata: bool = True
    """Responses come back with the metadata of their request, as in GA."""
    transcribes: bool = False
    """The session asks for transcripts of the user's speech."""
    wait_for_transcript: frozenset[str] = frozenset({"confirm"})
    """Functions whose calls run only when the transcript is there."""
    offers_silence: bool = False
    """The model may stay silent (``stay_silent``) while the microphone is always open."""
    confirm_timeout_s: float = 30.0
    """How long a function that asks for a confirmation waits for it."""
    output: Literal["audio", "text"] = "audio"
    """The kind of answer that the session asks for."""
    language: str = ""
    """The tag of the language in which the satellite says something by itself; empty: English."""
