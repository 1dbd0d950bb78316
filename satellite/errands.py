"""Short errands at the broker for commands: let a satellite speak, look at the home.

They use a connection of their own, so that they work beside a running daemon or without one.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from satellite.errors import SatelliteError, TransientError
from satellite.home.effects import HomeEffect, Subscribe, Unsubscribe
from satellite.home.home import Home
from satellite.mqtt.broker import Broker, Guest
from satellite.mqtt.topics import Topics
from satellite.settings import Settings
from satellite.wiring import broker_config, home_rules

CONNECT_TIMEOUT_S = 8.0
ANSWER_TIMEOUT_S = 1.0
"""A retained message comes with the subscription; a second is long for that."""
QUIET_S = 0.4
"""No message for so long: the retained ones have all come."""
LONGEST_LOOK_S = 10.0


@asynccontextmanager
async def visit(settings: Settings, guest: Guest) -> AsyncIterator[Broker]:
    """A connected broker for as long as the block lasts.

    Raises ``TransientError`` with the first problem instead of trying for ever.
    """
    config = broker_config(settings, client_id=f"{settings.satellite.id}-errand-{os.getpid()}")
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def settle(problem: str) -> None:
        if not outcome.done():
            outcome.set_result(problem)

    broker = Broker(
        config,
        guests=(_Doorbell(lambda: settle("")), guest),
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


def say(settings: Settings, satellite_id: str, message: dict[str, Any]) -> None:
    """Publishes ``message`` on the topic ``say/set`` of a satellite that is there to hear it.

    Raises ``SatelliteError`` when the satellite is not online: the message would be lost.
    """
    asyncio.run(_say(settings, satellite_id, message))


async def _say(settings: Settings, satellite_id: str, message: dict[str, Any]) -> None:
    topics = Topics(satellite_id, settings.mqtt.topic_prefix)
    letters = _Letters()
    async with visit(settings, letters) as broker:
        broker.subscribe([topics.availability])
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                state = await letters.first
        except TimeoutError:
            state = "unknown"
        if state != "online":
            raise SatelliteError(
                f"{broker.config.where} says that the satellite {satellite_id} is {state}.",
                do="Is its service running, and its id right? (--id names another one.)",
            )
        if not broker.publish(topics.command("say"), json.dumps(message), qos=1):
            raise SatelliteError(f"{broker.config.where} did not take the message.")


def functions(settings: Settings, *, as_json: bool) -> str:
    """What the model may call now, as the retained messages of the broker say."""
    home = asyncio.run(look_at_home(settings))
    from satellite.home.functions.listing import as_data, render

    if as_json:
        return json.dumps(as_data(home.catalog), indent=2, ensure_ascii=False)
    return render(home.catalog).rstrip()


async def look_at_home(settings: Settings) -> Home:
    """A ``Home`` that has heard every retained discovery and state message."""
    topics = Topics(settings.satellite.id, settings.mqtt.topic_prefix)
    home = Home(home_rules(settings), settings.mqtt.discovery_prefix, (f"{topics.base}/#",))
    look = _Look(home)
    async with visit(settings, look) as broker:
        look.follow(broker, home.on_broker(connected=True, now_s=time.monotonic()))
        broker.subscribe(home.discovery_topics)
        end_s = time.monotonic() + LONGEST_LOOK_S
        while broker.connected and (now_s := time.monotonic()) < end_s:
            while (due_s := home.deadline_s) is not None and due_s <= now_s:
                look.follow(broker, home.tick(now_s))  # a large home does a piece each time
            if broker.settled and now_s > look.last_s + QUIET_S:
                break
            await asyncio.sleep(QUIET_S / 8)
    return home


class _Nobody:
    """A guest without any interest."""

    def on_connected(self) -> None:
        """Nothing to do."""

    def on_disconnected(self) -> None:
        """Nothing to do."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:  # noqa: ARG002 - a guest's
        return False


class _Doorbell(_Nobody):
    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def on_connected(self) -> None:
        self._ring()


class _Letters(_Nobody):
    """Keeps the first message."""

    def __init__(self) -> None:
        self.first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:  # noqa: ARG002 - a guest's
        if not self.first.done():
            self.first.set_result(payload.decode(errors="replace"))
        return True


class _Look(_Nobody):
    """Shows the home every message, and subscribes as it wishes. A look changes nothing, so
    whatever the home wants published stays unpublished."""

    def __init__(self, home: Home) -> None:
        self.last_s = time.monotonic()
        self._home = home
        self._broker: Broker | None = None

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        self.last_s = time.monotonic()
        effects = self._home.on_message(topic, payload, retained, self.last_s)
        if self._broker is not None:
            self.follow(self._broker, effects)
        return True

    def follow(self, broker: Broker, effects: Iterable[HomeEffect]) -> None:
        self._broker = broker
        for effect in effects:
            if isinstance(effect, Subscribe):
                self.last_s = time.monotonic()
                broker.subscribe(effect.topics)
            elif isinstance(effect, Unsubscribe):
                broker.unsubscribe(effect.topics)
