"""What is on its way out of one connection: commands first, then the microphone.

Nothing here waits. On a healthy network a chunk of sound is written to the socket within the call
that brought it, which is also the cheapest way. When the network stalls, sound waits here; beyond
a limit in milliseconds all that waits is dropped, and whoever brought it is told: speech that
arrives late is worse than speech that is missing, and a sentence with a hole may be the opposite
of what was said. Commands are never dropped, and they overtake sound: "stop" must not stand in a
queue behind a cough.

One outbox belongs to one connection and dies with it, so nothing leaks into the next.
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
"""More than that unsent in the transport (about 0.1 s of sound): the network does not keep up."""
STALLED_S = 10.0
"""A network that takes nothing for that long is as good as gone."""


class SendQueue:
    """``encode`` turns 24 kHz PCM into the wire's audio, ``None`` where that is the same."""

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
        """The connection was given up because the network took nothing any more."""

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN

    @property
    def dropped_ms(self) -> int:
        """Microphone sound that was too old to be sent."""
        return self.dropped_bytes // BYTES_PER_MS

    @property
    def queued_ms(self) -> int:
        """Microphone sound that waits for the network."""
        return self._sound_bytes // BYTES_PER_MS

    def command(self, message: str) -> bool:
        """Sends a message, or queues it; ``False`` when the connection is closed."""
        if not self.is_open:
            return False
        if self._commands or self._unsent_bytes() > CONGESTED_BYTES:
            self._commands.append(message)
            self._work.set()
        else:
            broadcast(self._recipients, message)
        return True

    def append(self, pcm: bytes) -> bool:
        """Sends a chunk of 24 kHz PCM, or queues it.

        ``False`` when it was not taken: the connection is closed, or so much waits that all of it
        was dropped.
        """
        if self._protocol.state is not State.OPEN:
            return False
        self._sent_sound = True
        if self._sound or self._commands or self._unsent_bytes() > CONGESTED_BYTES:
            return self._queue(pcm)
        self._write(pcm)
        return True

    def has_sent_sound(self) -> bool:
        """Whether any sound was to be sent since this was asked last."""
        sent, self._sent_sound = self._sent_sound, False
        return sent

    def drop_audio(self) -> None:
        """Drops the queued sound (the input buffer is being cleared)."""
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
        """Empties the queues as fast as the network takes it, until the connection closes."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while message := self._next():
                    async with asyncio.timeout(STALLED_S):
                        await self._connection.send(message)
        except TimeoutError:
            # The library's own keepalive cannot tell: its pings wait behind the same stall.
            self.stalled = True
            self._connection.transport.abort()
        except ConnectionClosed:
            pass  # whoever reads from the connection learns why, and says so

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
