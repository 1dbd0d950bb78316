"""Chooses the sound device that a person means, by names. Pure.

A device is named by part of its name (any case), by the whole name, by what ``arecord -L`` calls it
(``hw:CARD=Device,DEV=0``), or by the USB path of its card (``usb-0000:01:00.0-1.2``, as
``/proc/asound/card*/stream0`` shows it), which stays the same for the same socket even when two
equal sticks swap their numbers. Empty means the default.

The kernel numbers its cards anew at each start, in the order in which it finds them. So the number
at the end of a name (``(hw:1,0)``) never decides between two cards of different names, and of two
equal sticks the one in the lower socket is taken, whatever their numbers are. An id (``Device``)
is as good as a name; the second of two equal sticks gets another one (``Device_1``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from satellite.audio.backend import AudioDevice, Direction
from satellite.core.errors import TransientError

_ALSA_NAME = re.compile(
    r"\(?(?:(?:plug)?hw|sysdefault|default|front|hdmi|dmix|dsnoop):"
    r"(?:card=)?(?P<card>[a-z0-9_]+)(?:,(?:dev=)?(?P<device>\d+))?\)?$"
)
"""``hw:Device``, ``plughw:1,0``, ``sysdefault:CARD=Device``, in small letters. Only the
card itself is listed, and the other names differ by conversions that are made here anyway."""


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """The device that was taken, and the others that fit the same words."""

    device: AudioDevice
    others: tuple[AudioDevice, ...] = ()
    by_number: bool = False
    """It was named only by the kernel's number of its card."""

    @property
    def note(self) -> str:
        """For the journal, where another start may choose another card; else empty."""
        if self.by_number:
            return (
                f"Took “{self.device.name}” by its number, which may be another card's after a "
                "restart. Name it by its name or USB path."
            )
        if not self.others:
            return ""
        names = ", ".join(f"“{other.name}”" for other in self.others)
        note = f"Several sound devices fit; took “{self.device.name}”, not {names}."
        if self.device.usb_path:
            note += f" Its USB path names it for good: {self.device.usb_path}"
        return note


class DeviceMissingError(TransientError):
    """No device fits; one may be plugged in later. Lists those that there are."""


def choose(devices: Sequence[AudioDevice], wanted: str, direction: Direction) -> DeviceChoice:
    """Finds the device that ``wanted`` names. Raises ``DeviceMissingError``.

    The first rule that fits wins: empty takes the default (or the first device of that direction);
    the whole name, whatever number its card has in it; ALSA's name; the USB path; the beginning of
    the name; a part of the name. Within a rule the same number wins, then the default device, then
    the lowest USB path, then the lowest index, so the same machine always gives the same answer.
    """
    usable = sorted(
        (device for device in devices if device.serves(direction)),
        key=lambda device: (not device.is_default(direction), device.usb_path, device.index),
    )
    text = wanted.strip().casefold()
    if not text:
        if usable:
            return DeviceChoice(usable[0])
        raise _missing(devices, wanted, direction)
    alsa_name = _ALSA_NAME.match(text)
    rules = (
        lambda device: _numberless(device.name) == _numberless(text),
        lambda device: alsa_name is not None and _is_called(device, alsa_name),
        lambda device: _same_usb(device.usb_path, text),
        lambda device: device.name.casefold().startswith(text),
        lambda device: text in device.name.casefold(),
    )
    for fits in rules:
        found = [device for device in usable if fits(device)]
        if found:
            found.sort(key=lambda device: device.name.casefold() != text)
            by_number = alsa_name is not None and alsa_name["card"].isdigit()
            return DeviceChoice(found[0], tuple(found[1:]), by_number)
    raise _missing(devices, wanted, direction)


def _is_called(device: AudioDevice, alsa_name: re.Match[str]) -> bool:
    """Whether it is device ``device`` (0 where none is given) of the card of that number or id."""
    if device.place is None or int(alsa_name["device"] or 0) != device.place[1]:
        return False
    return alsa_name["card"] in (str(device.place[0]), device.card_id.casefold())


def _numberless(name: str) -> str:
    """``USB Audio: - (hw:1,0)`` on whichever card: ``usb audio: - (hw:,0)``."""
    return re.sub(r"\(hw:\d+,", "(hw:,", name.casefold())


def _same_usb(path: str, text: str) -> bool:
    if not path:
        return False
    path = path.casefold()
    return path == text or path.removeprefix("usb-") == text


def _missing(
    devices: Sequence[AudioDevice], wanted: str, direction: Direction
) -> DeviceMissingError:
    present = [device.name for device in devices if device.serves(direction)]
    kind = "microphone" if direction == "input" else "loudspeaker"
    asked = f"No {kind} is called “{wanted.strip()}”." if wanted.strip() else f"No {kind} is here."
    if present:
        names = ", ".join(f"“{name}”" for name in present)
        return DeviceMissingError(asked, do=f"Present: {names}.")
    return DeviceMissingError(asked, do=f"No sound device for {direction} is present at all.")
