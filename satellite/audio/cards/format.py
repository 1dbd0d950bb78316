"""Finds out how a device is opened: its rate, number of channels and blocks."""

from __future__ import annotations

from satellite.audio.backend import AudioBackend, AudioDevice, CardError, Direction, Format
from satellite.audio.cards.devices import choose
from satellite.core.errors import TransientError

RATES_HZ: dict[Direction, tuple[int, ...]] = {
    "input": (24_000, 48_000, 96_000, 44_100, 32_000, 16_000, 22_050, 8_000),
    "output": (48_000, 24_000, 96_000, 44_100, 32_000, 22_050, 16_000, 8_000),
}
"""In which order rates are tried. docs/audio.md tells why the two differ."""


def find_format(
    backend: AudioBackend,
    wanted: str,
    direction: Direction,
    *,
    rate_hz: int,
    block_ms: int,
    channel: int = 0,
) -> Format:
    """Chooses the device and asks it what it can do. Blocks.

    ``rate_hz`` 0 takes the first rate that the device can do. ``channel`` (from 1 on) has to be
    among the channels; 0 takes mono before stereo before all that there are. Raises
    ``DeviceMissingError`` and ``CardError``; ``CardBusyError`` where others hold the card.
    """
    asked: str | AudioDevice = wanted
    try:
        choice = choose(backend.devices(), wanted, direction)
        asked = choice.device
        rate, channels = _ask(backend, choice.device, direction, rate_hz, channel)
    except TransientError as error:
        from satellite.audio.cards.held import busy

        raise busy(error, asked, direction) from None
    return Format(choice.device, rate, channels, rate * block_ms // 1000, choice.note)


def _ask(
    backend: AudioBackend, device: AudioDevice, direction: Direction, rate_hz: int, channel: int
) -> tuple[int, int]:
    """The first rate and number of channels that the device can do. Raises ``CardError``."""
    most = device.inputs if direction == "input" else device.outputs
    if channel > most:
        raise CardError(
            f"“{device.name}” has no channel {channel} (audio.input_channel), only {most}."
        )
    rates = (rate_hz,) if rate_hz else RATES_HZ[direction]
    for rate in rates:
        for channels in _channels(channel, most):
            if backend.supports(device, direction, rate, channels):
                return rate, channels
    tried = ", ".join(str(rate) for rate in rates)
    raise CardError(
        f"“{device.name}” cannot be opened: it is in use, gone, or does none of {tried} Hz."
    )


def _channels(channel: int, most: int) -> list[int]:
    """The numbers of channels to try. Where a card can only be opened with all of them, a sound
    system opens all and hands over the first ones."""
    tried = (channel,) if channel else (1, 2)
    return list(dict.fromkeys(count for count in (*tried, most) if count <= most))
