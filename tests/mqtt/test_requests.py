"""Payloads from anybody become requests or a sentence that says what is wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.mqtt.requests import (
    MAX_PAYLOAD_BYTES,
    MAX_SAY_CHARS,
    Ask,
    Listen,
    Mute,
    Request,
    RequestError,
    Say,
    Stop,
    Volume,
    read_request,
)
from satellite.mqtt.topics import COMMANDS


@pytest.mark.parametrize(
    ("command", "payload", "request_"),
    [
        ("mute", "ON", Mute(True)),
        ("mute", "off", Mute(False)),
        ("volume", "0", Volume(0)),
        ("volume", "30.0", Volume(30)),
        ("volume", " 100 ", Volume(100)),
        ("say", "Dinner is ready.", Say("Dinner is ready.")),
        ("say", '"quoted"', Say('"quoted"')),
        ("say", '{"text": "Hi", "volume": 40}', Say("Hi", volume=40)),
        (
            "say",
            '{"text": " Hi ", "volume": "40", "chime": "on", "listen": true}',
            Say("Hi", 40, chime=True, listen=True),
        ),
        ("say", '{"text": "Hi", "volume": null, "chime": null, "listen": null}', Say("Hi")),
        ("say", "Grüße\nan\tdich", Say("Grüße\nan dich")),
        ("say", r'{"text": "a\ud800b"}', Say("a b")),
        ("ask", "Is the door locked?", Ask("Is the door locked?")),
        ("stop", "PRESS", Stop()),
        ("listen", "press", Listen()),
    ],
)
def test_good_payloads(command: str, payload: str, request_: Request) -> None:
    assert read_request(command, payload.encode()) == request_


@pytest.mark.parametrize(
    ("command", "payload", "hint"),
    [
        ("mute", b"maybe", "ON or OFF, not 'maybe'"),
        ("mute", b"\xff\xfe", "UTF-8"),
        ("volume", b"101", "0 to 100"),
        ("volume", b"-1", "0 to 100"),
        ("volume", b"nan", "0 to 100"),
        ("volume", b"1e999", "0 to 100"),
        ("volume", b"loud", "0 to 100, not 'loud'"),
        ("say", b"  ", "empty"),
        ("say", b'{"text": "Hi"', "begins like JSON"),
        ("say", b"{" * 5_000, "begins like JSON"),
        ("say", b"{}", '"text" is missing'),
        ("say", b'{"text": 5}', '"text" is missing'),
        ("say", b'{"text": ""}', "empty"),
        ("say", b'{"text": "a", "loud": 1}', "unknown: loud; known are text"),
        ("say", b'{"text": "a", "volume": true}', '"volume" must be a number'),
        ("say", b'{"text": "a", "volume": [1]}', '"volume" must be a number'),
        ("say", b'{"text": "a", "chime": 3}', '"chime" must be ON or OFF'),
        ("say", b"x" * (MAX_SAY_CHARS + 1), "too many"),
        ("say", b"x" * (MAX_PAYLOAD_BYTES + 1), "too many"),
        ("ask", b"x" * 1_001, "too many"),
        ("stop", b"NOW", "expected PRESS, not 'NOW'"),
        ("listen", b"{}", "expected PRESS"),
    ],
)
def test_bad_payloads_say_what_is_wrong(command: str, payload: bytes, hint: str) -> None:
    with pytest.raises(RequestError, match=re.escape(hint)) as caught:
        read_request(command, payload)
    assert len(str(caught.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(COMMANDS)), st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(command: str, payload: bytes) -> None:
    try:
        request = read_request(command, payload)
    except RequestError:
        return
    _is_bounded(request)


@given(st.dictionaries(st.sampled_from(["text", "volume", "chime", "listen", "x"]), JSON))
def test_no_json_does_more_than_be_refused(fields: dict[str, Any]) -> None:
    try:
        request = read_request("say", json.dumps(fields).encode())
    except RequestError:
        return
    _is_bounded(request)


def _is_bounded(request: Request) -> None:
    if isinstance(request, Volume):
        assert 0 <= request.percent <= 100
    if isinstance(request, Say):
        assert 0 < len(request.text) <= MAX_SAY_CHARS
        assert request.text.encode()
        assert request.volume is None or 0 <= request.volume <= 100
