"""Typed messages over a socket, in order.

Each is MessagePack behind its length, four bytes, the most significant first.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Generic, TypeVar

import msgspec

In = TypeVar("In")

_LENGTH_BYTES = 4
MAX_BYTES = 64 << 20
"""Of one message. The tools of 2,000 devices have a few hundred kilobytes."""


class ChannelClosed(Exception):  # noqa: N818 - the usual end of a channel
    """The other side has closed it, or has ended."""


class Channel(Generic[In]):
    """One end. ``kind`` is the union of what may be received here."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        kind: Any,  # noqa: ANN401
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._encode = msgspec.msgpack.Encoder().encode

    @classmethod
    async def over(cls, end: socket.socket, kind: Any) -> Channel[In]:  # noqa: ANN401
        """A channel over a connected socket, which it owns from then on."""
        return cls(*await asyncio.open_connection(sock=end), kind)

    @property
    def unsent_bytes(self) -> int:
        """What the other side has not read yet."""
        return self._writer.transport.get_write_buffer_size()

    def send(self, message: msgspec.Struct) -> None:
        """Sends without waiting; on a closed channel the message is lost."""
        if self._writer.is_closing():
            return
        try:
            data = self._encode(message)
        except UnicodeEncodeError:
            data = self._encode(_sendable(msgspec.to_builtins(message, builtin_types=(bytes,))))
        self._writer.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)

    async def receive(self) -> In:
        """The next message.

        Raises:
            ChannelClosed: there will be none.
            msgspec.DecodeError: it is none of ``kind``.
        """
        try:
            length = int.from_bytes(await self._reader.readexactly(_LENGTH_BYTES), "big")
            if length > MAX_BYTES:
                raise ChannelClosed
            message: In = self._decode(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError) as closed:
            raise ChannelClosed from closed
        return message

    def close(self) -> None:
        """The other side receives all that was sent before."""
        self._writer.close()


def _sendable(value: Any) -> Any:  # noqa: ANN401 - whatever a message holds
    """The same with text that can be encoded: a server or a publisher may send half of a character
    (a lone surrogate), and neither process may end because of it."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_sendable(key): _sendable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_sendable(inner) for inner in value]
    return value
