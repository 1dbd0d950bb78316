"""The way out of a connection, with a socket that can be jammed at will."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.protocol import State

from satellite.conversation.events import BYTES_PER_MS
from satellite.realtime import send_queue as outbox_module
from satellite.realtime.send_queue import CONGESTED_BYTES, SendQueue

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection


class Jam:
    """As much of a connection as a send queue uses; nothing leaves it while it is jammed."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.jammed = False
        self.state = State.OPEN
        self.free = asyncio.Event()
        self.aborted = False
        self.protocol = self.transport = self
        self.send_in_progress = None

    def get_write_buffer_size(self) -> int:
        return CONGESTED_BYTES + 1 if self.jammed else 0

    def send_text(self, data: bytes) -> None:
        self.sent.append(json.loads(data))

    def send_data(self) -> None:
        pass

    async def send(self, message: str) -> None:
        """As the library does: into the buffer at once, then wait until there is room again."""
        self.sent.append(json.loads(message))
        if self.jammed:
            self.free.clear()
            await self.free.wait()

    def open_up(self) -> None:
        self.jammed = False
        self.free.set()

    def abort(self) -> None:
        self.aborted = True
        self.state = State.CLOSED

    @property
    def sounds(self) -> list[bytes]:
        return [base64.b64decode(m["audio"]) for m in self.sent if "audio" in m]


def queue_on(
    way: Jam,
    encode: Callable[[bytes], bytes] | None = None,
    limit_ms: int = outbox_module.MICROPHONE_LIMIT_MS,
) -> SendQueue:
    return SendQueue(cast("ClientConnection", way), encode, limit_ms=limit_ms)


def chunk(number: int, ms: int = 20) -> bytes:
    return bytes([number % 256]) * (ms * BYTES_PER_MS)


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


def test_a_free_way_is_taken_at_once() -> None:
    async def play() -> None:
        way = Jam()
        queue = queue_on(way)
        assert queue.append(chunk(1))
        assert queue.command('{"type":"response.cancel"}')
        assert way.sounds == [chunk(1)]
        assert way.sent[1] == {"type": "response.cancel"}

    asyncio.run(play())


def test_commands_overtake_sound_and_what_waits_too_long_is_dropped_whole() -> None:
    """Without its beginning alone a sentence may be the opposite of what was said."""

    async def play() -> None:
        way = Jam()
        queue = queue_on(way, limit_ms=100)
        writer = asyncio.create_task(queue.run())
        way.jammed = True
        taken = [queue.append(chunk(number)) for number in range(10)]
        assert taken == [True] * 5 + [False] + [True] * 4
        assert queue.command('{"n":1}')
        assert queue.command('{"n":2}')
        assert (queue.queued_ms, queue.dropped_ms) == (80, 120)
        way.open_up()
        await settle()
        assert way.sent[:2] == [{"n": 1}, {"n": 2}]
        assert way.sounds == [chunk(number) for number in range(6, 10)]
        assert queue.queued_ms == 0
        queue.append(chunk(99))
        assert way.sounds[-1] == chunk(99)
        writer.cancel()

    asyncio.run(play())


def test_sound_that_waits_counts_as_being_sent() -> None:
    """Else nobody would ask whether the server is still there."""

    async def play() -> None:
        way = Jam()
        queue = queue_on(way)
        way.jammed = True
        queue.append(chunk(1))
        assert [queue.has_sent_sound() for _ in range(2)] == [True, True]
        queue.drop_audio()
        assert not queue.has_sent_sound()

    asyncio.run(play())


def test_clearing_forgets_queued_sound() -> None:
    async def play() -> None:
        way = Jam()
        queue = queue_on(way)
        way.jammed = True
        queue.append(chunk(1))
        queue.drop_audio()
        queue.command('{"type":"input_audio_buffer.clear"}')
        way.open_up()
        writer = asyncio.create_task(queue.run())
        await settle()
        assert way.sent == [{"type": "input_audio_buffer.clear"}]
        writer.cancel()

    asyncio.run(play())


def test_an_encoder_that_holds_back_sends_nothing_empty() -> None:
    async def play() -> None:
        way = Jam()
        held: list[bytes] = []

        def every_second(pcm: bytes) -> bytes:
            held.append(pcm)
            return b"".join(held[-2:]) if len(held) % 2 == 0 else b""

        queue = queue_on(way, every_second)
        for number in range(4):
            queue.append(chunk(number))
        assert way.sounds == [chunk(0) + chunk(1), chunk(2) + chunk(3)]

    asyncio.run(play())


def test_a_closed_connection_takes_nothing() -> None:
    async def play() -> None:
        way = Jam()
        queue = queue_on(way)
        way.state = State.CLOSING
        assert not queue.append(chunk(1))
        assert not queue.command("{}")
        assert way.sent == []

    asyncio.run(play())


def test_a_way_that_stays_jammed_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "STALLED_S", 0.05)

    async def play() -> None:
        way = Jam()
        queue = queue_on(way)
        way.jammed = True
        queue.append(chunk(1))
        await asyncio.wait_for(queue.run(), 5)
        assert way.aborted
        assert queue.stalled

    asyncio.run(play())


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(["sound", "command", "jam", "free", "turn"]), min_size=1, max_size=120)
)
def test_whatever_happens_order_holds_and_commands_arrive(steps: list[str]) -> None:
    async def play() -> None:
        way = Jam()
        queue = queue_on(way, limit_ms=100)
        writer = asyncio.create_task(queue.run())
        sounds = commands = 0
        for step in steps:
            match step:
                case "sound":
                    queue.append(chunk(sounds))
                    sounds += 1
                case "command":
                    commands += queue.command(f'{{"n":{commands}}}')
                case "jam":
                    way.jammed = True
                case "free":
                    way.open_up()
                case "turn":
                    await asyncio.sleep(0)
            assert queue.queued_ms <= 100
        way.open_up()
        await settle()
        assert [m["n"] for m in way.sent if "n" in m] == list(range(commands))
        arrived = [sound[0] for sound in way.sounds]
        assert arrived == sorted(arrived)
        assert len(arrived) + queue.dropped_ms // 20 == sounds
        writer.cancel()

    asyncio.run(play())
