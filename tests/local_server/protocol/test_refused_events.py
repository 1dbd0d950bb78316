"""What is no event, no sound, or too little of it: refused, and the session lives on."""

from __future__ import annotations

import pytest

from satellite.local_server.server import serve
from tests.local_server.stubs import quick, run
from tests.local_server.wire_client import Client, refused, silence


def test_what_is_no_event_is_refused_and_the_session_lives_on() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            messages: list[tuple[str | bytes, str, str | None]] = [
                ("{not json", "invalid_json", None),
                ('"text"', "invalid_event", None),
                (b"\x00\x01", "invalid_event", None),
                ("{}", "missing_required_parameter", "type"),
                ('{"type": 7}', "invalid_type", "type"),
                ('{"type": "x", "event_id": 7}', "invalid_value", "type"),
                ("[" * 5_000, "invalid_json", None),
            ]
            for message, code, param in messages:
                await client.socket.send(message)
                error = (await client.wait("error"))["error"]
                assert (error["code"], error["param"]) == (code, param), message
                assert error["event_id"] is None
            await client.configure()

    run(scene())


@pytest.mark.parametrize(
    "kind", ["output_audio_buffer.clear", "transcription_session.update", "session.created", ""]
)
def test_an_unknown_type_is_refused_with_the_list_of_known_ones(kind: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            error = await refused(client, kind)
            assert (error["code"], error["param"]) == ("invalid_value", "type")
            assert "'response.create'" in error["message"]

    run(scene())


def test_less_than_a_tenth_of_a_second_cannot_be_committed() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.configure(audio={"input": {"turn_detection": None}})
            for sound in (b"", silence(99)):
                if sound:
                    await client.stream(sound)
                error = await refused(client, "input_audio_buffer.commit")
                assert error["code"] == "input_audio_buffer_commit_empty"
                assert "100ms" in error["message"]
            await client.stream(silence(1))
            await client.send("input_audio_buffer.commit")
            committed = await client.wait("input_audio_buffer.committed")
            added = await client.wait("conversation.item.added")
            assert added["item"]["id"] == committed["item_id"]
            error = await refused(client, "input_audio_buffer.commit")
            assert error["code"] == "input_audio_buffer_commit_empty"

    run(scene())


@pytest.mark.parametrize(
    ("audio", "code"),
    [
        (7, "invalid_type"),
        (None, "invalid_type"),
        ("§§", "invalid_value"),
        ("abc", "invalid_value"),
    ],
)
def test_sound_that_is_not_base64_is_refused(audio: object, code: str) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            error = await refused(client, "input_audio_buffer.append", audio=audio)
            assert (error["code"], error["param"]) == (code, "audio")

    run(scene())


def test_too_long_an_event_id_is_refused() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            await client.send("input_audio_buffer.clear", event_id="e" * 513)
            error = (await client.wait("error"))["error"]
            assert (error["code"], error["param"]) == ("string_above_max_length", "event_id")

    run(scene())
