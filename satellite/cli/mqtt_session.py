"""A connection to the broker for one command, beside a running daemon or without one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from satellite.app.wiring import broker_config
from satellite.core.errors import TransientError
from satellite.mqtt.client.broker import Broker, Subscriber
from satellite.settings import Settings

CONNECT_TIMEOUT_S = 8.0


@asynccontextmanager
async def one_shot_session(
    settings: Settings,
    subscriber: Subscriber,
    *,
    on_later: Callable[[str], None] = lambda _problem: None,
) -> AsyncIterator[Broker]:
    """A connected broker for the length of the block.

    Raises ``TransientError`` with the first problem instead of trying again; ``on_later`` gets
    problems after it was connected.
    """
    config = broker_config(settings, client_id=f"{settings.satellite.id}-command-{os.getpid()}")
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def settle(problem: str) -> None:
        if outcome.done():
            if problem:
                on_later(problem)
        else:
            outcome.set_result(problem)

    broker = Broker(
        config,
        subscribers=(_OnConnected(lambda: settle("")), subscriber),
        on_problem=settle,
        on_news=lambda _news: None,
    )
    running = asyncio.create_task(broker.run())
    try:
        try:
            problem = await asyncio.wait_for(outcome, CONNECT_TIMEOUT_S)
        except TimeoutError:
            problem = f"{config.where} does not answer."
        if problem:
            raise TransientError(problem, do="See [mqtt] of the settings.")
        yield broker
        if not broker.connected:
            raise TransientError(f"{config.where} ended the connection.")
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


class SilentSubscriber:
    """Ignores everything; for subclasses."""

    def on_connected(self) -> None:
        """Nothing to do."""

    def on_disconnected(self) -> None:
        """Nothing to do."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:  # noqa: ARG002 - a subscriber's
        return False


class _OnConnected(SilentSubscriber):
    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def on_connected(self) -> None:
        self._callback()
