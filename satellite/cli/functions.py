"""``satellite functions``: what the model may call now, as the retained messages say."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from argparse import Namespace
from collections.abc import Iterable

from satellite.app.wiring import home_rules
from satellite.cli.command import load
from satellite.cli.mqtt_session import SilentSubscriber, one_shot_session
from satellite.core.errors import EXIT_STOPPED, TransientError
from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.homeassistant.effects import Subscribe, Unsubscribe
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings

log = logging.getLogger(__name__)

QUIET_S = 0.4
"""After so long without a message the retained ones have all come."""
LONGEST_S = 10.0


def main(arguments: Namespace) -> int:
    print(describe(load(arguments), as_json=arguments.json))
    return EXIT_STOPPED


def describe(settings: Settings, *, as_json: bool) -> str:
    """What the model may call now, as the retained messages of the broker say."""
    home = asyncio.run(discover(settings))
    from satellite.tools.listing import as_data, render

    if as_json:
        return json.dumps(as_data(home.catalog), indent=2, ensure_ascii=False)
    return render(home.catalog).rstrip()


async def discover(settings: Settings) -> Home:
    """A ``Home`` that has heard every retained discovery and state message."""
    topics = Topics(settings.satellite.id, settings.mqtt.topic_prefix)
    home = Home(home_rules(settings), settings.mqtt.discovery_prefix, (f"{topics.base}/#",))
    discovery = _Discovery(home)
    problems: list[str] = []
    async with one_shot_session(settings, discovery, on_later=problems.append) as broker:
        discovery.follow(broker, home.on_broker(connected=True, now_s=time.monotonic()))
        broker.subscribe(home.discovery_topics)
        end_s = time.monotonic() + LONGEST_S
        while broker.connected and (now_s := time.monotonic()) < end_s:
            while (due_s := home.deadline_s) is not None and due_s <= now_s:
                discovery.follow(broker, home.tick(now_s))  # a large home does a piece each time
            if broker.settled and now_s > discovery.last_s + QUIET_S:
                break
            await asyncio.sleep(QUIET_S / 8)
        if broker.connected and not broker.settled:
            raise TransientError(f"{broker.config.where} does not answer our subscriptions.")
        if problems and not home.catalog.name_index.targets:
            raise TransientError(" ".join(problems))  # forbidden is not the same as empty
    for problem in problems:
        log.warning("%s", problem)
    return home


class _Discovery(SilentSubscriber):
    """Passes every message to the home, and subscribes as it asks. Nothing is published: a command
    that only looks changes nothing."""

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
