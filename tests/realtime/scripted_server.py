"""A Realtime server for the tests: real sockets on loopback, and a script for each connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

Message = dict[str, Any]


@dataclass
class Client:
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

    async def send(self, **event: object) -> None:
        await self.socket.send(json.dumps(event))

    async def accept(self) -> None:
        """The good case: greet, take the configuration, confirm."""
        await self.send(type="session.created", session={"id": f"sess_{self.number}", "model": "m"})
        await self.receive("session.update")
        await self.send(type="session.updated", session={})

    async def receive(self, kind: str) -> Message:
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

    def received_of(self, kind: str) -> list[Message]:
        return [event for event in self.received if event["type"] == kind]


Script = Callable[[Client], Awaitable[None]]


async def accept_and_listen(client: Client) -> None:
    await client.accept()
    await client.listen()


@dataclass
class ScriptedServer:
    """Runs ``script`` for each connection; ``clients`` are all that came, in order."""

    script: Script = accept_and_listen
    clients: list[Client] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def open(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        **options: Any,  # noqa: ANN401
    ) -> AsyncIterator[ScriptedServer]:
        over = asyncio.Event()

        async def handler(socket: ServerConnection) -> None:
            client = Client(socket, len(self.clients) + 1, over)
            self.clients.append(client)
            self.requests.append(socket.request)
            with contextlib.suppress(Exception):  # a client may go at any time
                await self.script(client)

        async with serve(handler, host, port, compression=None, **options) as server:
            scheme = "wss" if "ssl" in options else "ws"
            where = f"[{host}]" if ":" in host else host
            self.url = f"{scheme}://{where}:{server.sockets[0].getsockname()[1]}"
            try:
                yield self
            finally:
                over.set()


async def frozen_at_first(client: Client) -> None:
    """The machine of the first connection loses its network; the next one is well."""
    await client.accept()
    if client.number == 1:
        await client.freeze()
    await client.listen()
