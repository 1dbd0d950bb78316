"""Words of servers that send nothing but words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.realtime.error_messages import code_of, retry_after_in_text_s


@pytest.mark.parametrize(
    ("message", "asked_s"),
    [
        ("Rate limit reached for gpt-realtime. Please try again in 1.2s. Visit …", 1.2),
        ("Please try again in 20s.", 20),
        ("Please try again in 350ms.", 0.35),
        ("Please try again in 1m12.5s.", 72.5),
        ("Please try again in 7m12s.", 432),
        ("Please try again in 1h2m3s", 3723),
        ("Please retry after 20 seconds.", 20),
        ("Try again in 2 minutes", 120),
        ("Please try again later.", 0),
        ("Retry after the call", 0),
        ("", 0),
    ],
)
def test_how_long_to_wait(message: str, asked_s: float) -> None:
    assert retry_after_in_text_s(message) == pytest.approx(asked_s)


@given(st.text(max_size=200))
def test_any_text_is_read(message: str) -> None:
    assert retry_after_in_text_s(f"try again in {message}") >= 0
    assert isinstance(code_of(message), str)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("You exceeded your current quota, please check your plan.", "insufficient_quota"),
        ("Incorrect API key provided: sk-***.", "invalid_api_key"),
        ("Your session hit the maximum duration of 60 minutes.", "session_expired"),
        ("Rate limit reached for requests", "rate_limit_exceeded"),
        ("The model is thinking", ""),
    ],
)
def test_codes_of_words(message: str, code: str) -> None:
    assert code_of(message) == code
