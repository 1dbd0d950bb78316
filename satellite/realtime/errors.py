"""What an error means: whether trying again helps, how soon, and what a person has to do.

Servers report the same error in three places: an ``error`` event, the code and reason of a close
frame, the status of the HTTP upgrade. One function for each makes a ``LinkFailure`` of it. The code
of an event decides first, because close codes are used loosely.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from satellite.conversation import spoken_texts
from satellite.conversation.events.server import ServerError
from satellite.core.backoff import FAULT, LOAD, NETWORK, PERSON, SERVER, Pace
from satellite.core.errors import SettingsError
from satellite.realtime.config import KEY_PLACES
from satellite.realtime.error_messages import code_of, retry_after_in_text_s
from satellite.realtime.fields import printable

BETA_WANTED = "beta_dialect_wanted"
GA_WANTED = "ga_dialect_wanted"
"""Codes of our own: the server expects a session of the other dialect."""


class Severity(Enum):
    """What the link does about an error."""

    HARMLESS = "harmless"
    """Nothing is wrong; a race or an empty buffer."""
    FAULT = "fault"
    """Our event was refused; the session goes on."""
    EXPIRED = "expired"
    """The session reached its end of life: open the next one at once."""
    TRANSIENT = "transient"
    """Try again, with back-off when the connection ends."""
    FATAL = "fatal"
    """Only a person can help. It ends a first start; a satellite that has worked tries on."""


_CODES: dict[str, Severity] = {
    "input_audio_buffer_commit_empty": Severity.HARMLESS,
    "response_cancel_not_active": Severity.HARMLESS,
    "conversation_already_has_active_response": Severity.HARMLESS,
    "item_truncate_invalid_item_id": Severity.HARMLESS,
    "item_retrieve_invalid_item_id": Severity.HARMLESS,
    "item_delete_invalid_item_id": Severity.HARMLESS,
    "unsupported_content_type": Severity.HARMLESS,
    "session_expired": Severity.EXPIRED,
    "rate_limit_exceeded": Severity.TRANSIENT,
    "inference_rate_limit_exceeded": Severity.TRANSIENT,
    "server_error": Severity.TRANSIENT,
    "internal_error": Severity.TRANSIENT,
    "session_limit_reached": Severity.TRANSIENT,
    "model_load_error": Severity.TRANSIENT,
    "invalid_api_key": Severity.FATAL,
    "account_deactivated": Severity.FATAL,
    "insufficient_quota": Severity.FATAL,
    "billing_hard_limit_reached": Severity.FATAL,
    "missing_model": Severity.FATAL,
    "invalid_model": Severity.FATAL,
    "model_not_found": Severity.FATAL,
    "beta_api_shape_disabled": Severity.FATAL,
    "unsupported_country_region_territory": Severity.FATAL,
}
_KINDS: dict[str, Severity] = {
    "server_error": Severity.TRANSIENT,
    "rate_limit_error": Severity.TRANSIENT,
    "authentication_error": Severity.FATAL,
    "insufficient_quota": Severity.FATAL,
}
_CLOSES: dict[int, Severity] = {3000: Severity.FATAL, 4004: Severity.FATAL}


class Advice(Struct, frozen=True):
    """What a refusal means, as a sentence to be spoken, and what to do, to be read."""

    spoken: str
    do: str


_KEY = Advice(
    spoken_texts.NO_KEY,
    f"Check the API key. {KEY_PLACES}.",
)
_MODEL = Advice(
    spoken_texts.WRONG_MODEL,
    "Set realtime.model to one that this key may use.",
)
_FORBIDDEN = Advice(
    spoken_texts.FORBIDDEN,
    "Has the key the right to use this model? Is a firewall, a VPN or the country in the way?",
)
_ADVICE: dict[str, Advice] = {
    "invalid_api_key": _KEY,
    "authentication_error": _KEY,
    "forbidden": _FORBIDDEN,
    "unsupported_country_region_territory": _FORBIDDEN,
    "account_deactivated": Advice(
        spoken_texts.CLOSED,
        "The account behind the key is closed; use another key.",
    ),
    "insufficient_quota": Advice(
        spoken_texts.NO_CREDIT,
        "Add credit to the account behind the key, or use another key.",
    ),
    "billing_hard_limit_reached": Advice(
        spoken_texts.LIMIT_AT_SERVER,
        "Raise the account's spending limit, or wait for the next month.",
    ),
    "missing_model": _MODEL,
    "invalid_model": _MODEL,
    "model_not_found": _MODEL,
    "beta_api_shape_disabled": Advice(
        spoken_texts.NOT_UNDERSTOOD,
        "The beta dialect is closed there: set realtime.dialect to ga.",
    ),
    BETA_WANTED: Advice(
        spoken_texts.NOT_UNDERSTOOD,
        'The server speaks the beta dialect: set realtime.dialect to "beta" or "auto".',
    ),
    GA_WANTED: Advice(
        spoken_texts.NOT_UNDERSTOOD,
        'The server speaks the GA dialect: set realtime.dialect to "ga" or "auto".',
    ),
}
FINAL_CODES = frozenset(_ADVICE)
"""Codes that are known to be about the key, the account, the model or the dialect."""
_PAGE = Advice(
    spoken_texts.NO_SERVER_THERE,
    "A page answers in place of the server, such as the sign-in page of a network, a proxy or a "
    "firewall; or realtime.url is not the address of a Realtime server.",
)
_REFUSED = Advice(
    spoken_texts.REFUSED,
    "Check the section realtime of the settings.",
)


class LinkFailure(Struct, frozen=True):
    """Why there is no connection, or why it ended.

    ``reason`` is what the server or the system reports, ``code`` the error's code if it is known.
    """

    severity: Severity
    reason: str
    code: str = ""
    retry_after_s: float = 0.0
    """How long the server asks to wait."""
    answered: bool = False
    """The other end reported it, so the network works."""
    page: bool = False
    """Something else answered in place of the server, such as a sign-in page."""

    @property
    def is_final(self) -> bool:
        """Neither a restart nor waiting helps, only a person."""
        return self.severity is Severity.FATAL and self.code in FINAL_CODES

    @property
    def is_overload(self) -> bool:
        """The server is overloaded or limits the rate; trying again at once makes it worse."""
        return self.severity is Severity.TRANSIENT and (
            self.retry_after_s > 0 or "limit" in self.code or self.code == "overloaded"
        )

    @property
    def pace(self) -> Pace:
        """How soon to try again."""
        if self.is_final:
            return PERSON
        if self.is_overload:
            return LOAD
        if self.page:
            return SERVER
        if self.severity is Severity.FATAL:
            return FAULT
        return SERVER if self.answered else NETWORK

    @property
    def spoken(self) -> str:
        """A sentence for the people in the room: what is wrong, and what to do."""
        return self._advice.spoken

    def as_settings_error(self, server: str) -> SettingsError:
        """The error that ends a first start; ``server`` is the public address."""
        return SettingsError(f"{server} refuses the connection: {self.reason}.", do=self._advice.do)

    def sentence(self, server: str) -> str:
        """The text for the journal and Home Assistant while it is tried again."""
        if self.severity is Severity.FATAL:
            return str(self.as_settings_error(server))
        todo = f" {_PAGE.do}" if self.page else ""
        return f"No connection to {server}: {self.reason}.{todo}"

    @property
    def _advice(self) -> Advice:
        return _ADVICE.get(self.code, _PAGE if self.page else _REFUSED)


def describe(code: str, message: str) -> str:
    """One line about a server's error; both parts may be empty."""
    code, message = printable(code, 100), printable(message, 300).rstrip(".")
    if code and message:
        return f"{message} ({code})"
    return message or code or "no reason given"


def from_event(error: ServerError) -> LinkFailure:
    """The failure of an ``error`` event; an unknown one leaves the session open, as most do."""
    code = _known(error.code, error.kind) or error.code or error.kind
    severity = _CODES.get(code) or _KINDS.get(code) or Severity.FAULT
    asked_s = retry_after_in_text_s(error.message) if severity is Severity.TRANSIENT else 0.0
    return LinkFailure(severity, describe(error.code, error.message), code, asked_s, answered=True)


def _known(*names: str) -> str:
    """The first of a code and a type that is known, else empty."""
    names = tuple(_ALIASES.get(name, name) for name in names)
    return next((name for name in names if name in _CODES or name in _KINDS), "")


_ALIASES = {"DeploymentNotFound": "model_not_found"}
"""Azure's names for what others call differently."""


def from_close(code: int, reason: str) -> LinkFailure:
    """The failure of a connection that was closed; ``code`` is 1006 without a close frame.

    The reason of a refusal ends in the error code (``invalid_request_error.invalid_api_key``).
    """
    named = reason.rpartition(".")[2].strip()
    if named not in _CODES:
        named = next((known for known in _CODES if known in reason), "")
    named = named or code_of(reason)
    severity = _CODES.get(named) or _CLOSES.get(code) or Severity.TRANSIENT
    if not named and code == 3000:
        named = "invalid_api_key"
    elif not named and code == 4004:
        named = "model_not_found"
    elif not named and (code == 1008 or code >= 4000) and _is_about_the_key(reason):
        severity, named = Severity.FATAL, "invalid_api_key"
    told = printable(reason, 200)
    what = "the connection was lost" if code in _LOST else f"closed with code {code}"
    said = f"{what}: {told}" if told else what
    asked_s = retry_after_in_text_s(reason) if severity is Severity.TRANSIENT else 0.0
    return LinkFailure(severity, said, named, asked_s, answered=code not in _LOST)


_LOST = frozenset({1005, 1006})
"""Codes of connections that ended without a reason."""


def _is_about_the_key(reason: str) -> bool:
    lower = reason.lower()
    return any(word in lower for word in ("api key", "api_key", "auth", "forbidden", "credential"))


def from_status(
    status: int,
    code: str,
    message: str,
    retry_after_s: float = 0.0,
    *,
    kind: str = "",
    page: bool = False,
) -> LinkFailure:
    """The failure of an upgrade that was answered with an HTTP status instead of 101.

    ``code``, ``kind`` and ``message`` come from the body, where there is one; ``page`` says that
    the body is a page for people. Neither a page nor a redirect comes from a Realtime server.
    """
    said = f"HTTP {status}"
    if code or message:
        said += f", {describe(code, message)}"
    page = status in _IN_BETWEEN or (page and not code and status not in {401, 403})
    # A body may repeat the status as its code, or have a code of its own; then the status decides.
    code = _known(code, kind) or code_of(message) or _CODE_OF_STATUS.get(status, code)
    severity = _CODES.get(code) or _KINDS.get(code)
    if severity is None:
        final = 300 <= status < 500 and status not in {408, 409, 423, 425, 429}
        severity = Severity.FATAL if final else Severity.TRANSIENT
    if severity is Severity.TRANSIENT:
        retry_after_s = retry_after_s or retry_after_in_text_s(message)
    return LinkFailure(severity, said, code, retry_after_s, answered=True, page=page)


_IN_BETWEEN = frozenset({200, 301, 302, 303, 307, 308, 407, 511})
"""Statuses of proxies and of networks' sign-in pages; no Realtime server sends them."""
_CODE_OF_STATUS = {401: "invalid_api_key", 403: "forbidden", 429: "rate_limit_exceeded"}
"""The meaning of a status without a known code."""
