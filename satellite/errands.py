"""Short errands at the broker for commands: let a satellite speak, look at the home.

They use a connection of their own, so that they work beside a running daemon or without one.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

import aiomqtt

from satellite.errors import SatelliteError, SettingsError, TransientError
from satellite.home.effects import HomeEffect, Subscribe, Unsubscribe
from satellite.home.home import Home
from satellite.settings import Settings
from satellite.wiring import home_rules

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 1.0
"""A retained message comes with the subscription; a second is long for that."""
QUIET_S = 0.4
"""No message for so long: the retained ones have all come."""
LONGEST_LOOK_S = 10.0


def say(settings: Settings, satellite_id: str, message: dict[str, Any]) -> None:
    """Publishes ``message`` on the topic ``say/set`` of a satellite that is there to hear it.

    Raises ``SatelliteError`` when the satellite is not online: the message would be lost.
    """
    asyncio.run(_say(settings, satellite_id, message))


async def _say(settings: Settings, satellite_id: str, message: dict[str, Any]) -> None:
    base = f"{settings.mqtt.topic_prefix}/{satellite_id}"
    async with _Visit(settings) as visit:
        await visit.client.subscribe(f"{base}/availability")
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                state = bytes((await anext(visit.client.messages)).payload or b"").decode()
        except TimeoutError:
            state = "unknown"
        if state != "online":
            raise SatelliteError(
                f"The satellite {satellite_id} is {state} at the broker {visit.address}.",
                do="Is its service running, and its id right? (--id names another one.)",
            )
        await visit.client.publish(f"{base}/say/set", json.dumps(message), qos=1)


def functions(settings: Settings, *, as_json: bool) -> str:
    """What the model may call now, as the retained messages of the broker say."""
    home = asyncio.run(look_at_home(settings))
    if as_json:
        listed = [
            {"name": f.name, "description": f.description, "parameters": f.parameters}
            for f in home.functions()
        ]
        return json.dumps(listed, indent=2, ensure_ascii=False)
    from satellite.home.functions.listing import render

    return render(home)


async def look_at_home(settings: Settings) -> Home:
    """A ``Home`` that has heard every retained discovery and state message."""
    home = Home(home_rules(settings), discovery_prefix=settings.mqtt.discovery_prefix)
    async with _Visit(settings) as visit:
        client = visit.client
        await _follow(client, home.on_broker(connected=True, now_s=time.monotonic()))
        for topic in home.discovery_topics:
            await client.subscribe(topic)
        end_s = time.monotonic() + LONGEST_LOOK_S
        messages = aiter(client.messages)
        while time.monotonic() < end_s:
            try:
                async with asyncio.timeout(QUIET_S):
                    message = await anext(messages)
            except TimeoutError:
                break
            payload = message.payload if isinstance(message.payload, bytes) else b""
            effects = home.on_message(str(message.topic), payload, message.retain, time.monotonic())
            await _follow(client, effects)
    return home


async def _follow(client: aiomqtt.Client, effects: Iterable[HomeEffect]) -> None:
    """Subscribes as the home wants. Nothing else: this is a look, and a look changes nothing."""
    for effect in effects:
        if isinstance(effect, Subscribe) and effect.topics:
            await client.subscribe([(topic, 0) for topic in effect.topics])
        elif isinstance(effect, Unsubscribe) and effect.topics:
            await client.unsubscribe(list(effect.topics))


REFUSED_LOGIN = frozenset({4, 5, 134, 135})
"""Bad user name or password, not authorised: MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2."""


class _Visit:
    """A connection to the broker of the settings, with errors for people."""

    def __init__(self, settings: Settings) -> None:
        mqtt = settings.mqtt
        self.address = f"{mqtt.host}:{mqtt.port}"
        tls = ssl.create_default_context(cafile=mqtt.ca_file) if mqtt.tls else None
        self.client = aiomqtt.Client(
            mqtt.host,
            mqtt.port,
            username=mqtt.username or None,
            password=mqtt.password.get_secret_value() or None,
            tls_context=tls,
            timeout=CONNECT_TIMEOUT_S,
        )

    async def __aenter__(self) -> Self:
        try:
            await self.client.__aenter__()
        except aiomqtt.MqttCodeError as error:
            if error.rc in REFUSED_LOGIN or getattr(error.rc, "value", 0) in REFUSED_LOGIN:
                raise SettingsError(
                    f"The broker {self.address} refuses the user name or password.",
                    do="See [mqtt] username and password of the settings.",
                ) from None
            raise self._unreachable(error) from None
        except (aiomqtt.MqttError, OSError) as error:
            raise self._unreachable(error) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.__aexit__(kind, error, trace)
        if isinstance(error, aiomqtt.MqttError):
            raise SatelliteError(f"The broker {self.address} ended the connection.") from error

    def _unreachable(self, error: Exception) -> SatelliteError:
        return TransientError(
            f"The broker {self.address} cannot be reached: {error}.",
            do="Is it running, and are [mqtt] host and port of the settings right?",
        )
