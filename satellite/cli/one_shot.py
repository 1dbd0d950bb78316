"""Short errands at the broker for commands: let a satellite speak, look at the home.

They use a connection of their own, so that they work beside a running daemon or without one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from satellite.app.wiring import broker_config, home_rules
from satellite.core.errors import SatelliteError, TransientError
from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.homeassistant.effects import Subscribe, Unsubscribe
from satellite.mqtt.client.broker import Broker, Guest
from satellite.mqtt.client.dial import V5
from satellite.mqtt.client.reasons import NOBODY_SUBSCRIBED, UNSPECIFIED
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 8.0
ANSWER_TIMEOUT_S = 1.0
"""A retained message comes with the subscription; a second is long for that."""
TAKEN_TIMEOUT_S = 4.0
"""The same for the broker's word that it has taken a message."""
QUIET_S = 0.4
"""No message for so long: the retained ones have all come."""
LONGEST_LOOK_S = 10.0


@asynccontextmanager
async def visit(
    settings: Settings, guest: Guest, *, on_later: Callable[[str], None] = lambda _problem: None
) -> AsyncIterator[Broker]:
    """A connected broker for as long as the block lasts.

    Raises ``TransientError`` with the first problem instead of trying for ever; ``on_later`` gets
    those that come once it is connected.
    """
    config = broker_config(settings, client_id=f"{settings.satellite.id}-errand-{os.getpid()}")
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def settle(problem: str) -> None:
        if outcome.done():
            if problem:
                on_later(problem)
        else:
            outcome.set_result(problem)

    broker = Broker(
        config,
        guests=(_Connected(lambda: settle("")), guest),
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
    said = topics.command("say")
    letters = _Letters(topics.availability)
    async with visit(settings, letters) as broker:
        # Together: what comes back tells that an older broker lets the message pass.
        broker.subscribe([topics.availability, *([said] if broker.stats.version != V5 else [])])
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
        await _deliver(broker, letters, said, json.dumps(message))


async def _deliver(broker: Broker, letters: _Letters, topic: str, message: str) -> None:
    """Publishes to somebody who is there. Raises ``SatelliteError`` when it is not known that the
    message has arrived: a broker of MQTT 5 says so, an older one has to show it to us as well."""
    where = broker.config.where
    old = broker.stats.version != V5
    taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    broker.on_acknowledged = lambda code: None if taken.done() else taken.set_result(code)
    letters.expect(topic, live=True)
    if not broker.publish(topic, message, qos=1):
        raise SatelliteError(f"{where} did not take the message.")
    try:
        async with asyncio.timeout(TAKEN_TIMEOUT_S):
            code = await taken
            if old:
                await letters.first
    except TimeoutError:
        raise SatelliteError(
            f"{where} took the message for {topic} without a sign that it let it pass."
            if taken.done()
            else f"{where} did not say that it took the message for {topic}.",
            do="Its access list may forbid it; whether the satellite speaks is not known.",
        ) from None
    if code == NOBODY_SUBSCRIBED:
        raise SatelliteError(
            f"Nobody has subscribed to {topic}, so nobody hears the message.",
            do="Is the satellite's service running, and may it read this topic?",
        )
    if code >= UNSPECIFIED:
        raise SatelliteError(
            f"{where} does not let {broker.config.username or 'us'} publish to {topic} "
            f"(reason code 0x{code:02X}).",
            do="Check its access list, and mqtt.username of the settings.",
        )


def functions(settings: Settings, *, as_json: bool) -> str:
    """What the model may call now, as the retained messages of the broker say."""
    home = asyncio.run(look_at_home(settings))
    from satellite.tools.listing import as_data, render

    if as_json:
        return json.dumps(as_data(home.catalog), indent=2, ensure_ascii=False)
    return render(home.catalog).rstrip()


async def look_at_home(settings: Settings) -> Home:
    """A ``Home`` that has heard every retained discovery and state message."""
    topics = Topics(settings.satellite.id, settings.mqtt.topic_prefix)
    home = Home(home_rules(settings), settings.mqtt.discovery_prefix, (f"{topics.base}/#",))
    look = _Look(home)
    problems: list[str] = []
    async with visit(settings, look, on_later=problems.append) as broker:
        look.follow(broker, home.on_broker(connected=True, now_s=time.monotonic()))
        broker.subscribe(home.discovery_topics)
        end_s = time.monotonic() + LONGEST_LOOK_S
        while broker.connected and (now_s := time.monotonic()) < end_s:
            while (due_s := home.deadline_s) is not None and due_s <= now_s:
                look.follow(broker, home.tick(now_s))  # a large home does a piece each time
            if broker.settled and now_s > look.last_s + QUIET_S:
                break
            await asyncio.sleep(QUIET_S / 8)
        if broker.connected and not broker.settled:
            raise TransientError(f"{broker.config.where} does not answer our subscriptions.")
        if problems and not home.catalog.name_index.targets:
            raise TransientError(" ".join(problems))  # forbidden is not the same as empty
    for problem in problems:
        log.warning("%s", problem)
    return home


class _Nobody:
    """A guest without any interest."""

    def on_connected(self) -> None:
        """Nothing to do."""

    def on_disconnected(self) -> None:
        """Nothing to do."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:  # noqa: ARG002 - a guest's
        return False


class _Connected(_Nobody):
    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def on_connected(self) -> None:
        self._ring()


class _Letters(_Nobody):
    """Keeps the first message on a topic; ``live`` ones only, or also what is retained there."""

    def __init__(self, topic: str) -> None:
        self.expect(topic)

    def expect(self, topic: str, *, live: bool = False) -> None:
        self._topic = topic
        self._live = live
        self.first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        wanted = topic == self._topic and not (self._live and retained)
        if wanted and not self.first.done():
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
