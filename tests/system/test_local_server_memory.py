"""The local server gives back what a large home took: a small machine has no memory for later."""

from __future__ import annotations

import asyncio
import re
import sys
import time

import psutil

from tests.fakes.large_home import name
from tests.local_server.home_tools import Tool, names, small_home_tools, tool
from tests.local_server.wire_client import Client, silence, speech

COUNT = 2_000
MOST_MB = 60.0
"""A server that had heard a sentence kept 117 MB, and 172 when it had known so many names."""
WITHIN_S = 60.0


def large_home_tools() -> list[Tool]:
    every = names(*map(name, range(COUNT)))
    return [tool("set_power", devices=every, state={"enum": ["on", "off"]})]


def test_it_is_small_again_when_2000_devices_have_come_and_gone() -> None:
    asyncio.run(_come_and_gone())


async def _come_and_gone() -> None:
    command = [sys.executable, "-m", "satellite", "offline", "--port", "0", "--voice", "espeak"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        server = psutil.Process(process.pid)
        async with Client(await _url(process)) as client:
            await _commands(client, small_home_tools())
            await client.configure(tools=large_home_tools())
            await _commands(client, small_home_tools())
            await _small(server)  # with its session, for a satellite stays connected
    finally:
        process.terminate()
        await process.wait()


async def _url(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if found := re.search(r"ws://\S+", line.decode()):
            return found[0].rstrip(",")
    raise AssertionError("it did not get ready")


async def _commands(client: Client, tools: list[Tool]) -> None:
    """Somebody speaks, and is understood."""
    await client.configure(tools=tools, audio={"input": {"transcription": {"model": "any"}}})
    await client.stream(speech("turn on the kitchen light") + silence(1_000))
    kind = "conversation.item.input_audio_transcription.completed"
    assert (await client.wait(kind, timeout_s=60))["transcript"] == "turn on the kitchen light"
    await client.wait("response.done")


async def _small(server: psutil.Process) -> None:
    end_s = time.monotonic() + WITHIN_S
    while (now_mb := _memory_mb(server)) > MOST_MB:
        assert time.monotonic() < end_s, f"it still takes {now_mb:.0f} MB"
        await asyncio.sleep(1.0)


def _memory_mb(server: psutil.Process) -> float:
    """Of all its processes, shared pages divided among those who share them."""
    total = 0
    for process in (server, *server.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue  # it has just ended
    return total / 2**20
