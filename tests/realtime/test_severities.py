"""What an error means, wherever the server reported it."""

from __future__ import annotations

import pytest

from satellite.conversation.events.server import ServerError
from satellite.core.backoff import FAULT, LOAD, NETWORK, PERSON, SERVER, Pace
from satellite.realtime.errors import (
    FINAL_CODES,
    LinkFailure,
    Severity,
    from_close,
    from_event,
    from_status,
)


@pytest.mark.parametrize(
    ("code", "kind", "severity"),
    [
        ("invalid_api_key", "invalid_request_error", Severity.FATAL),
        ("insufficient_quota", "insufficient_quota", Severity.FATAL),
        ("model_not_found", "", Severity.FATAL),
        ("session_expired", "invalid_request_error", Severity.EXPIRED),
        ("rate_limit_exceeded", "", Severity.TRANSIENT),
        ("", "server_error", Severity.TRANSIENT),
        ("response_cancel_not_active", "invalid_request_error", Severity.HARMLESS),
        ("conversation_already_has_active_response", "", Severity.HARMLESS),
        ("invalid_value", "invalid_request_error", Severity.FAULT),
        ("something_new", "something_else", Severity.FAULT),
        ("", "", Severity.FAULT),
        ("unauthorized", "authentication_error", Severity.FATAL),
    ],
)
def test_error_events(code: str, kind: str, severity: Severity) -> None:
    assert from_event(ServerError(code, "words", kind)).severity is severity


@pytest.mark.parametrize(
    ("code", "reason", "severity"),
    [
        (1000, "", Severity.TRANSIENT),
        (1001, "", Severity.TRANSIENT),
        (1001, "Your session hit the maximum duration of 60 minutes.", Severity.EXPIRED),
        (1000, "session_expired", Severity.EXPIRED),
        (1006, "", Severity.TRANSIENT),
        (1008, "session_limit_reached", Severity.TRANSIENT),
        (1008, "Invalid API key", Severity.FATAL),
        (1008, "policy violation", Severity.TRANSIENT),
        (1011, "internal error", Severity.TRANSIENT),
        (1008, "You exceeded your current quota", Severity.FATAL),
        (1013, "Too many requests", Severity.TRANSIENT),
        (4001, "Unauthorized", Severity.FATAL),
        (4403, "Forbidden", Severity.FATAL),
        (4000, "Idle for too long", Severity.TRANSIENT),
        (3000, "invalid_request_error.invalid_api_key", Severity.FATAL),
        (3000, "", Severity.FATAL),
        (4000, "invalid_request_error.beta_api_shape_disabled", Severity.FATAL),
        (4000, "invalid_request_error.something_new", Severity.TRANSIENT),
        (4004, "", Severity.FATAL),
    ],
)
def test_closes(code: int, reason: str, severity: Severity) -> None:
    assert from_close(code, reason).severity is severity


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (200, Severity.TRANSIENT),
        (307, Severity.FATAL),
        (400, Severity.FATAL),
        (401, Severity.FATAL),
        (403, Severity.FATAL),
        (404, Severity.FATAL),
        (408, Severity.TRANSIENT),
        (429, Severity.TRANSIENT),
        (500, Severity.TRANSIENT),
        (502, Severity.TRANSIENT),
        (503, Severity.TRANSIENT),
    ],
)
def test_upgrades_that_are_refused(status: int, severity: Severity) -> None:
    assert from_status(status, "", "").severity is severity


def test_the_code_of_a_body_decides_over_the_status() -> None:
    assert from_status(429, "insufficient_quota", "No money").severity is Severity.FATAL
    assert from_status(400, "rate_limit_exceeded", "").severity is Severity.TRANSIENT


def test_only_key_account_and_model_are_final() -> None:
    assert from_event(ServerError("unauthorized", "", "authentication_error")).is_final
    assert from_status(401, "", "").is_final
    assert from_close(4004, "").is_final
    assert not from_status(404, "", "").is_final, "a proxy may be starting"
    assert not LinkFailure(Severity.FATAL, "no", "invalid_value").is_final


def test_who_asks_for_patience() -> None:
    assert from_status(503, "", "", 5.0).is_overload
    assert from_status(429, "", "").is_overload
    assert from_event(ServerError("rate_limit_exceeded", "")).is_overload
    asked = ServerError("rate_limit_exceeded", "Please try again in 1.2s.")
    assert from_event(asked).retry_after_s == 1.2
    assert from_close(1008, "Rate limit reached. Please try again in 20s.").retry_after_s == 20
    assert not from_close(1006, "").is_overload


@pytest.mark.parametrize(
    ("failure", "pace"),
    [
        (from_close(1006, ""), NETWORK),
        (from_status(502, "", ""), SERVER),
        (from_status(200, "", ""), SERVER),
        (from_status(302, "", "the address moved to http://portal"), SERVER),
        (from_status(407, "", ""), SERVER),
        (from_status(511, "", ""), SERVER),
        (from_status(404, "", "", page=True), SERVER),
        (from_close(1011, "internal error"), SERVER),
        (from_status(404, "", ""), FAULT),
        (from_status(503, "", "", 9.0), LOAD),
        (from_close(1008, "session_limit_reached"), LOAD),
        (from_status(401, "", ""), PERSON),
        (from_status(403, "", "", page=True), PERSON),
        (from_close(3000, ""), PERSON),
        (from_close(4004, ""), PERSON),
        (from_status(429, "insufficient_quota", ""), PERSON),
        (from_event(ServerError("billing_hard_limit_reached", "")), PERSON),
    ],
)
def test_how_soon_it_is_tried_again(failure: LinkFailure, pace: Pace) -> None:
    assert failure.pace == pace


@pytest.mark.parametrize("status", [200, 302, 407, 511])
def test_what_stands_in_the_way_is_told_for_what_it_is(status: int) -> None:
    told = from_status(status, "", "").sentence("wss://api.example/v1/realtime")
    assert f"HTTP {status}" in told
    assert "sign-in page of a network, a proxy" in told


def test_what_the_room_hears_is_made_for_ears() -> None:
    for code in sorted(FINAL_CODES):
        spoken = from_event(ServerError(code, "Key sk-1234 is no good")).spoken
        assert spoken.endswith(".")
        assert not set(spoken) & set("_/:()"), "no names of settings, no addresses"
        assert "sk-1234" not in spoken


def test_a_persons_message_is_one_clean_line_with_advice() -> None:
    failure = from_event(ServerError("invalid_api_key", "Incorrect\x1b[2J key\r\nprovided."))
    error = failure.as_settings_error("wss://api.example/v1/realtime")
    assert str(error).startswith(
        "wss://api.example/v1/realtime refuses the connection: "
        "Incorrect [2J key provided (invalid_api_key). Check the API key."
    )
    assert str(error).isprintable()
