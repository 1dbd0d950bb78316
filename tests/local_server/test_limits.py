"""Limits: how many sessions there may be, and what one client may accumulate."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from satellite.local_server.admission import MAX_SESSIONS
from satellite.local_server.asr.listener import MAX_WAITING_BYTES
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.protocol.history import MAX_KEPT_CHARS
from satellite.local_server.protocol.shapes.tools import MAX_TOOLS_BYTES
from satellite.local_server.server import Server, serve
from tests.local_server.stubs import Says, quick, run
from tests.local_server.wire_client import Client, b64, refused, silence, written

MANY = 300
SECOND = b64(silence(1_000))


async def told_no(server: Server, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as found:
        await connect(f"{server.url}?model=m", additional_headers=headers)
    response = found.value.response
    return response.status_code, bytes(response.body or b"").decode()


async def asked_plainly(server: Server, path: str, host: str, *headers: str) -> str:
    """The status line of a GET as a browser sends it for a picture."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", "")
    writer.write("\r\n".join(lines).encode())
    status = (await reader.readline()).decode()
    writer.close()
    return status


def test_a_web_page_is_turned_away_before_it_is_a_client() -> None:
    async def scene() -> None:
        async with serve(options=quick(origins=["https://panel.example"])) as server:
            status, words = await told_no(server, {"Origin": "https://evil.example"})
            assert status == 403
            assert "--origin" in words
            assert " 403 " in await asked_plainly(server, "/v1/realtime", "evil.example:80")
            assert " 403 " in await asked_plainly(server, "/", "localhost", "Origin: null")
            assert " 404 " in await asked_plainly(server, "//[", "localhost")
            for origin in ("https://panel.example", f"http://localhost:{server.port}"):
                async with connect(
                    f"{server.url}?model=m", additional_headers={"Origin": origin}
                ) as socket:
                    assert "session.created" in str(await socket.recv())

    run(scene())


def test_a_header_that_comes_twice_is_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            twice = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]
            async with connect(f"{server.url}?model=m", additional_headers=twice) as socket:
                await socket.recv()

    run(scene())
    assert caplog.messages == []


def test_only_so_many_sessions_at_once_and_a_place_that_is_left_is_free() -> None:
    async def scene() -> None:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(serve(options=quick()))

            async def open_client() -> ClientConnection:
                socket = await connect(f"{server.url}?model=m")
                await socket.recv()
                return socket

            clients = [await open_client() for _ in range(MAX_SESSIONS)]
            status, words = await told_no(server)
            assert status == 503
            assert str(MAX_SESSIONS) in words
            # Neither who is turned away nor who asks for a page takes a place.
            await asked_plainly(server, "/v1/realtime", "localhost")
            await clients.pop().close()
            clients.append(await open_client())
            clients.pop().transport.abort()
            clients.append(await open_client())
            await told_no(server)
            for client in clients:
                await client.close()

    run(scene())


def test_all_who_come_at_the_same_moment_are_counted() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server:
            came = await asyncio.gather(
                *(connect(f"{server.url}?model=m") for _ in range(3 * MAX_SESSIONS)),
                return_exceptions=True,
            )
            inside = [one for one in came if isinstance(one, ClientConnection)]
            assert len(inside) == MAX_SESSIONS
            for one in inside:
                await one.close()

    run(scene())


def resident_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


def test_a_crowd_takes_little_memory_and_leaves_less() -> None:
    """Three hundred clients once took 800 MB, which was never given back."""

    async def stay(url: str, counts: list[int], until: asyncio.Event) -> None:
        try:
            async with connect(f"{url}?model=m", open_timeout=30, max_size=None) as socket:
                for _ in range(5):
                    event = f'{{"type": "input_audio_buffer.append", "audio": "{SECOND}"}}'
                    await socket.send(event)
                counts[0] += 1
                await until.wait()
        except InvalidStatus:
            counts[1] += 1

    async def scene() -> None:
        command = (sys.executable, "-m", "satellite", "offline", "--port", "0", "--voice", "espeak")
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        try:
            assert process.stderr is not None
            line = (await process.stderr.readline()).decode()
            found = re.search(r"ws://[\d.:]+/v1/realtime", line)
            assert found is not None, line
            counts, until = [0, 0], asyncio.Event()
            first = asyncio.create_task(stay(found[0], counts, until))  # loads what all share
            while counts[0] < 1:
                await asyncio.sleep(0.05)
            await asyncio.sleep(1)
            before = resident_mb(process.pid)
            crowd = [asyncio.create_task(stay(found[0], counts, until)) for _ in range(MANY)]
            while sum(counts) < MANY + 1:
                await asyncio.sleep(0.05)
            assert counts == [MAX_SESSIONS, MANY + 1 - MAX_SESSIONS]
            assert resident_mb(process.pid) < before + 80
            until.set()
            await asyncio.gather(first, *crowd)
            for _ in range(100):
                await asyncio.sleep(0.1)
                if resident_mb(process.pid) <= before + 15:
                    break
            assert resident_mb(process.pid) <= before + 15
        finally:
            process.terminate()
            await process.wait()

    run(scene())


def test_what_a_client_says_is_kept_within_bounds() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            words = "x" * (MAX_KEPT_CHARS // 4)
            for number in range(8):
                item = {**written(words), "id": f"item_{number}"}
                await client.send("conversation.item.create", item=item)
            await client.send("conversation.item.create", item={**written("y"), "id": "last"})
            await client.send("conversation.item.retrieve", item_id="last")
            await client.wait("conversation.item.retrieved")
            error = await refused(client, "conversation.item.retrieve", item_id="item_0")
            assert error["code"] == "item_retrieve_invalid_item_id"
            # What is too much by itself is there as long as it is the last.
            item = {**written("z" * (2 * MAX_KEPT_CHARS)), "id": "large"}
            await client.send("conversation.item.create", item=item)
            await client.send("conversation.item.retrieve", item_id="large")
            await client.wait("conversation.item.retrieved")

    run(scene())


def test_functions_and_instructions_beyond_all_measure_are_refused() -> None:
    async def scene() -> None:
        async with serve(options=quick()) as server, Client(server.url) as client:
            large = [{"type": "function", "name": "x", "description": "x" * MAX_TOOLS_BYTES}]
            for name, value in (("tools", large), ("instructions", "x" * MAX_TOOLS_BYTES)):
                session = {"type": "realtime", name: value}
                error = await refused(client, "session.update", session=session)
                assert (error["code"], error["param"]) == (
                    "string_above_max_length",
                    f"session.{name}",
                )
                error = await refused(client, "response.create", response={name: value})
                assert error["param"] == f"response.{name}"

    run(scene())


class Held(Says):
    """A recogniser that gets nothing done before ``gate`` is set."""

    def __init__(self) -> None:
        super().__init__("what time is it")
        self.gate = asyncio.Event()

    async def recognise(self, pcm: bytes, tools: Sequence[Mapping[str, Any]]) -> UserMessage:
        await self.gate.wait()
        return self.heard


def test_a_client_that_says_more_than_can_be_heard_waits() -> None:
    """Speech that was committed waits for the recogniser: in the client, not in our memory."""

    async def scene() -> None:
        recogniser = Held()
        async with (
            serve(options=quick(recogniser=recogniser)) as server,
            Client(server.url) as client,
        ):
            await client.configure(audio={"input": {"turn_detection": None}})
            piece = silence(60_000)

            async def talk() -> None:
                for _ in range(40):
                    await client.send("input_audio_buffer.append", audio=b64(piece))
                    await client.send("input_audio_buffer.commit")

            talking = asyncio.create_task(talk())
            for _ in range(300):
                await asyncio.sleep(0.1)
                taken = len(client.of("input_audio_buffer.committed"))
                if taken * len(piece) > MAX_WAITING_BYTES:
                    break
            await asyncio.sleep(1)
            taken = len(client.of("input_audio_buffer.committed"))
            assert taken == MAX_WAITING_BYTES // len(piece) + 1
            recogniser.gate.set()
            await talking
            for _ in range(40):
                await client.wait("input_audio_buffer.committed")

    run(scene())
