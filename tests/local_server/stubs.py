"""Stubs for parts of the local server, and a way to run a test's coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from typing import Any

from satellite.local_server.interpretation import UserMessage
from satellite.local_server.server import Options
from satellite.local_server.tts.voice import SpokenPiece

SCENE_TIMEOUT_S = 60


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, SCENE_TIMEOUT_S))


class Says:
    """A recogniser with always the same result."""

    def __init__(self, text: str = "", takes_s: float = 0.0) -> None:
        self.heard = UserMessage("user", text, understood=bool(text))
        self.takes_s = takes_s

    async def learn(self, tools: Sequence[Mapping[str, Any]]) -> None:
        pass

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        await asyncio.sleep(self.takes_s)
        return self.heard


class Hum:
    """A voice of one word per second of sound; it waits for ``gate`` after each word."""

    name = "a hum"

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.gate = gate
        self.stopped = 0

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[SpokenPiece, None]:
        try:
            for word in text.split():
                yield SpokenPiece(f"{word} ", b"\x00\x10" * 24_000)
                if self.gate is not None:
                    await self.gate.wait()
                else:
                    await asyncio.sleep(0)
        except (asyncio.CancelledError, GeneratorExit):
            self.stopped += 1
            raise

    async def warm_up(self) -> None:
        pass

    async def close(self) -> None:
        pass


def quick(**options: Any) -> Options:  # noqa: ANN401 - the fields of Options
    """Options of a server whose recogniser and voice take no time."""
    return Options(**{"recogniser": Says(), "voice": Hum(), "pace": 0.0, **options})
