"""The parts of the home process: broker, home, own entities, channel to the voice process."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from pathlib import Path

from satellite.core.logs import set_up
from satellite.core.process_memory import resident_mb
from satellite.core.statefile import retry_stores, state_folder
from satellite.core.supervision import fail_with_callbacks, never_ending
from satellite.home import messages as ms
from satellite.home.attempts_store import FORGETS, AttemptsStore
from satellite.home.bridge import HomeBridge
from satellite.home.calls import HomeCalls
from satellite.home.channel import Channel, ChannelClosed
from satellite.home.crash_record import crash_record
from satellite.home.home import Home
from satellite.homeassistant.entities.spec import HomeContext
from satellite.locales.gaps import gaps
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.mqtt.own_entities.speaking import SpeakingReports
from satellite.mqtt.own_entities.topics import Topics
from satellite.tools.text.masking import Mask

log = logging.getLogger(__name__)


def run(end: socket.socket) -> int:
    """Runs until the other end of the channel is closed; returns the exit status."""
    gc.freeze()  # what was imported stays
    asyncio.run(_live(end))
    return 0


async def _live(end: socket.socket) -> None:
    channel: Channel[ms.ToHome] = await Channel.over(end, ms.ToHome)
    try:
        first = await channel.receive()
    except ChannelClosed:
        return
    if not isinstance(first, ms.Configure):
        raise TypeError(f"the first message must be Configure, not {type(first).__name__}")
    set_up(first.log_level, first.secrets)
    await HomeService(first, channel).run()


class HomeService:
    """Connects the parts. Made inside the running event loop."""

    def __init__(self, config: ms.Configure, channel: Channel[ms.ToHome]) -> None:
        self._channel = channel
        rules = config.rules
        hide = Mask((rules.pin, *rules.codes.values())).speech
        topics = Topics(config.satellite_id, config.topic_prefix, config.discovery_prefix)
        self.attempts = _attempts(config, state_folder(os.environ))
        self.attempts.on_problem = lambda text: channel.send(ms.PartProblem("codes", text))
        record = crash_record(os.environ)
        self.broker = Broker(config.broker)
        self.entities = OwnEntities(
            self.broker,
            topics,
            config.identity,
            lambda request: channel.send(ms.Asked(request)),
            hide=hide,
        )
        self.calls = HomeCalls(channel.send, self.entities)
        self.home = Home(
            rules,
            config.discovery_prefix,
            (f"{topics.base}/#", f"{topics.turns}/#"),
            HomeContext(crash_record=record),
            attempts=self.attempts.attempts,
        )
        self.bridge = HomeBridge(
            self.home,
            self.broker,
            topics,
            on_functions_changed=self._tell_tools,
            on_call_done=self.calls.done,
            on_attempts=self.attempts.take,
        )
        self.speaking = SpeakingReports(
            self.broker,
            topics,
            config.identity.area,
            lambda peer: channel.send(ms.PeerSpeaking(peer.peer, peer.speaking, peer.text)),
            hide=hide,
        )
        self.broker.attach(self.speaking)
        self.broker.attach(self.entities)
        self.broker.attach(self.bridge)
        record.tell(lambda text: channel.send(ms.PartProblem("devices", text)))

    async def run(self) -> None:
        """Runs until the channel is closed. Raises an exception group with what ended a part."""
        try:
            async with asyncio.TaskGroup() as group:
                workers = [
                    group.create_task(never_ending(self.broker.run())),
                    group.create_task(never_ending(retry_stores(self.attempts))),
                    group.create_task(never_ending(fail_with_callbacks())),
                ]
                await self._receive()
                for worker in workers:
                    worker.cancel()
        finally:
            self.bridge.close()
            self.speaking.close()
            self._channel.close()

    async def _receive(self) -> None:
        """Handles messages until the channel is closed."""
        while True:
            try:
                message = await self._channel.receive()
            except ChannelClosed:
                return
            self._take(message)

    def _take(self, message: ms.ToHome) -> None:
        match message:
            case ms.Run():
                self.calls.run(message, self.bridge)
            case ms.TellSpeaking(on, text):
                self.speaking.say(on, text)
            case ms.Ping():
                self._channel.send(ms.Pong(self.broker.stats.connects, resident_mb()))
            case ms.Configure():
                raise TypeError("it is configured already")
            case ms.Show(name, value):
                self.entities.show(name, value)

    def _tell_tools(self) -> None:
        tools = tuple(
            ms.OfferedTool(f.name, f.description, f.parameters, f.shows_pictures)
            for f in self.home.announced
        )
        self._channel.send(ms.ToolsOffered(tools, self.home.vocabulary))


def _attempts(config: ms.Configure, folder: Path | None) -> AttemptsStore:
    """Wrong codes of earlier runs; warns of what is less safe than a person may expect."""
    rules = config.rules
    store = AttemptsStore(folder)
    if rules.pin and store.forgets:
        log.warning("%s", FORGETS)
    for gap in gaps(config.language, secrets=bool(rules.pin or rules.codes)):
        log.warning("%s", gap.text)
    return store
