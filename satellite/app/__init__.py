"""The only room that knows all the others: builds the parts and runs them in one task group."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import TYPE_CHECKING

from satellite.core.errors import EXIT_CONFIG, EXIT_STOPPED, SatelliteError, worst

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from satellite.audio.cards.manager import CardManager
    from satellite.settings import Settings


def run(settings: Settings, cards: CardManager) -> int:
    """The work of ``satellite run``: until SIGTERM or SIGINT, then exit status 0.

    ``cards`` may be starting already; that takes time while the settings are read.
    Raises ``SatelliteError`` (or a group with one) for everything a person must know about. What
    only a person can mend is said aloud and shown first.
    """
    from satellite.app.application import Application
    from satellite.app.garbage_collection import Keeper
    from satellite.core.sd_notify import Notifier
    from satellite.settings import check_key

    async def live() -> None:
        notifier = Notifier()
        try:
            check_key(settings)
            _tell_of_key(settings)
            house = Application(settings, notifier, cards)
            gc.callbacks.append(Keeper(lambda: house.speaker.sounding))
            await house.run()
        except (SatelliteError, BaseExceptionGroup) as error:
            known = worst(error)
            if known is not None and known.exit_status == EXIT_CONFIG:
                from satellite.app.fatal_error import announce_fatal_error

                await announce_fatal_error(settings, cards, notifier, known)
            raise

    asyncio.run(live())
    return EXIT_STOPPED


def _tell_of_key(settings: Settings) -> None:
    """A key that is not sent although it was given; the server may be one that wants none."""
    realtime = settings.realtime
    if realtime.kept_back is not None and not realtime.offline:
        from satellite.settings import keys

        log.info("%s %s", *keys.told(realtime.kept_back, realtime.host))
