"""Which sound device a person means. Pure: knows names, not cards.

A device is named by part of its name (any case), by the whole name, or by the USB path of its
card (``usb-0000:01:00.0-1.2``, as ``/proc/asound/card*/stream0`` shows it), which stays the same
for the same socket even when two equal sticks swap their numbers. Empty means the default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from satellite.errors import TransientError

Direction = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device as PortAudio lists it; ``index`` is valid until PortAudio is initialised again."""

    index: int
    name: str
    inputs: int = 0
    outputs: int = 0
    default_rate_hz: int = 0
    default_input: bool = False
    default_output: bool = False
    usb_path: str = ""

    def serves(self, direction: Direction) -> bool:
        return (self.inputs if direction == "input" else self.outputs) > 0

    def is_default(self, direction: Direction) -> bool:
        return self.default_input if direction == "input" else self.default_output


@dataclass(frozen=True, slots=True)
class Choice:
    """The device taken, and the others that the same words would have fitted."""

    device: Device
    others: tuple[Device, ...] = ()

    @property
    def note(self) -> str:
        """A sentence for the journal when the words were ambiguous, else empty."""
        if not self.others:
            return ""
        names = ", ".join(f"“{other.name}”" for other in self.others)
        return f"Several sound devices fit; took “{self.device.name}”, not {names}."


@dataclass(frozen=True, slots=True)
class Format:
    """How a device is opened: blocks of ``frames`` of interleaved PCM16."""

    device: Device
    rate_hz: int
    channels: int
    frames: int
    note: str = ""
    """What the journal should know about the choice of the device; mostly empty."""


class DeviceMissingError(TransientError):
    """No device fits: it may be plugged in later, so this is retried. Lists those present."""


def choose(devices: Sequence[Device], wanted: str, direction: Direction) -> Choice:
    """Finds the device that ``wanted`` names.

    Rules, first that fits wins: empty takes the default (or the first device of that direction);
    the whole name; the USB path; the beginning of the name; a part of the name. Within a rule the
    default device wins, then the lowest index, so the same machine always gives the same answer.
    Raises ``DeviceMissingError`` with the list of those present.
    """
    usable = sorted(
        (device for device in devices if device.serves(direction)),
        key=lambda device: (not device.is_default(direction), device.index),
    )
    text = wanted.strip().casefold()
    if not text:
        if usable:
            return Choice(usable[0])
        raise _missing(devices, wanted, direction)
    rules = (
        lambda device: device.name.casefold() == text,
        lambda device: _same_usb(device.usb_path, text),
        lambda device: device.name.casefold().startswith(text),
        lambda device: text in device.name.casefold(),
    )
    for fits in rules:
        found = [device for device in usable if fits(device)]
        if found:
            return Choice(found[0], tuple(found[1:]))
    raise _missing(devices, wanted, direction)


def _same_usb(path: str, text: str) -> bool:
    if not path:
        return False
    path = path.casefold()
    return path == text or path.removeprefix("usb-") == text


def _missing(devices: Sequence[Device], wanted: str, direction: Direction) -> DeviceMissingError:
    present = [device.name for device in devices if device.serves(direction)]
    kind = "microphone" if direction == "input" else "loudspeaker"
    asked = f"No {kind} is called “{wanted.strip()}”." if wanted.strip() else f"No {kind} is here."
    if present:
        names = ", ".join(f"“{name}”" for name in present)
        return DeviceMissingError(asked, do=f"Present: {names}.")
    return DeviceMissingError(asked, do=f"No sound device for {direction} is present at all.")
