"""A network between the link and its server that can be slow, silent or half open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

PIECE = 4096


class Relay:
    """Forwards bytes both ways on loopback. All changes hold at once, also for what is open."""

    def __init__(self, server_url: str) -> None:
        self._host = urlsplit(server_url).hostname
        self._port = urlsplit(server_url).port
        self.delay_s = 0.0
        """Each way."""
        self.forwards = True
        """If not, whatever comes is taken and vanishes; new connections are accepted all the
        same. What was swallowed stays lost, and those connections stay dead."""
        self.refuses = False
        """If so, new connections are closed at once."""
        self.accepted = 0
        self.open_now = 0
        self.most_at_once = 0
        self.url = ""
        self._dead: set[int] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Ends every connection without a word; what is under way is lost."""
        for writer in self._writers:
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Relay]:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._serve(reader, writer))
            tasks.add(task)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        self.accepted += 1
        number = self.accepted
        self.open_now += 1
        self.most_at_once = max(self.most_at_once, self.open_now)
        behind = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, behind[1]}
        ways = [
            asyncio.create_task(self._forward(number, reader, behind[1])),
            asyncio.create_task(self._forward(number, behind[0], writer, tells_end=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.open_now -= 1
            self._writers -= {writer, behind[1]}
            for way in ways:
                way.cancel()
            behind[1].close()
            writer.close()

    async def _forward(
        self,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        tells_end: bool = True,
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(PIECE):
                if not self.forwards:
                    self._dead.add(number)
                if number not in self._dead:
                    loop.call_later(self.delay_s, writer.write, data)
        if number in self._dead and not tells_end:
            await asyncio.Event().wait()
        await asyncio.sleep(self.delay_s)
