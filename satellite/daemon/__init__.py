"""The only room that knows all the others: builds the parts and runs them in one task group."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from satellite.errors import EXIT_STOPPED

if TYPE_CHECKING:
    from satellite.audio.card.portaudio import PortAudio
    from satellite.settings import Settings


def run(settings: Settings, portaudio: PortAudio) -> int:
    """The work of ``satellite run``: until SIGTERM or SIGINT, then exit status 0.

    ``portaudio`` may be warming up already; it looks for cards while settings are read.
    Raises ``SatelliteError`` (or a group with one) for everything a person must know about.
    """
    from satellite.daemon.garbage import Keeper
    from satellite.daemon.house import House
    from satellite.service import Notifier

    async def live() -> None:
        await House(settings, Notifier(), portaudio).run()

    gc.callbacks.append(Keeper())
    asyncio.run(live())
    return EXIT_STOPPED
