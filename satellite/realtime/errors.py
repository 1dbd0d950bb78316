"""What an error means: does trying again help, and what should a person do?

Servers report the same trouble in three places: an ``error`` event, the code and reason of a
close frame, the status of the HTTP upgrade. Each has one function here that leads to a
``Verdict``. The code of an event decides first, because close codes are used loosely.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from satellite.conversation.events import ServerError
from satellite.errors import SettingsError
from satellite.realtime.fields import printable


class Verdict(Enum):
    """How the link has to take an error."""

    HARMLESS = "harmless"
    """Nothing is wrong; a race or an empty buffer."""
    FAULT = "fault"
    """Our event was refused; the session goes on."""
    EXPIRED = "expired"
    """The session reached its end of life: open the next one at once."""
    TRANSIENT = "transient"
    """Try again, with back-off when the connection ends."""
    FATAL = "fatal"
    """Trying again cannot help; only a person can."""


_CODES: dict[str, Verdict] = {
    "input_audio_buffer_commit_empty": Verdict.HARMLESS,
    "response_cancel_not_active": Verdict.HARMLESS,
    "conversation_already_has_active_response": Verdict.HARMLESS,
    "item_truncate_invalid_item_id": Verdict.HARMLESS,
    "item_retrieve_invalid_item_id": Verdict.HARMLESS,
    "item_delete_invalid_item_id": Verdict.HARMLESS,
    "unsupported_content_type": Verdict.HARMLESS,
    "session_expired": Verdict.EXPIRED,
    "rate_limit_exceeded": Verdict.TRANSIENT,
    "inference_rate_limit_exceeded": Verdict.TRANSIENT,
    "server_error": Verdict.TRANSIENT,
    "internal_error": Verdict.TRANSIENT,
    "session_limit_reached": Verdict.TRANSIENT,
    "model_load_error": Verdict.TRANSIENT,
    "invalid_api_key": Verdict.FATAL,
    "account_deactivated": Verdict.FATAL,
    "insufficient_quota": Verdict.FATAL,
    "billing_hard_limit_reached": Verdict.FATAL,
    "missing_model": Verdict.FATAL,
    "invalid_model": Verdict.FATAL,
    "model_not_found": Verdict.FATAL,
    "beta_api_shape_disabled": Verdict.FATAL,
}
_KINDS: dict[str, Verdict] = {
    "server_error": Verdict.TRANSIENT,
    "rate_limit_error": Verdict.TRANSIENT,
    "authentication_error": Verdict.FATAL,
    "insufficient_quota": Verdict.FATAL,
}
_CLOSES: dict[int, Verdict] = {3000: Verdict.FATAL, 4004: Verdict.FATAL}

_KEY = "Check realtime.api_key, OPENAI_API_KEY or the credential file"
_MODEL = "Set realtime.model to one that this key may use"
_TODO: dict[str, str] = {
    "invalid_api_key": f"{_KEY}; the server does not accept it.",
    "authentication_error": f"{_KEY}; the server does not accept it.",
    "account_deactivated": "The account behind the key is closed; use another key.",
    "insufficient_quota": "Add credit to the account behind the key, or use another key.",
    "billing_hard_limit_reached": "Raise the account's spending limit, or wait for the next month.",
    "missing_model": f"{_MODEL}.",
    "invalid_model": f"{_MODEL}.",
    "model_not_found": f"{_MODEL}.",
    "beta_api_shape_disabled": "The beta dialect is closed there: set realtime.dialect to ga.",
}


class Trouble(Struct, frozen=True):
    """An error in the words of whoever reported it, and what it means."""

    verdict: Verdict
    reason: str
    code: str = ""
    retry_after_s: float = 0.0
    """How long the server asked to be left alone."""

    @property
    def is_final(self) -> bool:
        """Well known to be a matter of the key, the account or the model: no try can help."""
        return self.verdict is Verdict.FATAL and self.code in _TODO

    @property
    def is_about_load(self) -> bool:
        """The server asks for patience; coming back at once would make it worse."""
        return self.verdict is Verdict.TRANSIENT and (
            self.retry_after_s > 0 or "limit" in self.code or self.code == "overloaded"
        )

    def as_settings_error(self, server: str) -> SettingsError:
        """What the person at the settings gets to read; ``server`` is the public address."""
        do = _TODO.get(self.code, "Check the section realtime of the settings.")
        return SettingsError(f"{server} refuses the connection: {self.reason}.", do=do)


def describe(code: str, message: str) -> str:
    """One line out of a server's error; both parts may be missing."""
    code, message = printable(code, 100), printable(message, 300).rstrip(".")
    if code and message:
        return f"{message} ({code})"
    return message or code or "no reason given"


def from_event(error: ServerError) -> Trouble:
    """An ``error`` event; an unknown one leaves the session open, as most do."""
    code = error.code or error.kind
    verdict = _CODES.get(error.code) or _KINDS.get(error.kind) or Verdict.FAULT
    return Trouble(verdict, describe(error.code, error.message), code)


def from_close(code: int, reason: str) -> Trouble:
    """A connection that ended; ``code`` is 1006 when no close frame came.

    The reason of a refusal ends in the error code (``invalid_request_error.invalid_api_key``).
    """
    named = reason.rpartition(".")[2].strip()
    if named not in _CODES:
        named = next((known for known in _CODES if known in reason), "")
    if not named and "maximum duration" in reason:
        named = "session_expired"
    verdict = _CODES.get(named) or _CLOSES.get(code) or Verdict.TRANSIENT
    if not named and code == 3000:
        named = "invalid_api_key"
    elif not named and code == 4004:
        named = "model_not_found"
    elif not named and code == 1008 and _is_about_the_key(reason):
        verdict, named = Verdict.FATAL, "invalid_api_key"
    words = printable(reason, 200)
    what = "the connection was lost" if code in {1005, 1006} else f"closed with code {code}"
    return Trouble(verdict, f"{what}: {words}" if words else what, named)


def _is_about_the_key(reason: str) -> bool:
    lower = reason.lower()
    return any(word in lower for word in ("api key", "api_key", "auth", "forbidden", "credential"))


def from_status(status: int, code: str, message: str, retry_after_s: float = 0.0) -> Trouble:
    """An upgrade that was answered with an HTTP status instead of 101.

    ``code`` and ``message`` come from the body, where there is one.
    """
    words = f"HTTP {status}"
    if code or message:
        words += f", {describe(code, message)}"
    verdict = _CODES.get(code)
    if verdict is None:
        final = 300 <= status < 500 and status not in {408, 409, 423, 425, 429}
        verdict = Verdict.FATAL if final else Verdict.TRANSIENT
    if not code and status in {401, 403}:
        code = "invalid_api_key"
    return Trouble(verdict, words, code, retry_after_s)
