"""The daemon: builds all parts of the voice process and runs them in one task group."""

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
    """``satellite run``: runs until SIGTERM or SIGINT, then returns exit status 0.

    ``cards`` may be starting already. Raises ``SatelliteError`` (or a group with one) for
    whatever ended it; an error that only a person can mend is announced first.
    """
    from satellite.app.application import Application
    from satellite.app.garbage_collection import CollectionPolicy
    from satellite.core.sd_notify import Notifier
    from satellite.settings import check_key

    async def live() -> None:
        notifier = Notifier()
        try:
            check_key(settings)
            _report_unsent_key(settings)
            application = Application(settings, notifier, cards)
            gc.callbacks.append(CollectionPolicy(lambda: application.speaker.sounding))
            await application.run()
        except (SatelliteError, BaseExceptionGroup) as error:
            known = worst(error)
            if known is not None and known.exit_status == EXIT_CONFIG:
                from satellite.app.fatal_error import announce_fatal_error

                await announce_fatal_error(settings, cards, notifier, known)
            raise

    asyncio.run(live())
    return EXIT_STOPPED


def _report_unsent_key(settings: Settings) -> None:
    """Logs that a key is not sent although it was given; the server may want none."""
    realtime = settings.realtime
    if realtime.withheld_key is not None and not realtime.offline:
        from satellite.settings import keys

        log.info("%s %s", *keys.withheld_message(realtime.withheld_key, realtime.host))
