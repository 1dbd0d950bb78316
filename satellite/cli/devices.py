"""``satellite devices``: the sound cards, with the names that settings may give."""

from __future__ import annotations

from argparse import Namespace

from satellite.audio.backend import AudioBackend, AudioDevice, Direction
from satellite.audio.cards.format import RATES_HZ
from satellite.audio.cards.held import Held, held_devices
from satellite.audio.cards.kernel import card_number
from satellite.cli.sound_system import sound_system
from satellite.core.errors import EXIT_STOPPED


def main(_arguments: Namespace) -> int:
    backend = sound_system()
    try:
        print(describe(backend))
    finally:
        backend.close()
    return EXIT_STOPPED


def describe(backend: AudioBackend) -> str:
    """Microphones and loudspeakers with rates, channels, USB path and the default. Blocks.

    Opens nothing. A card that other programs hold is told by its name, without rates.
    """
    devices = backend.devices()
    parts = (
        _section(backend, devices, "input", "Microphones (audio.input)"),
        _section(backend, devices, "output", "Loudspeakers (audio.output)"),
    )
    return "\n\n".join(parts)


def _section(
    backend: AudioBackend, devices: list[AudioDevice], direction: Direction, title: str
) -> str:
    lines = [title]
    for device in devices:
        if device.serves(direction):
            lines += _lines(backend, device, direction)
    listed = {card_number(device.name) for device in devices if device.serves(direction)}
    for held in held_devices(direction):
        if card_number(held.device.name) not in listed:
            lines += _held(held)
    if len(lines) == 1:
        lines.append("  none found")
    return "\n".join(lines)


def _held(held: Held) -> list[str]:
    """The sound system's name of it begins with the card's own, which is enough to find it."""
    device = held.device
    name = device.name.partition(": ")[0]
    return [f"  {name}", f"      in use by {held.who}", *_other_names(device)]


def _other_names(device: AudioDevice) -> list[str]:
    return [f"      {name}" for name in (device.alsa_name, device.usb_path) if name]


def _lines(backend: AudioBackend, device: AudioDevice, direction: Direction) -> list[str]:
    mark = "*" if device.is_default(direction) else " "
    shapes = []
    for channels, name in _shapes(device, direction).items():
        rates = [
            rate
            for rate in sorted(RATES_HZ[direction])
            if backend.supports(device, direction, rate, channels)
        ]
        if rates:
            shapes.append(f"{name} {', '.join(f'{rate / 1000:g}' for rate in rates)} kHz")
    lines = [f"{mark} {device.name}", f"      {'; '.join(shapes) or 'busy, or no 16-bit sound'}"]
    return lines + _other_names(device)


def _shapes(device: AudioDevice, direction: Direction) -> dict[int, str]:
    """Channels and what they are called; how many a sound server claims says nothing."""
    most = device.inputs if direction == "input" else device.outputs
    named = {1: "mono", 2: "stereo"}
    if direction == "input" and most > 2 and device.alsa_name:
        named[most] = f"{most} channels"
    return named
