"""How a device is opened: at which rate, with how many channels, in which blocks."""

from __future__ import annotations

from satellite.audio.cards.devices import AudioDevice, Direction, Format, choose
from satellite.audio.portaudio.owner import PortAudio
from satellite.audio.portaudio.stream import CardError
from satellite.core.errors import TransientError

RATES_HZ: dict[Direction, tuple[int, ...]] = {
    "input": (24_000, 48_000, 96_000, 44_100, 32_000, 16_000, 22_050, 8_000),
    "output": (48_000, 24_000, 96_000, 44_100, 32_000, 22_050, 16_000, 8_000),
}
"""In which order a device is asked. See docs/audio.md for why the two differ."""


def find_format(
    portaudio: PortAudio,
    wanted: str,
    direction: Direction,
    *,
    rate_hz: int,
    block_ms: int,
    channel: int = 0,
) -> Format:
    """Chooses the device and asks it what it can do. Blocks.

    ``rate_hz`` 0 takes the first rate that the device does. ``channel`` (from 1 on) is to be among
    the channels; 0 takes mono before stereo before all that there are. Raises
    ``DeviceMissingError`` and ``CardError``, of these ``CardBusyError`` where others hold the card.
    """
    wish: str | AudioDevice = wanted
    try:
        choice = choose(portaudio.devices(), wanted, direction)
        wish = choice.device
        rate, channels = _ask(portaudio, choice.device, direction, rate_hz, channel)
    except TransientError as error:
        from satellite.audio.cards.held import busy

        raise busy(error, wish, direction) from None
    return Format(choice.device, rate, channels, rate * block_ms // 1000, choice.note)


def _ask(
    portaudio: PortAudio, device: AudioDevice, direction: Direction, rate_hz: int, channel: int
) -> tuple[int, int]:
    """The first rate and number of channels that the device does. Raises ``CardError``."""
    most = device.inputs if direction == "input" else device.outputs
    if channel > most:
        raise CardError(
            f"“{device.name}” has no channel {channel} (audio.input_channel), only {most}."
        )
    rates = (rate_hz,) if rate_hz else RATES_HZ[direction]
    for rate in rates:
        for channels in _channels(channel, most):
            if portaudio.supports(device, direction, rate, channels):
                return rate, channels
    tried = ", ".join(str(rate) for rate in rates)
    raise CardError(
        f"“{device.name}” cannot be opened: it is in use, gone, or does none of {tried} Hz."
    )


def _channels(channel: int, most: int) -> list[int]:
    """With how many channels it is tried. PortAudio opens all of a card that knows no other way,
    and hands over the first so many of them."""
    wishes = (channel,) if channel else (1, 2)
    return list(dict.fromkeys(wish for wish in (*wishes, most) if wish <= most))
