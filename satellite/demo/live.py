"""``satellite demo --live``: you talk with this machine's own microphone and loudspeaker.

The satellite runs with your settings. The demo adds the local server when no key and no other
server is set, and a broker with the small home when no broker is set.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from satellite.demo.broker import Mosquitto
from satellite.demo.children import ChildError
from satellite.demo.devices import SmallHome
from satellite.demo.observe import Observer
from satellite.demo.parts import Daemon, DemoLocalServer, supervised
from satellite.demo.scene import SceneStep
from satellite.demo.screen import Levels, Screen
from satellite.demo.step_record import StepRecord
from satellite.demo.timeline import Kind, Seen, Timeline
from satellite.settings import Settings, load_settings

LISTENING_S = 30.0
EXAMPLES = (
    "Turn on the kitchen light",
    "What is the temperature in the living room?",
    "Tell me a long story about the house",
)
_TOLD = (Kind.HEARD, Kind.CALL, Kind.SAID)


async def talk(config: Path | None, assignments: Sequence[str], flags: Mapping[str, Any]) -> int:
    """Runs until it is cancelled (Ctrl-C).

    ``assignments`` are those of ``--set`` as they were written, ``flags`` the same as nested
    dictionaries. Raises SettingsError, MissingPartError or ChildError with the reason.
    """
    settings = load_settings(config, flags, key_needed=False)
    async with Screen() as screen:
        screen.title("Talk to the room; Ctrl-C ends it")
        screen.busy("Getting ready")
        async with AsyncExitStack() as stack:
            environment = dict(os.environ)
            server = await _server(settings, stack, environment, screen)
            observer = await _broker(settings, stack, environment, screen)
            daemon = Daemon(flags=_flags(config, assignments))
            stack.push_async_callback(daemon.stop)
            child = await daemon.start(environment)
            parts = (child, server.child if server else None)
            await supervised(_listening(observer.timeline), *parts)
            screen.part("Satellite", f"listening {time.monotonic() - daemon.started_s:.2f} s later")
            screen.print()
            if "host" not in settings.mqtt.given:
                screen.print("  Say, for example:")
                for text in EXAMPLES:
                    screen.print(f"    “{text}”")
            screen.print("  You may cut in at any moment.")
            TurnRecords(observer.timeline, screen)
            await supervised(asyncio.Event().wait(), *parts)
    return 0


def _flags(config: Path | None, assignments: Sequence[str]) -> list[str]:
    """Our own flags for ``satellite run``."""
    flags = ["--config", str(config)] if config is not None else []
    for assignment in assignments:
        flags += ["--set", assignment]
    return flags


async def _server(
    settings: Settings, stack: AsyncExitStack, environment: dict[str, str], screen: Screen
) -> DemoLocalServer | None:
    """The local server, unless the settings name another or hold a key."""
    realtime = settings.realtime
    if realtime.api_key.get_secret_value() or "url" in realtime.given:
        screen.part("Server", realtime.url)
        return None
    server = await stack.enter_async_context(DemoLocalServer())
    environment["SATELLITE_REALTIME__URL"] = server.url
    screen.part("Server", f"satellite offline at {server.url} (no key is set)")
    return server


async def _broker(
    settings: Settings, stack: AsyncExitStack, environment: dict[str, str], screen: Screen
) -> Observer:
    """Observes the broker of the settings, or starts one with the small home."""
    mqtt = settings.mqtt
    prefix = f"{mqtt.topic_prefix}/{settings.satellite.id}"
    if "host" in mqtt.given:
        screen.part("Broker", f"{mqtt.host}:{mqtt.port}")
        context = None
        if mqtt.tls:
            context = ssl.create_default_context(cafile=mqtt.ca_file)
        return await stack.enter_async_context(
            Observer(
                mqtt.host,
                mqtt.port,
                prefix,
                username=mqtt.username or None,
                password=mqtt.password.get_secret_value() or None,
                tls=context,
                discovery_prefix=mqtt.discovery_prefix,
            )
        )
    broker = await stack.enter_async_context(Mosquitto())
    home = await stack.enter_async_context(SmallHome(broker.host, broker.port))
    environment["SATELLITE_MQTT__HOST"] = broker.host
    environment["SATELLITE_MQTT__PORT"] = str(broker.port)
    screen.part("Broker", f"mosquitto at {broker.host}:{broker.port} (none is set)")
    screen.part("Home", ", ".join(home.devices))
    return await stack.enter_async_context(Observer(broker.host, broker.port, prefix))


async def _listening(timeline: Timeline) -> None:
    if not await timeline.wait_for(lambda: timeline.state == "listening", LISTENING_S):
        raise ChildError(
            f"The satellite does not listen after {LISTENING_S:.0f} s; "
            f"its state is {timeline.state or 'unknown'}."
        )


class TurnRecords:
    """Shows each turn of the person as a record."""

    def __init__(self, timeline: Timeline, screen: Screen) -> None:
        self._timeline = timeline
        self._screen = screen
        self._record: StepRecord | None = None
        self._cut: StepRecord | None = None
        """The turn whose reply was interrupted; the message about that comes a little later."""
        self._number = 0
        timeline.on_seen = self._on_seen
        screen.levels = self._levels

    def _levels(self) -> Levels:
        return Levels(self._timeline.state)

    def _on_seen(self, seen: Seen) -> None:
        if seen.kind is Kind.SAID and seen.data.get("interrupted") and self._cut is not None:
            self._cut.seen.append(seen)
            self._finish_cut()
            return
        if seen.kind is Kind.STATE and seen.text == "hearing":
            self._begin(seen.at_s)
        record = self._record
        if record is None:
            return
        record.seen.append(seen)
        if seen.kind is Kind.STATE and seen.text == "thinking" and record.zero_s is None:
            record.zero_s = seen.at_s
        if seen.kind is Kind.STATE and seen.text == "listening":
            self._finish_cut()
            self._finish(record)
            self._record = None

    def _begin(self, at_s: float) -> None:
        if self._record is not None:
            self._finish_cut()
            self._cut = self._record
        self._number += 1
        self._record = StepRecord(self._number, SceneStep(time.strftime("%H:%M:%S"), ""), at_s)
        self._screen.step(self._record)

    def _finish_cut(self) -> None:
        if self._cut is not None:
            self._finish(self._cut)
            self._cut = None

    def _finish(self, record: StepRecord) -> None:
        """Prints the turn, if anything came of it."""
        if any(one.kind in _TOLD for one in record.seen):
            self._screen.turn_over(record)
        else:
            self._screen.drop(record)
