"""A Realtime server for the tests: real sockets on loopback, and as rude as a test wants it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from satellite.conversation.events import Event, LinkDown, LinkUp
from satellite.realtime.config import LinkConfig
from satellite.realtime.link import Link

Message = dict[str, Any]


@dataclass
class Guest:
    """One connection as the server sees it."""

    socket: ServerConnection
    number: int
    over: asyncio.Event
    """Set when the test is over."""
    received: list[Message] = field(default_factory=list)

    async def freeze(self) -> None:
        """Stops reading and answering, as a machine does that lost its network."""
        self.socket.transport.pause_reading()
        await self.over.wait()
        self.socket.transport.abort()

    async def say(self, **event: object) -> None:
        await self.socket.send(json.dumps(event))

    async def admit(self) -> None:
        """The good case: greet, take the configuration, confirm."""
        await self.say(type="session.created", session={"id": f"sess_{self.number}", "model": "m"})
        await self.hear("session.update")
        await self.say(type="session.updated", session={})

    async def hear(self, kind: str) -> Message:
        """The next event of that type; others are recorded on the way."""
        while True:
            event: Message = json.loads(await self.socket.recv())
            self.received.append(event)
            if event["type"] == kind:
                return event

    async def listen(self) -> None:
        """Until the client goes."""
        async for message in self.socket:
            self.received.append(json.loads(message))

    def heard(self, kind: str) -> list[Message]:
        return [event for event in self.received if event["type"] == kind]


RunLink = Callable[..., contextlib.AbstractAsyncContextManager["Bench"]]
Meet = Callable[..., contextlib.AbstractAsyncContextManager[tuple["FakeServer", "Bench"]]]
Script = Callable[[Guest], Awaitable[None]]


async def polite(guest: Guest) -> None:
    await guest.admit()
    await guest.listen()


@dataclass
class FakeServer:
    """Runs ``script`` for each connection; ``guests`` are all that came, in order."""

    script: Script = polite
    guests: list[Guest] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def open(self, port: int = 0, **options: Any) -> AsyncIterator[FakeServer]:  # noqa: ANN401
        over = asyncio.Event()

        async def handler(socket: ServerConnection) -> None:
            guest = Guest(socket, len(self.guests) + 1, over)
            self.guests.append(guest)
            self.requests.append(socket.request)
            with contextlib.suppress(Exception):  # a guest may go at any time
                await self.script(guest)

        async with serve(handler, "127.0.0.1", port, compression=None, **options) as server:
            scheme = "wss" if "ssl" in options else "ws"
            self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            try:
                yield self
            finally:
                over.set()


@dataclass
class Bench:
    """A link with its surroundings: virtual waiting, recorded events."""

    link: Link
    events: list[Event] = field(default_factory=list)
    waits: list[tuple[str, float]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    async def until(self, condition: Callable[[], object], timeout_s: float = 10.0) -> None:
        """Until the condition holds; the link must not have ended before."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                if self.task is not None and self.task.done():
                    self.task.result()
                    raise AssertionError("the link ended")
                await asyncio.sleep(0.002)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def ups(self) -> list[int]:
        return [event.epoch for event in self.of(LinkUp)]

    @property
    def downs(self) -> list[int]:
        return [event.epoch for event in self.of(LinkDown)]


async def no_time(_: float) -> None:
    """Waiting costs nothing, but others get their turn."""
    await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def running(config: LinkConfig, **options: Any) -> AsyncIterator[Bench]:  # noqa: ANN401
    """A link that runs until the block ends."""
    options.setdefault("sleep", no_time)
    options.setdefault("random", lambda: 1.0)
    events: list[Event] = []
    waits: list[tuple[str, float]] = []
    link = Link(
        config,
        events.append,
        on_waiting=lambda reason, delay_s: waits.append((reason, delay_s)),
        **options,
    )
    bench = Bench(link, events, waits)
    bench.task = asyncio.create_task(link.run())
    try:
        yield bench
    finally:
        bench.task.cancel()
        await asyncio.wait({bench.task})


@pytest.fixture
def fake_server() -> type[FakeServer]:
    return FakeServer


@pytest.fixture
def run_link() -> RunLink:
    return running


@contextlib.asynccontextmanager
async def meeting(script: Script = polite) -> AsyncIterator[tuple[FakeServer, Bench]]:
    """A server that keeps to the script, and a link with nothing set but its address."""
    async with FakeServer(script).open() as server, running(LinkConfig(url=server.url)) as bench:
        yield server, bench


@pytest.fixture
def meet() -> Meet:
    return meeting
