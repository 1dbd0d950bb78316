"""The last words of a satellite that only a person can help: said aloud, and shown.

Whatever the settings did not allow to be built or to go on has let go of everything when this
begins, so it opens the loudspeaker and the broker once more, for as long as the sentence lasts.
No server is needed: the local voice speaks, where one is installed; else the error chime is all
there is.
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
from satellite.conversation.spoken_texts import for_speech
from satellite.core.errors import SatelliteError
from satellite.core.logs import blotter
from satellite.core.sd_notify import Notifier
from satellite.core.statefile import state_folder
from satellite.mqtt.client.broker import Broker
from satellite.mqtt.client.config import Will
from satellite.mqtt.own_entities.discovery import Identity
from satellite.mqtt.own_entities.publisher import OwnEntities
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings, secrets_of

if TYPE_CHECKING:
    from satellite.audio.cards.manager import CardManager

log = logging.getLogger(__name__)

PATIENCE_S = 20.0
"""For all of it. The watchdog is fed once before, and waits for longer."""
BROKER_S = 3.0
LAST = "farewell"
"""The item whose end is waited for."""


async def announce_fatal_error(
    settings: Settings, cards: CardManager, notifier: Notifier, error: SatelliteError
) -> None:
    """Tells the room, Home Assistant and the service manager why it ends. SIGTERM cuts it short."""
    text = blotter(secrets_of(settings))(str(error))
    notifier.alive()
    notifier.status(text)
    task = asyncio.ensure_future(_tell(settings, cards, text))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait({task}, timeout=PATIENCE_S)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _tell(settings: Settings, cards: CardManager, text: str) -> None:
    async with _shown(settings, text) as connected:
        try:
            await _said(settings, cards, text)
        except SatelliteError as silent:
            log.warning("It cannot be said aloud: %s", silent)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(connected.wait(), BROKER_S)


# --- for those who look -------------------------------------------------------------------------


class _AfterConnecting:
    """A guest that only waits for the door to open; behind ``OwnEntities``, so all is told then."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    def on_connected(self) -> None:
        self.open.set()

    def on_disconnected(self) -> None:
        """Nothing to do."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:  # noqa: ARG002 - a guest's
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
    doorbell = _AfterConnecting()
    broker.attach(entities)
    broker.attach(doorbell)
    running = asyncio.create_task(broker.run())
    try:
        yield doorbell.open
    finally:
        running.cancel()
        await asyncio.wait({running})


# --- for those in the room ----------------------------------------------------------------------


async def _said(settings: Settings, cards: CardManager, text: str) -> None:
    """Returns when the loudspeaker has said it, or has none. Raises ``SatelliteError``."""
    over = asyncio.Event()

    def on_event(event: SpeakerEvent) -> None:
        if isinstance(event, PlaybackFinished) and event.item_id == LAST:
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
            speaker.play(LAST, chime("error"))
        try:
            await _spoken(speaker, for_speech(text))
        finally:
            speaker.end(LAST)
        await asyncio.wait({playing, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (playing, ending):
            task.cancel()
        await asyncio.wait({playing, ending})
        await cards.end()


async def _spoken(speaker: Loudspeaker, text: str) -> None:
    voice = installed_voice()
    try:
        async for piece in voice.speak(text, SPEAKER, 1.0):
            speaker.play(LAST, piece.pcm)
    finally:
        await voice.close()
