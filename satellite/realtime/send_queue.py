"""Sends what goes out on one connection: commands first, then the microphone's audio.

No call waits. On a healthy network a chunk of audio is written to the socket within the call that
brought it, which is also the cheapest way. When the network stalls, audio is queued; beyond a limit
in milliseconds the whole queue is dropped and the caller is told: late speech is worse than missing
speech, and a sentence with a hole may mean the opposite of what was said. Commands are never
dropped, and they overtake audio: "stop" must not wait behind a cough.

A queue belongs to one connection, so nothing leaks into the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from satellite.conversation.events import BYTES_PER_MS
from satellite.realtime.encode import append_frame

MICROPHONE_LIMIT_MS = 2_000
CONGESTED_BYTES = 8_192
"""With more than this unsent in the transport (about 0.1 s of audio) the network is too slow."""
STALLED_S = 10.0
"""A connection whose network takes nothing for so long is aborted."""


class SendQueue:
    """``encode`` converts 24 kHz PCM to the wire's audio, None where that is the same."""

    def __init__(
        self,
        connection: ClientConnection,
        encode: Callable[[bytes], bytes] | None = None,
        *,
        limit_ms: int = MICROPHONE_LIMIT_MS,
    ) -> None:
        self._connection = connection
        self._recipients = (connection,)
        self._unsent_bytes = connection.transport.get_write_buffer_size
        self._protocol = connection.protocol
        self._encode = encode
        self._limit_bytes = limit_ms * BYTES_PER_MS
        self._commands: deque[str] = deque()
        self._sound: deque[bytes] = deque()
        self._sound_bytes = 0
        self._work = asyncio.Event()
        self.dropped_bytes = 0
        self._sent_sound = False
        self.stalled = False
        """The connection was aborted because the network took nothing any more."""

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN

    @property
    def dropped_ms(self) -> int:
        """Milliseconds of microphone audio that were dropped."""
        return self.dropped_bytes // BYTES_PER_MS

    @property
    def queued_ms(self) -> int:
        """Milliseconds of microphone audio that wait for the network."""
        return self._sound_bytes // BYTES_PER_MS

    def command(self, message: str) -> bool:
        """Sends or queues a message; returns False when the connection is closed."""
        if not self.is_open:
            return False
        if self._commands or self._unsent_bytes() > CONGESTED_BYTES:
            self._commands.append(message)
            self._work.set()
        else:
            broadcast(self._recipients, message)
        return True

    def append(self, pcm: bytes) -> bool:
        """Sends or queues a chunk of 24 kHz PCM.

        Returns False when it was not taken: the connection is closed, or the queue was full and is
        dropped.
        """
        if self._protocol.state is not State.OPEN:
            return False
        self._sent_sound = True
        if self._sound or self._commands or self._unsent_bytes() > CONGESTED_BYTES:
            return self._queue(pcm)
        self._write(pcm)
        return True

    def has_sent_sound(self) -> bool:
        """Whether ``append`` was called since the last call of this, or sound still waits."""
        sent, self._sent_sound = self._sent_sound, False
        return sent or bool(self._sound)

    def drop_audio(self) -> None:
        """Drops the queued audio."""
        self._sound.clear()
        self._sound_bytes = 0

    def _queue(self, pcm: bytes) -> bool:
        if self._sound_bytes + len(pcm) > self._limit_bytes:
            self.dropped_bytes += self._sound_bytes + len(pcm)
            self.drop_audio()
            return False
        self._sound.append(pcm)
        self._sound_bytes += len(pcm)
        self._work.set()
        return True

    async def run(self) -> None:
        """Empties the queues as fast as the network takes it, until the connection is closed."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while message := self._next():
                    async with asyncio.timeout(STALLED_S):
                        await self._connection.send(message)
        except TimeoutError:
            # The library's own keepalive does not notice: its pings wait behind the same data.
            self.stalled = True
            self._connection.transport.abort()
        except ConnectionClosed:
            pass  # the reader learns why

    def _write(self, pcm: bytes) -> None:
        if self._encode is not None:
            pcm = self._encode(pcm)
        if pcm:  # a resampler may need more before it gives anything
            broadcast(self._recipients, append_frame(pcm))

    def _next(self) -> str:
        """The next message of the queues, empty when there is none."""
        if self._commands:
            return self._commands.popleft()
        while self._sound:
            pcm = self._sound.popleft()
            self._sound_bytes -= len(pcm)
            if self._encode is not None:
                pcm = self._encode(pcm)
            if pcm:
                return append_frame(pcm)
        return ""
