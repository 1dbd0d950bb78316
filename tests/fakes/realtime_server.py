"""A Realtime server that sends what a test or measurement tells it to, and logs what it gets.

Times are ``time.monotonic()`` seconds, the clock of the room's recordings.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import math
import time
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

RATE_HZ = 24_000
BYTES_PER_MS = RATE_HZ // 1000 * 2


LOUD = 12_000
"""Amplitude of the test tone: far above any dither, far below clipping."""


def tone(ms: int, rate_hz: int = RATE_HZ, hz: float = 1000.0) -> bytes:
    """A tone that begins and ends at full swing, so that its edges have a time."""
    count = rate_hz * ms // 1000
    swing = (LOUD * math.cos(2 * math.pi * hz * n / rate_hz) for n in range(count))
    return array("h", (round(value) for value in swing)).tobytes()


@dataclass(frozen=True, slots=True)
class Received:
    """One client event. ``at_s`` is when its frame had been read."""

    at_s: float
    kind: str
    event: dict[str, Any]


@dataclass(slots=True)
class ReceivedAudio:
    """The microphone's audio as it arrived: one stream, and when each piece of it came."""

    data: bytearray = field(default_factory=bytearray)
    pieces: list[tuple[float, int]] = field(default_factory=list)
    """Arrival time and the length of the stream before the piece, in bytes."""

    def add(self, at_s: float, audio: bytes) -> None:
        self.pieces.append((at_s, len(self.data)))
        self.data += audio

    def arrival_of(self, byte: int) -> float:
        """When the piece that holds this byte of the stream came."""
        return max(at_s for at_s, start in self.pieces if start <= byte)


class FakeRealtimeServer:
    """``async with FakeRealtimeServer() as server: …``; one client at a time."""

    def __init__(self) -> None:
        self.log: list[Received] = []
        self.microphone = ReceivedAudio()
        self.received_bytes = 0
        """All that clients have sent, as text on the wire."""
        self.connected_s = 0.0
        self.connections = 0
        self.refusal: dict[str, Any] = {}
        """If set, every client gets this error and is disconnected."""
        self.upgrade: Response | None = None
        """If set, every upgrade is refused with it."""
        self.closes = 0
        """If set, every client is disconnected with this close code at once."""
        self.silent = False
        """If set, clients are accepted and told nothing."""
        self._asked: deque[Any] = deque()
        """Metadata of the responses that were asked for; the next response echoes the first."""
        self._ids = itertools.count(1)
        self._server: Server | None = None
        self._client: ServerConnection | None = None
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._talk,
            "127.0.0.1",
            0,
            compression=None,
            max_size=None,
            process_request=self._at_the_door,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/v1/realtime"

    def _at_the_door(self, _: ServerConnection, __: Request) -> Response | None:
        if self.upgrade is not None:
            self.connections += 1
        return self.upgrade

    @property
    def asked_for(self) -> int:
        """Responses that were asked for and have not begun."""
        return len(self._asked)

    async def _talk(self, connection: ServerConnection) -> None:
        # A client that just goes away (or is cut off) is a part of many a measurement.
        with contextlib.suppress(ConnectionClosed):
            await self._listen(connection)

    async def _listen(self, connection: ServerConnection) -> None:
        self._client = connection
        self.connected_s = time.monotonic()
        self.connections += 1
        self.microphone = ReceivedAudio()
        self._asked.clear()
        if self.refusal:
            await self.send("error", error=self.refusal)
            await connection.close(3000, f"invalid_request_error.{self.refusal['code']}")
            return
        if self.closes:
            await connection.close(self.closes)
            return
        if self.silent:
            await connection.wait_closed()
            return
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        await self.send("session.created", session=session)
        async for message in connection:
            at_s = time.monotonic()
            self.received_bytes += len(message)
            event = json.loads(message)
            kind = str(event["type"])
            if kind == "input_audio_buffer.append":
                self.microphone.add(at_s, base64.b64decode(event["audio"]))
            else:
                self.log.append(Received(at_s, kind, event))
            if kind == "response.create":
                self._asked.append(event.get("response", {}).get("metadata"))
            if kind == "session.update":
                await self.send("session.updated", session={**session, **event["session"]})
            self._news.set()

    async def send(self, kind: str, **fields: object) -> float:
        """Sends an event; returns the time just before."""
        assert self._client is not None
        text = json.dumps({"type": kind, "event_id": f"ev_{next(self._ids)}", **fields})
        at_s = time.monotonic()
        await self._client.send(text)
        return at_s

    async def until(self, holds: Callable[[], bool], timeout_s: float = 15.0) -> None:
        """Waits for news until ``holds``. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def hang_up(self) -> None:
        """The network is cut: no close frame, nothing."""
        assert self._client is not None
        self._client.transport.abort()

    def freeze(self) -> None:
        """Stops reading without an end, as with a half-open connection."""
        assert self._client is not None
        self._client.transport.pause_reading()

    async def part(self, code: int, reason: str) -> None:
        """The server closes the connection."""
        assert self._client is not None
        await self._client.close(code, reason)

    def since(self, from_s: float, kind: str) -> list[Received]:
        return [one for one in self.log if one.at_s >= from_s and one.kind == kind]

    def tool_updates(self, from_s: float = 0.0) -> list[Received]:
        """The session updates that hold tools; others only change what the recogniser expects."""
        updates = self.since(from_s, "session.update")
        return [one for one in updates if "tools" in one.event["session"]]

    # --- what a server says -----------------------------------------------------------------------

    async def hears(self, user: str) -> None:
        """A short turn of the user, from its beginning to the committed item."""
        await self.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id=user)
        await self.send("input_audio_buffer.speech_stopped", audio_end_ms=500, item_id=user)
        await self.send("input_audio_buffer.committed", previous_item_id=None, item_id=user)

    async def begin(self, response: str, item: str) -> None:
        """A response with one spoken item, up to its first audio."""
        reply: dict[str, Any] = {"id": response, "object": "realtime.response"}
        reply["status"] = "in_progress"
        reply["metadata"] = self._asked.popleft() if self._asked else None
        await self.send("response.created", response={**reply, "output": []})
        message = {"id": item, "object": "realtime.item", "type": "message", "role": "assistant"}
        await self.send(
            "response.output_item.added",
            response_id=response,
            output_index=0,
            item={**message, "status": "in_progress", "content": []},
        )

    async def audio(self, response: str, item: str, pcm: bytes) -> float:
        return await self.send(
            "response.output_audio.delta",
            response_id=response,
            item_id=item,
            output_index=0,
            content_index=0,
            delta=base64.b64encode(pcm).decode(),
        )

    async def end(
        self, response: str, item: str, status: str = "completed", **more: object
    ) -> None:
        place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        await self.send("response.output_audio.done", **place)
        reply = {"id": response, "object": "realtime.response", "status": status, "output": []}
        await self.send("response.done", response={**reply, **more})

    async def call(self, response: str, name: str, arguments: dict[str, Any] | str) -> float:
        """A response that is one function call; returns when the call was complete.

        Arguments that are a text are sent as they are.
        """
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        item = {
            "id": f"item_{response}",
            "object": "realtime.item",
            "type": "function_call",
            "call_id": f"call_{response}",
            "name": name,
            "arguments": "",
            "status": "in_progress",
        }
        place = {"response_id": response, "output_index": 0}
        reply = {"id": response, "object": "realtime.response", "status": "in_progress"}
        await self.send("response.created", response={**reply, "output": []})
        await self.send("response.output_item.added", **place, item=item)
        done = {**item, "arguments": written, "status": "completed"}
        at_s = await self.send(
            "response.function_call_arguments.done",
            **place,
            item_id=item["id"],
            call_id=item["call_id"],
            name=name,
            arguments=done["arguments"],
        )
        await self.send("response.output_item.done", **place, item=done)
        await self.send(
            "response.done", response={**reply, "status": "completed", "output": [done]}
        )
        return at_s
