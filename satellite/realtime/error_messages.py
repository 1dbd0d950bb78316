"""Reads from an error's message what no code, field or header tells."""

from __future__ import annotations

import re


def code_of(message: str) -> str:
    """The code that belongs to a well-known message, which some servers send alone; else empty."""
    lower = message.lower()
    return next((code for said, code in _CODES_BY_WORDS.items() if said in lower), "")


_CODES_BY_WORDS: dict[str, str] = {
    "already has an active response": "conversation_already_has_active_response",
    "no active response": "response_cancel_not_active",
    "maximum duration": "session_expired",
    "exceeded your current quota": "insufficient_quota",
    "incorrect api key": "invalid_api_key",
    "invalid api key": "invalid_api_key",
    "rate limit": "rate_limit_exceeded",
    "too many requests": "rate_limit_exceeded",
}


def retry_after_in_text_s(message: str) -> float:
    """The seconds of a message like ``Please try again in 1m1.2s``; 0 without such words."""
    asked = _TRY_AGAIN.search(message)
    if asked is None or not any(asked.groups()):
        return 0.0
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in asked.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


_TRY_AGAIN = re.compile(
    r"\b(?:try again|retry) (?:in|after) (?:(\d+)\s?h[a-z]*)?\s?(?:(\d+)\s?m(?!s)[a-z]*)?\s?"
    r"(?:(\d+(?:\.\d+)?)\s?s[a-z]*)?\s?(?:(\d+(?:\.\d+)?)\s?ms)?",
    re.IGNORECASE,
)
