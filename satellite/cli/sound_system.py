"""Which sound system the commands use: the only place that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from satellite.audio.backend import AudioBackend


def sound_system() -> AudioBackend:
    """Not started yet. Call it while there is one thread."""
    from satellite.audio.portaudio.backend import PortAudio

    return PortAudio()
