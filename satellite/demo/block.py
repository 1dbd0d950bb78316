"""Base class of parts that exist as long as an ``async with`` block."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Self

from satellite.demo.children import ChildError

FIRST_CONNECTION_S = 10.0


class Block(ABC):
    """``async with part: …``; a part that fails to open is closed before its error is raised."""

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    @abstractmethod
    async def _open(self) -> None:
        """Returns when the part is ready; raises if it fails."""

    @abstractmethod
    async def _close(self) -> None:
        """Closes the part, also one that is only partly open."""


async def first_connection(made: asyncio.Event, address: tuple[str, int]) -> None:
    """Waits for a connection to the broker at ``address`` (host, port). Raises ChildError."""
    try:
        async with asyncio.timeout(FIRST_CONNECTION_S):
            await made.wait()
    except TimeoutError:
        at = f"{address[0]}:{address[1]}"
        raise ChildError(f"The MQTT broker at {at} cannot be reached.") from None
