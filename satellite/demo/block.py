"""What lives as long as an ``async with`` block, and what such parts wait for at its beginning."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Self

from satellite.demo.children import ChildError

FIRST_CONNECTION_S = 10.0


class Block(ABC):
    """``async with part: …``. What came up only halfway is taken down before the error is told."""

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
        """Returns when the part is there. Raises the reason when it does not come."""

    @abstractmethod
    async def _close(self) -> None:
        """Takes down whatever is there, be it only a half."""


async def first_connection(made: asyncio.Event, address: tuple[str, int]) -> None:
    """Waits for the broker, whose host and port are ``address``. Raises ChildError without it."""
    try:
        async with asyncio.timeout(FIRST_CONNECTION_S):
            await made.wait()
    except TimeoutError:
        at = f"{address[0]}:{address[1]}"
        raise ChildError(f"The MQTT broker at {at} cannot be reached.") from None
