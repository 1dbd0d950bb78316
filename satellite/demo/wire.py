"""A TCP proxy between the satellite and the local server that keeps what the server sent.

Bytes pass unchanged in both directions. The copy of the server's bytes is decoded later, so that
what the satellite was sent is known without its own reports.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterator
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from satellite.demo.block import Block
from satellite.demo.broker import LOOPBACK

READ_BYTES = 1 << 16


class WireTap(Block):
    """``async with WireTap(port) as wire``: ``wire.url`` leads to the server at ``port``."""

    def __init__(self, server_port: int) -> None:
        self.said: list[bytearray] = []
        """The server's bytes of each connection."""
        self._server_port = server_port
        self._listener: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        assert self._listener is not None
        port = self._listener.sockets[0].getsockname()[1]
        return f"ws://{LOOPBACK}:{port}/v1/realtime"

    def spoken(self, item_id: str) -> bytes:
        """The audio that the server sent of an item: PCM16 24 kHz mono."""
        return b"".join(
            base64.b64decode(event["delta"])
            for said in self.said
            for event in events(bytes(said))
            if event.get("type") == "response.output_audio.delta" and event["item_id"] == item_id
        )

    async def _open(self) -> None:
        self._listener = await asyncio.start_server(self._accept, LOOPBACK, 0)

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def cut(self) -> None:
        """Aborts every connection, as when the network is cut."""
        for client in self._clients:
            client.transport.abort()

    def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._connect(client, to_client), name="wire")
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connect(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Returns when both sides have ended; if one is aborted, so is the other."""
        said = bytearray()
        self.said.append(said)
        self._clients.add(to_client)
        with contextlib.closing(to_client.transport):
            try:
                server, to_server = await asyncio.open_connection(LOOPBACK, self._server_port)
                with contextlib.closing(to_server.transport):
                    async with asyncio.TaskGroup() as both:
                        both.create_task(_pass(client, to_server))
                        both.create_task(_pass(server, to_client, said))
            except* ConnectionError:
                pass  # both sides notice by the end of their connection
            finally:
                self._clients.discard(to_client)


async def _pass(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, copy: bytearray | None = None
) -> None:
    while data := await source.read(READ_BYTES):
        if copy is not None:
            copy += data
        target.write(data)
        await target.drain()
    target.write_eof()


def events(said: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects that a websocket server sent after its handshake, complete ones only."""
    reader = StreamReader()
    reader.feed_data(said.partition(b"\r\n\r\n")[2])
    text = b""
    while (frame := _next_frame(reader)) is not None:
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT):
            continue
        text += frame.data
        if frame.fin:
            yield json.loads(text)
            text = b""


def _next_frame(reader: StreamReader) -> Frame | None:
    parsing = Frame.parse(reader.read_exact, mask=False)
    try:
        next(parsing)
    except StopIteration as whole:
        frame: Frame = whole.value
        return frame
    return None  # the frame is not complete
