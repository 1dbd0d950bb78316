"""Payloads from anybody become requests or a sentence that says what is wrong."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from satellite.core.pictures import MAX_BASE64_BYTES
from satellite.mqtt.own_entities.requests import (
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
from satellite.mqtt.own_entities.table import COMMANDS


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
        ("say", "{hello}", Say("{hello}")),
        ("say", "{ 3 eggs } are done", Say("{ 3 eggs } are done")),
        ("say", "[1] is ready", Say("[1] is ready")),
        ("say", "[1, 2]", Say("[1, 2]")),
        ("say", "42", Say("42")),
        ("say", "true", Say("true")),
        ("say", "null", Say("null")),
        ("say", '{"text": 42}', Say("42")),
        ("say", '{"text": 21.5, "volume": 30}', Say("21.5", volume=30)),
        ("say", '{"text": "{hello}"}', Say("{hello}")),
        ("listen", "ON", Listen(held=True)),
        ("listen", "off", Listen(held=False)),
        ("ask", "{hello}", Ask("{hello}")),
        ("ask", "[1] is ready, is it?", Ask("[1] is ready, is it?")),
        ("ask", "42", Ask("42")),
        ("ask", '"quoted"', Ask('"quoted"')),
        ("ask", '{"text": "What is this?"}', Ask('{"text": "What is this?"}')),
        (
            "ask",
            '{"text": "What is this?", "picture": "iVBORw0KGgo="}',
            Ask("What is this?", "data:image/png;base64,iVBORw0KGgo="),
        ),
        ("ask", "Is the door locked?", Ask("Is the door locked?")),
        ("stop", "PRESS", Stop()),
        ("listen", "press", Listen()),
    ],
)
def test_good_payloads(command: str, payload: str, request_: Request) -> None:
    assert read_request(COMMANDS[command].request, payload.encode()) == request_


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
        ("say", b"{" * 5_000, "too many"),
        ("say", b"{}", '"text" is missing; send plain text or {"text": '),
        ("say", b'{"volume": 5}', '"text" is missing'),
        ("say", b'{"message": "Hi"}', "unknown: message; known are text"),
        ("say", b'{"text": true}', '"text" must be text in quotes, not True'),
        ("say", b'{"text": null}', '"text" must be text in quotes, not None'),
        ("say", b'{"text": ["Hi"]}', '"text" must be text in quotes'),
        ("say", b"\x00\x01", "empty"),
        ("say", b'{"text": ""}', "empty"),
        ("say", b'{"text": "a", "loud": 1}', "unknown: loud; known are text"),
        ("say", b'{"text": "a", "volume": true}', '"volume" must be a number'),
        ("say", b'{"text": "a", "volume": [1]}', '"volume" must be a number'),
        ("say", b'{"text": "a", "chime": 3}', '"chime" must be ON or OFF'),
        ("say", b"x" * (MAX_SAY_CHARS + 1), "too many"),
        ("say", b"x" * (MAX_PAYLOAD_BYTES + 1), "too many"),
        ("ask", b'{"text": "a", "picture": "AAAA"}', "it is neither JPEG nor PNG"),
        ("ask", b'{"text": "a", "picture": "/etc/passwd"}', "it is n"),
        ("ask", b'{"text": "a", "picture": 1}', '"text" and "picture" must be text'),
        ("ask", b'{"text": "", "picture": "iVBORw0KGgo="}', "empty"),
        (
            "ask",
            b'{"text": "a", "picture": "' + b"A" * (MAX_BASE64_BYTES + 4) + b'"}',
            "it has 512 kB, and 512 kB are taken",
        ),
        ("ask", b"x" * (MAX_PAYLOAD_BYTES + MAX_BASE64_BYTES + 1), "bytes are too many"),
        ("ask", b"x" * 1_001, "too many"),
        ("stop", b"NOW", "expected PRESS, not 'NOW'"),
        ("listen", b"{}", "expected PRESS"),
    ],
)
def test_bad_payloads_say_what_is_wrong(command: str, payload: bytes, hint: str) -> None:
    with pytest.raises(RequestError, match=re.escape(hint)) as caught:
        read_request(COMMANDS[command].request, payload)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ['{"text": "Hi"', '{"text": "A "big" fire"}', '{ "text": Fire}'])
def test_json_that_is_broken_is_spoken_as_it_stands_and_the_sender_is_told(text: str) -> None:
    request = read_request(Say, text.encode())
    assert isinstance(request, Say)
    assert request.text == text
    assert "begins like JSON but is none" in request.doubt


@given(st.text(min_size=1, max_size=50).filter(lambda text: text.strip().isprintable()))
def test_every_text_that_is_no_object_is_spoken_and_asked_as_it_is(text: str) -> None:
    text = text.strip()
    assume(text)
    assert read_request(Ask, text.encode()) == Ask(text)
    with contextlib.suppress(ValueError):
        assume(not isinstance(json.loads(text), dict))
    said = read_request(Say, text.encode())
    assert isinstance(said, Say)
    assert said.text == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(COMMANDS)), st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(command: str, payload: bytes) -> None:
    try:
        request = read_request(COMMANDS[command].request, payload)
    except RequestError:
        return
    _is_bounded(request)


@given(st.dictionaries(st.sampled_from(["text", "volume", "chime", "listen", "x"]), JSON))
def test_no_json_does_more_than_be_refused(fields: dict[str, Any]) -> None:
    try:
        request = read_request(Say, json.dumps(fields).encode())
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
