"""The wire passes everything on and knows what the server said."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, WebSocketException

from satellite.demo.broker import free_port
from satellite.demo.wire import WireTap, events


def delta(item_id: str, pcm: bytes) -> str:
    sound = base64.b64encode(pcm).decode()
    return json.dumps({"type": "response.output_audio.delta", "item_id": item_id, "delta": sound})


async def speak(client: ServerConnection) -> None:
    """Says two items, one of them in fragments, asks back, and parts."""
    await client.send(delta("one", b"\1\0" * 50_000))
    await client.send(delta("two", b"\2\0"))
    whole = delta("one", b"\3\0")
    await client.send([whole[:20], whole[20:]])
    assert await client.recv() == "more"
    await client.close(4000, "enough")


def test_both_sides_meet_and_what_was_said_is_known() -> None:
    async def scene() -> None:
        async with serve(speak, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with WireTap(port) as wire:
                async with connect(wire.url, compression=None) as client:
                    got = [await client.recv() for _ in range(3)]
                    await client.send("more")
                    with pytest.raises(ConnectionClosed) as closed:
                        await client.recv()
                assert closed.value.rcvd is not None
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "enough")
                assert got[1] == delta("two", b"\2\0")
                assert wire.spoken("one") == b"\1\0" * 50_000 + b"\3\0"
                assert wire.spoken("two") == b"\2\0"
                assert wire.spoken("three") == b""

    asyncio.run(scene())


def test_without_a_server_the_client_is_sent_away() -> None:
    async def scene() -> None:
        async with WireTap(free_port()) as wire:
            with pytest.raises((OSError, WebSocketException)):
                await connect(wire.url, open_timeout=5)

    asyncio.run(scene())


def test_an_open_connection_ends_with_the_wire() -> None:
    async def listen(client: ServerConnection) -> None:
        async for _ in client:
            pass

    async def scene() -> None:
        async with serve(listen, "127.0.0.1", 0) as server:
            async with WireTap(next(iter(server.sockets)).getsockname()[1]) as wire:
                client = await connect(wire.url)
            with pytest.raises(ConnectionClosed):
                await client.recv()

    asyncio.run(scene())


def test_an_unfinished_message_is_not_told() -> None:
    handshake = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    whole = bytes([0x81, 8]) + b'{"a": 1}'
    assert list(events(handshake + whole + whole[:-1])) == [{"a": 1}]
    assert list(events(b"HTTP/1.1 401 Una")) == []
