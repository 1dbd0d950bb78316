"""How a device is opened: at which rate, with how many channels, in which blocks."""

from __future__ import annotations

from satellite.audio.card.devices import Direction, Format, choose
from satellite.audio.card.portaudio import PortAudio
from satellite.audio.card.stream import CardError

RATES_HZ: dict[Direction, tuple[int, ...]] = {
    "input": (24_000, 48_000, 96_000, 44_100, 32_000, 16_000, 22_050, 8_000),
    "output": (48_000, 24_000, 96_000, 44_100, 32_000, 22_050, 16_000, 8_000),
}
"""In which order a device is asked. See docs/audio.md for why the two differ."""


def find_format(
    portaudio: PortAudio, wanted: str, direction: Direction, *, rate_hz: int, block_ms: int
) -> Format:
    """Chooses the device and asks it what it can do. Blocks.

    ``rate_hz`` 0 takes the first rate that the device does, mono before stereo. Raises
    ``DeviceMissingError`` and ``CardError``.
    """
    choice = choose(portaudio.devices(), wanted, direction)
    device = choice.device
    most = device.inputs if direction == "input" else device.outputs
    rates = (rate_hz,) if rate_hz else RATES_HZ[direction]
    for rate in rates:
        for channels in (1, 2):
            if channels <= most and portaudio.supports(device, direction, rate, channels):
                return Format(device, rate, channels, rate * block_ms // 1000, choice.note)
    tried = ", ".join(str(rate) for rate in rates)
    raise CardError(
        f"“{device.name}” cannot be opened: it is in use, gone, or does none of {tried} Hz."
    )
