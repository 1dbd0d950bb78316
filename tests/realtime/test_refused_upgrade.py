"""A refused upgrade: its reason and the wait it asks for are understood in whatever shape."""

from __future__ import annotations

import json

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.core.backoff import LOAD, PERSON
from satellite.realtime.errors import LinkFailure, Severity
from satellite.realtime.refused_upgrade import from_response

AZURE_401 = {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}
AZURE_429 = {"error": {"code": "429", "message": "Too much. Please retry after 20 seconds."}}


def refused(status: int, body: object = "", **headers: str) -> LinkFailure:
    text = body if isinstance(body, str) else json.dumps(body)
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return from_response(Response(status, "No", named, text.encode()))


@pytest.mark.parametrize(
    "body",
    [
        "No access to this model.",
        {"detail": "No access to this model."},
        {"error": "No access to this model."},
        {"message": "No access to this model."},
        {"error": {"message": "No access to this model.", "code": None, "type": None}},
        {"error": {"detail": "No access to this model.", "code": 403}},
    ],
)
def test_the_reason_is_told_in_whatever_shape_it_comes(body: object) -> None:
    failure = refused(403, body)
    assert failure.reason == "HTTP 403, No access to this model"
    assert failure.is_final


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, AZURE_401, "invalid_api_key"),
        (401, {"error": {"code": "Unauthorized", "message": "No."}}, "invalid_api_key"),
        (401, {"error": {"code": None, "type": "authentication_error"}}, "authentication_error"),
        (403, {"error": {"code": "PermissionDenied", "message": "No."}}, "forbidden"),
        (404, {"error": {"code": "DeploymentNotFound", "message": "No."}}, "model_not_found"),
        (429, {"error": {"type": "insufficient_quota", "code": None}}, "insufficient_quota"),
        (429, {"message": "You exceeded your current quota."}, "insufficient_quota"),
    ],
)
def test_a_matter_of_the_key_the_model_or_the_account_is_known_by_what_is_there(
    status: int, body: object, code: str
) -> None:
    failure = refused(status, body)
    assert (failure.severity, failure.code, failure.pace) == (Severity.FATAL, code, PERSON)


@pytest.mark.parametrize(
    ("headers", "asked_s"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "1.5"}, 1.5),
        ({"retry_after_ms": "2500", "Retry_After": "3"}, 2.5),
        (
            {
                "Retry_After": "Wed, 21 Oct 2026 07:28:30 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30,
        ),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"Retry_After": "soon"}, 0),
        ({"Retry_After": "-3"}, 0),
        ({"Retry_After": "nan"}, 0),
        ({"Retry_After": "inf"}, 0),
    ],
)
def test_how_long_it_asks_to_be_left_alone(headers: dict[str, str], asked_s: float) -> None:
    assert refused(503, "", **headers).retry_after_s == asked_s


def test_patience_that_only_the_words_ask_for() -> None:
    failure = refused(429, AZURE_429)
    assert (failure.retry_after_s, failure.pace) == (20, LOAD)
    assert refused(401, AZURE_429).retry_after_s == 0, "it is not about load"


def test_a_page_is_no_reason() -> None:
    failure = refused(502, "<html><h1>Bad Gateway</h1></html>")
    assert (failure.reason, failure.page) == ("HTTP 502", True)
