"""Announces an error that only a person can mend, aloud and on the broker, before the process ends.

All parts are closed by then, so the loudspeaker and the broker connection are opened once more for
the length of the announcement. It needs no server: the local voice speaks, where one is installed;
else there is only the error chime.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from satellite import __version__
from satellite.app.control_store import ControlStore
from satellite.app.local_voice import SPEAKER, installed_voice
from satellite.app.wiring import broker_config
from satellite.audio.playback.chimes import chime
from satellite.audio.playback.loudspeaker import Loudspeaker, SpeakerEvent
from satellite.conversation.effects import State
from satellite.conversation.events.local import PlaybackFinished
from satellite.conversation.spoken_texts import STOPPED, for_speech
from satellite.core.errors import SatelliteError
from satellite.core.logs import redactor
from satellite.core.sd_notify import Notifier
from satellite.core.statefile import state_folder
from satellite.locales.sentences import Sentences
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import Will
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings, secrets_of

if TYPE_CHECKING:
    from satellite.audio.cards.manager import CardManager

log = logging.getLogger(__name__)

TIMEOUT_S = 20.0
"""For the whole announcement. The watchdog is fed once before it, and waits for longer."""
BROKER_S = 3.0
ITEM = "fatal-error"
"""The item of the announcement at the loudspeaker."""


async def announce_fatal_error(
    settings: Settings, cards: CardManager, notifier: Notifier, error: SatelliteError
) -> None:
    """Tells the room, Home Assistant and the service manager why it ends, in at most 20 s. SIGTERM
    cuts it short."""
    text = redactor(secrets_of(settings))(str(error))
    notifier.alive()
    notifier.status(text)
    task = asyncio.ensure_future(_tell(settings, cards, text))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait({task}, timeout=TIMEOUT_S)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _tell(settings: Settings, cards: CardManager, text: str) -> None:
    async with _shown(settings, text) as connected:
        try:
            await _said(settings, cards, text)
        except SatelliteError as failure:
            log.warning("It cannot be said aloud: %s", failure)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(connected.wait(), BROKER_S)


# --- on the broker ------------------------------------------------------------------------------


class _AfterConnecting:
    """Knows when the broker is connected. Behind ``OwnEntities``, which has published all then."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()

    def on_connected(self) -> None:
        self.connected.set()

    def on_disconnected(self) -> None:
        """Nothing to do."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:  # noqa: ARG002 - a subscriber's
        return False


@contextlib.asynccontextmanager
async def _shown(settings: Settings, text: str) -> AsyncIterator[asyncio.Event]:
    """State and problem on the broker while the block lasts; the problem stays there."""
    mqtt, me = settings.mqtt, settings.satellite
    topics = Topics(me.id, mqtt.topic_prefix, mqtt.discovery_prefix)
    will = Will(topics.availability, b"offline")
    broker = Broker(broker_config(settings, client_id=f"satellite-{me.id}", will=will))
    entities = OwnEntities(broker, topics, Identity(me.name, __version__, me.area), lambda _: None)
    entities.show("state", State.ERROR)
    entities.show("problem", text)
    after = _AfterConnecting()
    broker.attach(entities)
    broker.attach(after)
    running = asyncio.create_task(broker.run())
    try:
        yield after.connected
    finally:
        running.cancel()
        await asyncio.wait({running})


# --- in the room --------------------------------------------------------------------------------


async def _said(settings: Settings, cards: CardManager, text: str) -> None:
    """Returns when the loudspeaker has said it, or has none. Raises ``SatelliteError``."""
    over = asyncio.Event()

    def on_event(event: SpeakerEvent) -> None:
        if isinstance(event, PlaybackFinished) and event.item_id == ITEM:
            over.set()

    audio = settings.audio
    speaker = Loudspeaker(
        cards,
        audio.output,
        on_event,
        rate_hz=audio.output_rate,
        volume=ControlStore(state_folder(os.environ), audio.volume).volume,
        on_lost=lambda _: over.set(),
    )
    playing = asyncio.create_task(speaker.run())
    ending = asyncio.create_task(over.wait())
    try:
        if audio.chimes:
            speaker.play(ITEM, chime("error"))
        try:
            await _spoken(speaker, for_speech(text), settings.satellite.language)
        finally:
            speaker.end(ITEM)
        await asyncio.wait({playing, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (playing, ending):
            task.cancel()
        await asyncio.wait({playing, ending})
        await cards.end()


async def _spoken(speaker: Loudspeaker, text: str, language: str) -> None:
    voice = installed_voice(language=language)
    text = Sentences(language).say_message(text, STOPPED)
    try:
        async for piece in voice.speak(text, SPEAKER, 1.0):
            speaker.play(ITEM, piece.pcm)
    finally:
        await voice.close()
