"""A link with its surroundings, for tests that meet it with a server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from satellite.conversation import commands
from satellite.conversation.events import Event
from satellite.conversation.events.local import LinkDown, LinkUp
from satellite.realtime.config import LinkConfig
from satellite.realtime.link import Link
from tests.realtime.scripted_server import Script, ScriptedServer, accept_and_listen

CHUNK = bytes(range(240)) * 4
"""20 ms of sound."""
TOOL = commands.Tool("set_light", "Lights", {"type": "object", "properties": {}})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Bench:
    """A link with its surroundings: virtual waiting, recorded events."""

    link: Link
    events: list[Event] = field(default_factory=list)
    waits: list[tuple[str, float]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """What the room heard."""
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


@dataclass
class Clock:
    """Time that passes only where somebody waits for it; ``sleep`` and ``now`` of a link."""

    now_s: float = 1_000.0

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        await asyncio.sleep(0)


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
    refusals: list[str] = []
    link = Link(
        config,
        events.append,
        on_waiting=lambda sentence, delay_s: waits.append((sentence, delay_s)),
        on_refused=refusals.append,
        **options,
    )
    bench = Bench(link, events, waits, refusals)
    bench.task = asyncio.create_task(link.run())
    try:
        yield bench
    finally:
        bench.task.cancel()
        await asyncio.wait({bench.task})


@contextlib.asynccontextmanager
async def meeting(
    script: Script = accept_and_listen, config: LinkConfig | None = None
) -> AsyncIterator[tuple[ScriptedServer, Bench]]:
    """A server that keeps to the script, and a link that is set to its address."""
    async with (
        ScriptedServer(script).open() as server,
        running(structs.replace(config or LinkConfig(), url=server.url)) as bench,
    ):
        yield server, bench
