"""The side of the house that faces the broker: the home, its bridge, and the satellite's presence.

Built a moment after the voice, by a thread that loads these rooms meanwhile, with everything that
the first devices need: they are a third of the code, and nobody has to wait for them to be heard.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from satellite import __version__
from satellite.conversation.commands import Tool
from satellite.conversation.events import PeerSpeaks
from satellite.daemon.attempts import FORGETS, AttemptsStore
from satellite.daemon.crash_guard import crash_guard
from satellite.daemon.statefile import state_folder
from satellite.home.effects import CallDone
from satellite.home.entities.spec import Surroundings
from satellite.home.functions.consent.masking import Mask, gap
from satellite.home.home import Home
from satellite.home.rehearsal import rehearse
from satellite.mqtt.announce import Identity
from satellite.mqtt.bridge import HomeBridge
from satellite.mqtt.broker import Broker
from satellite.mqtt.config import Will
from satellite.mqtt.presence import Presence
from satellite.mqtt.requests import Request
from satellite.mqtt.topics import Topics
from satellite.mqtt.voices import Voices
from satellite.settings import Settings
from satellite.wiring import broker_config, home_rules

log = logging.getLogger(__name__)

rehearse()


class Neighbours:
    """Everything that lives on the broker. Made inside the running event loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        on_tools: Callable[[tuple[Tool, ...]], None],
        on_call_done: Callable[[CallDone], None],
        on_peer: Callable[[PeerSpeaks], None],
    ) -> None:
        mqtt, me = settings.mqtt, settings.satellite
        rules = home_rules(settings)
        hide = Mask((rules.pin, *rules.codes.values())).speech
        topics = Topics(me.id, mqtt.topic_prefix, mqtt.discovery_prefix)
        self.attempts = AttemptsStore(state_folder(os.environ))
        if rules.pin and self.attempts.forgets:
            log.warning("%s", FORGETS)
        if (rules.pin or rules.codes) and (said := gap(me.language)):
            log.warning("%s", said)
        will = Will(topics.availability, b"offline")
        self.broker = Broker(broker_config(settings, client_id=f"satellite-{me.id}", will=will))
        self.on_request: Callable[[Request], None] | None = None
        self.presence = Presence(
            self.broker,
            topics,
            Identity(me.name, __version__, me.area),
            self._asked,
            hide=hide,
        )
        self.crash_guard = crash_guard(os.environ)
        self.home = Home(
            rules,
            mqtt.discovery_prefix,
            (f"{topics.base}/#", f"{topics.turns}/#"),
            Surroundings(crash_guard=self.crash_guard),
            attempts=self.attempts.attempts,
        )
        self.bridge = HomeBridge(
            self.home,
            self.broker,
            topics,
            on_functions_changed=lambda: on_tools(self.tools()),
            on_call_done=on_call_done,
            on_attempts=self.attempts.take,
        )
        self.voices = Voices(self.broker, topics, me.area, on_peer, hide=hide)
        self.broker.attach(self.voices)
        self.broker.attach(self.presence)
        self.broker.attach(self.bridge)

    def _asked(self, request: Request) -> None:
        if self.on_request is not None:
            self.on_request(request)

    def tools(self) -> tuple[Tool, ...]:
        """What the model may call, as the home said last."""
        return tuple(Tool(f.name, f.description, f.parameters) for f in self.home.announced)
