"""What the satellite says by itself, and how a written message is spoken.

The English sentences stand here; those of other languages in the section ``sentences`` of
``satellite/locales``.
"""

from __future__ import annotations

import re

NO_SERVER = "I have no connection to the server."
MUTED = "My microphone is muted."
NOTHING_SENT = "Nothing is sent to the server: {reason}."

DEFAULT_LIMIT = "I spend at most {usd} US dollars a day. My settings can change that."
LIMIT_NEAR_TODAY = "{percent} percent of today's spending limit is used up."
LIMIT_NEAR_THIS_MONTH = "{percent} percent of this month's spending limit is used up."
CHEAPER_TODAY = "Little is left of today's spending limit, so I use a smaller model until tomorrow."
CHEAPER_THIS_MONTH = (
    "Little is left of this month's spending limit, so I use a smaller model until it ends."
)
LOCAL_TODAY = (
    "Today's spending limit is reached. Until tomorrow I answer by myself, and understand less."
)
LOCAL_THIS_MONTH = (
    "This month's spending limit is reached. Until it ends I answer by myself, and understand less."
)

NO_CREDIT = "The account at the server has no credit left. Somebody has to add some."
LIMIT_AT_SERVER = (
    "The account at the server has reached its spending limit. Somebody has to raise it."
)
NO_KEY = "The server does not accept my key. Somebody has to look at the key in my settings."
CLOSED = "The account behind my key is closed. I need another key."

WRONG_MODEL = (
    "The server does not let me use the model that is set. Somebody has to choose another one."
)
FORBIDDEN = "The server does not let me in. Somebody has to look at my key and at the network."
NOT_UNDERSTOOD = "The server does not understand me. Somebody has to look at my settings."
NO_SERVER_THERE = (
    "Something else answers in place of the server. Does the network want somebody to sign in?"
)
REFUSED = "The server refuses me. Somebody has to look at my settings."

MICROPHONE_LOST = "My microphone does not work."
"""In languages in which the reason is not known; so is the next one."""
STOPPED = "I have to stop. Somebody has to look at my settings."
LEFT_OUT = "{count} announcements were left out: too many came at once."
WAKE_WORD_NEEDED = "I hear others talk. Say {word} when you want me."

SENTENCES = (
    NO_SERVER, MUTED, NOTHING_SENT, DEFAULT_LIMIT, LIMIT_NEAR_TODAY, LIMIT_NEAR_THIS_MONTH,
    CHEAPER_TODAY, CHEAPER_THIS_MONTH, LOCAL_TODAY, LOCAL_THIS_MONTH, NO_CREDIT, LIMIT_AT_SERVER,
    NO_KEY, CLOSED, WRONG_MODEL, FORBIDDEN, NOT_UNDERSTOOD, NO_SERVER_THERE, REFUSED,
    MICROPHONE_LOST, STOPPED, LEFT_OUT, WAKE_WORD_NEEDED,
)  # fmt: skip
"""All of them, for those who translate."""

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
