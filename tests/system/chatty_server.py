"""A Realtime server that hears when somebody has spoken and always has something nice to say.

It understands nothing and calls no function: two satellites with such a server talk with each other
for as long as they let each other.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.fakes.realtime_server import BYTES_PER_MS

LOUD = 500
"""Mean amplitude of a voice; what is left of an echo is below."""
SILENCE_MS = 500
ONSET_MS = 60
THINKS_S = 0.3


class ChattyServer:
    """``async with ChattyServer(lines) as server``: each of ``lines`` is PCM16 24 kHz and its text.

    Each client is told the lines in order, and from the first again.
    """

    def __init__(self, lines: Sequence[tuple[str, bytes]]) -> None:
        self.lines = lines
        self.replies = 0
        self._server: Server | None = None
        self._ids = itertools.count(1)

    @property
    def url(self) -> str:
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/v1/realtime"

    async def __aenter__(self) -> Self:
        self._server = await serve(self._talk, "127.0.0.1", 0, compression=None, max_size=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await _Client(self, connection).run()

    def next_id(self, kind: str) -> str:
        return f"{kind}_{next(self._ids)}"


class _Client:
    def __init__(self, server: ChattyServer, connection: ServerConnection) -> None:
        self._server = server
        self._connection = connection
        self._lines: Iterator[tuple[str, bytes]] = itertools.cycle(server.lines)
        self._loud_ms = self._silent_ms = 0
        self._item = ""
        self._answer: asyncio.Task[None] | None = None

    async def run(self) -> None:
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        await self._send("session.created", session=session)
        async for message in self._connection:
            event = json.loads(message)
            match event["type"]:
                case "session.update":
                    await self._send("session.updated", session={**session, **event["session"]})
                case "input_audio_buffer.append":
                    await self._hear(base64.b64decode(event["audio"]))
                case "response.cancel" if self._answer is not None:
                    self._answer.cancel()

    async def _send(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - as JSON has them
        event = {"type": kind, "event_id": self._server.next_id("ev"), **fields}
        await self._connection.send(json.dumps(event))

    async def _hear(self, pcm: bytes) -> None:
        samples = array("h", pcm)
        loud = sum(map(abs, samples)) > LOUD * len(samples)
        ms = len(pcm) // BYTES_PER_MS
        self._loud_ms = self._loud_ms + ms if loud else 0
        self._silent_ms = 0 if loud else self._silent_ms + ms
        buffer = "input_audio_buffer"
        if not self._item and self._loud_ms >= ONSET_MS:
            self._item = self._server.next_id("item")
            await self._send(f"{buffer}.speech_started", audio_start_ms=0, item_id=self._item)
        if self._item and self._silent_ms >= SILENCE_MS:
            item, self._item = self._item, ""
            await self._send(f"{buffer}.speech_stopped", audio_end_ms=0, item_id=item)
            await self._send(f"{buffer}.committed", previous_item_id=None, item_id=item)
            self._answer = asyncio.create_task(self._reply())

    async def _reply(self) -> None:
        response, item = self._server.next_id("resp"), self._server.next_id("item")
        text, pcm = next(self._lines)
        reply: dict[str, Any] = {
            "id": response,
            "object": "realtime.response",
            "metadata": None,
            "output": [],
        }
        where = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        status = "cancelled"
        await self._send("response.created", response={**reply, "status": "in_progress"})
        try:
            await asyncio.sleep(THINKS_S)
            kind = "response.output_audio"
            await self._send(f"{kind}.delta", **where, delta=base64.b64encode(pcm).decode())
            await self._send(f"{kind}_transcript.done", **where, transcript=text)
            await self._send(f"{kind}.done", **where)
            status = "completed"
            self._server.replies += 1
        finally:
            await self._send("response.done", response={**reply, "status": status})
