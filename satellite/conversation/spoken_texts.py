"""What the satellite says by itself, word for word, and how a written message is spoken."""

from __future__ import annotations

import re

NO_SERVER = "I have no connection to the server."
MUTED = "My microphone is muted."
NOTHING_SENT = "Nothing is sent to the server: {reason}."

NO_CREDIT = "The account at the server has no credit left. Somebody has to add some."
LIMIT_AT_SERVER = (
    "The account at the server has reached its spending limit. Somebody has to raise it."
)
NO_KEY = "The server does not accept my key. Somebody has to look at the key in my settings."
CLOSED = "The account behind my key is closed. I need another key."

PERSON_MUST_ACT = {
    "insufficient_quota": NO_CREDIT,
    "billing_hard_limit_reached": LIMIT_AT_SERVER,
    "invalid_api_key": NO_KEY,
    "authentication_error": NO_KEY,
    "account_deactivated": CLOSED,
}
"""What is said when a response has failed and only a person can mend it, by the server's code.
Other failures pass, so a sound is enough."""


def for_speech(text: str) -> str:
    """A message that was written to be read, without addresses, quotes and underscores."""
    text = re.sub(r"\b\w+://(?:[^/\s@]*@)?([^/:\s]+)\S*", r"\1", text)
    return re.sub(r"[`\"“”]", "", text).replace("_", " ")
