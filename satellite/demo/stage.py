"""Starts all real parts of a conversation and ends them again.

These are a room with a sound card, Debian's mosquitto, a small home of devices, the local Realtime
server, and the satellite itself as the process ``satellite run``, configured by its environment
only. All is on loopback, on free ports and in temporary folders; nothing outlives the block.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from satellite.demo.block import Block
from satellite.demo.broker import Mosquitto
from satellite.demo.children import Child, ChildError, require_program
from satellite.demo.devices import SmallHome
from satellite.demo.observe import Observer
from satellite.demo.parts import Daemon, DemoLocalServer, clean_environment, supervised
from satellite.demo.room import MICROPHONE, SPEAKER, Room
from satellite.demo.timeline import Timeline
from satellite.demo.wire import WireTap

SATELLITE_ID = "demo"
PAUSE_S = 0.6
"""A little more than the silence that ends a sentence (`audio/capture/sentence.py`)."""
LISTENING_S = 20.0

T = TypeVar("T")


class Stage(Block):
    """``async with Stage() as stage: await stage.listening(); await stage.room.say(…)``.

    ``server_url`` replaces the local server; ``settings`` are more environment variables of the
    satellite (``{"SATELLITE_AUDIO__VOLUME": "100"}``); without ``daemon`` it is not started until
    ``start_daemon``; without ``home`` there are no devices; ``voice`` is the local server's
    (``satellite offline --voice``); ``wired`` puts a ``wire`` between it and the satellite;
    ``python`` is put before ``-m satellite`` (for a profiler); ``on_part`` is called with the name
    and a description of each part that has started. Raises MissingPartError or ChildError with the
    reason when one does not start.
    """

    def __init__(
        self,
        *,
        server_url: str = "",
        settings: Mapping[str, str] | None = None,
        daemon: bool = True,
        home: bool = True,
        echo_gain: float = 0.0,
        echo_delay_ms: int = 60,
        voice: str = "espeak",
        wired: bool = False,
        python: Sequence[str] = (sys.executable,),
        on_part: Callable[[str, str], None] | None = None,
    ) -> None:
        self.room = Room(echo_gain=echo_gain, echo_delay_ms=echo_delay_ms)
        self.broker = Mosquitto()
        self.server = None if server_url else DemoLocalServer(voice)
        self.server_url = self.server.url if self.server else server_url
        self.wire = WireTap(self.server.port) if self.server and wired else None
        self.home: SmallHome | None = None
        self.observer: Observer | None = None
        self._settings = dict(settings or {})
        self._wants_home, self._wants_daemon = home, daemon
        self._on_part = on_part or _ignore
        self._stack = AsyncExitStack()
        # An empty file keeps the machine's own settings out.
        self._daemon = Daemon(python, ("--config", os.devnull))

    # --- open and close -------------------------------------------------------------------------

    async def _close(self) -> None:
        await self._stack.aclose()

    async def _open(self) -> None:
        enter = self._stack.enter_async_context
        if self.server is not None:
            require_program("espeak-ng", "espeak-ng")
            self._stack.push_async_callback(self.server.stop)
            await self.server.begin()
        await enter(self.room)
        self._on_part("Sound card", f"PulseAudio as “{MICROPHONE}” and “{SPEAKER}”, by way of ALSA")
        await enter(self.broker)
        self._on_part("Broker", f"mosquitto at {self.broker.host}:{self.broker.port}")
        self.observer = await enter(
            Observer(self.broker.host, self.broker.port, f"satellite/{SATELLITE_ID}")
        )
        if self._wants_home:
            self.home = await enter(SmallHome(self.broker.host, self.broker.port))
            self._on_part("Home", f"{len(self.home.devices)} devices, announced by MQTT discovery")
        if self.server is not None:
            await enter(self.server)
            self._on_part("Server", f"satellite offline at {self.server_url}")
        if self.wire is not None:
            await enter(self.wire)
        self._stack.push_async_callback(self.stop_daemon)
        if self._wants_daemon:
            await self.start_daemon()

    # --- the satellite --------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """The environment of ``satellite run``."""
        return {
            **clean_environment(),
            **self.room.environment,
            "SATELLITE_SATELLITE__ID": SATELLITE_ID,
            "SATELLITE_REALTIME__URL": self.wire.url if self.wire else self.server_url,
            "SATELLITE_AUDIO__INPUT": MICROPHONE,
            "SATELLITE_AUDIO__OUTPUT": SPEAKER,
            "SATELLITE_MQTT__HOST": self.broker.host,
            "SATELLITE_MQTT__PORT": str(self.broker.port),
            **self._settings,
        }

    @property
    def daemon(self) -> Child | None:
        """The satellite's process; None before it is started and after it was stopped."""
        return self._daemon.child

    @property
    def daemon_started_s(self) -> float:
        """Monotonic time of the satellite's last start."""
        return self._daemon.started_s

    async def start_daemon(self) -> Child:
        return await self._daemon.start(self.environment)

    async def stop_daemon(self) -> int | None:
        """Ends the satellite as systemd would; returns its exit status."""
        return await self._daemon.stop()

    @property
    def timeline(self) -> Timeline:
        """All messages of the broker."""
        assert self.observer is not None
        return self.observer.timeline

    async def listening(self, timeout_s: float = LISTENING_S) -> float:
        """Waits until the satellite listens; returns the seconds from its start to then.

        It waits ``PAUSE_S`` more: speech before the microphone has had a pause could be the rest of
        a sentence, and is dropped. Raises ChildError with the daemon's output.
        """
        timeline, since_s = self.timeline, self.daemon_started_s

        def listening_at() -> list[float]:
            states = timeline.since(since_s)
            return [one.at_s for one in states if one.text == "listening"]

        if not await self.supervised(timeline.wait_for(lambda: bool(listening_at()), timeout_s)):
            said = self.daemon.reason() if self.daemon else "It was not started."
            raise ChildError(
                f"The satellite does not listen after {timeout_s:.0f} s; "
                f"its state is {timeline.state or 'unknown'}. {said}"
            )
        await self.supervised(asyncio.sleep(PAUSE_S))
        return listening_at()[0] - since_s

    async def supervised(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``. Raises ChildError as soon as server or satellite end unasked."""
        return await supervised(work, self.server.child if self.server else None, self.daemon)


def _ignore(name: str, facts: str) -> None:
    """The default of ``on_part``."""
