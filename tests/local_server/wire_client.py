"""A bare Realtime client for tests of the local server: sends what it is told, keeps all events.

Every event that it receives is held against the types of the ``openai`` package.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import subprocess
import wave
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
import soxr
from openai.types.beta.realtime import RealtimeServerEvent as BetaServerEvent
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SERVER_EVENTS: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
BETA_SERVER_EVENTS: TypeAdapter[Any] = TypeAdapter(BetaServerEvent)

Event = dict[str, Any]


def validate(event: Event, known: TypeAdapter[Any] = SERVER_EVENTS) -> None:
    """Raises when the event is not one that the ``openai`` package knows in exactly this shape."""
    parsed = known.validate_python(event)
    assert parsed.type == event["type"]


class Client:
    """``beta``: it speaks the beta dialect from the first event on, without a header for it."""

    def __init__(
        self, url: str, model: str = "test", *, beta: bool = False, **headers: str
    ) -> None:
        self._beta = beta
        self._url = f"{url}?model={model}" if model else url
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._read = 0
        self.events: list[Event] = []

    @property
    def socket(self) -> ClientConnection:
        assert self._socket is not None
        return self._socket

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self._url, additional_headers=self._headers, compression=None, max_size=None
        )
        self._task = asyncio.create_task(self._receive())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.socket.close()
        assert self._task is not None
        await self._task

    async def _receive(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # a refusal that a test looks at itself
            async for message in self.socket:
                await self._take(json.loads(message))
        async with self._news:
            self._news.notify_all()

    async def _take(self, event: Event) -> None:
        beta = self._beta and event.get("session", {}).get("type") is None
        validate(event, BETA_SERVER_EVENTS if beta else SERVER_EVENTS)
        async with self._news:
            self.events.append(event)
            self._news.notify_all()

    async def send(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def wait(
        self, kind: str, where: Callable[[Event], bool] = lambda _: True, timeout_s: float = 20
    ) -> Event:
        """The next event of this type after those already waited for."""

        async def search() -> Event:
            while True:
                while self._read < len(self.events):
                    event = self.events[self._read]
                    self._read += 1
                    if event["type"] == kind and where(event):
                        return event
                async with self._news:
                    await self._news.wait_for(lambda: self._read < len(self.events))

        try:
            return await asyncio.wait_for(search(), timeout_s)
        except TimeoutError:
            seen = [event["type"] for event in self.events]
            raise AssertionError(f"no {kind} came; seen: {seen}") from None

    async def configure(self, **session: object) -> Event:
        kind = {} if self._beta else {"type": "realtime"}
        await self.send("session.update", session={**kind, **session})
        return await self.wait("session.updated")

    async def stream(self, pcm: bytes, chunk_ms: int = 20, pace: float = 0) -> None:
        """Appends audio in chunks, with pauses when ``pace`` (multiple of real time) is given."""
        size = chunk_ms * 48
        for start in range(0, len(pcm), size):
            await self.send("input_audio_buffer.append", audio=b64(pcm[start : start + size]))
            if pace:
                await asyncio.sleep(chunk_ms / 1000 / pace)

    async def ask(self, text: str) -> Event:
        """A user message in writing, and the response to it."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send("conversation.item.create", item=item)
        return await self.respond()

    async def respond(self, **response: object) -> Event:
        await self.send("response.create", **({"response": response} if response else {}))
        done = await self.wait("response.done")
        return dict(done["response"])

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]


async def refused(client: Client, kind: str, **fields: object) -> dict[str, Any]:
    """The error that answers this event, which must name it."""
    cause = f"cause-{len(client.events)}"
    await client.send(kind, event_id=cause, **fields)
    error: dict[str, Any] = (await client.wait("error"))["error"]
    assert error["event_id"] == cause
    assert error["type"] == "invalid_request_error"
    return error


def written(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def silence(ms: int) -> bytes:
    return bytes(48 * ms)


def speech(text: str, voice: str = "slt") -> bytes:
    """Somebody saying it, PCM16 mono 24 kHz: a voice of flite, or ``espeak``."""
    if voice == "espeak":
        command = ["espeak-ng", "-v", "en-us", "--stdout", text]
        wav = subprocess.run(command, capture_output=True, check=True).stdout
        rate, data = int.from_bytes(wav[24:28], "little"), wav[44:]
    else:
        command = ["flite", "-voice", voice, "-t", text, "-o", "/dev/stdout"]
        wav = subprocess.run(command, capture_output=True, check=True).stdout
        with wave.open(io.BytesIO(wav)) as file:
            rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data[: len(data) & ~1], dtype=np.int16)
    resampled: bytes = soxr.resample(samples, rate, 24_000).astype(np.int16).tobytes()
    return resampled
