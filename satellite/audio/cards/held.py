"""Cards that other programs have to themselves: which programs, and what to do about it.

A sound system does not list such a card, or says “unavailable” of one that it knew. The kernel
tells more. Each of its PCMs is a file below ``/dev/snd`` and a line of ``/proc/asound/pcm``::

    01-00: USB Audio : USB Audio : playback 1 : capture 1

and a directory ``/proc/asound/card1/pcm0p``, where ``info`` counts the streams that are left and
``sub0/status`` names the thread that opened one. Who has the file open now is told by
``/proc/*/fd``, of which only root sees all.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from satellite.audio.backend import AudioDevice, CardError, Direction
from satellite.audio.cards.devices import DeviceMissingError, choose
from satellite.audio.cards.kernel import card_entry, card_ids, listed_cards, usb_paths
from satellite.core.errors import TransientError

PROC = Path("/proc")
NODES = Path("/dev/snd")
_STREAMS: dict[Direction, str] = {"input": "capture", "output": "playback"}
_OWNER = re.compile(r"^owner_pid\s*:\s*(\d+)", re.MULTILINE)
_FREE = re.compile(r"^subdevices_avail:\s*(\d+)", re.MULTILINE)
_GROUP_LEADER = re.compile(r"^Tgid:\s*(\d+)", re.MULTILINE)
SOUND_SERVERS = {"pipewire": "PipeWire", "wireplumber": "PipeWire", "pulseaudio": "PulseAudio"}


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a card open; ``program`` is empty where /proc hides those of others."""

    pid: int
    program: str = ""

    def __str__(self) -> str:
        return f"{self.program} (process {self.pid})" if self.program else f"process {self.pid}"

    @property
    def sound_server(self) -> str:
        return SOUND_SERVERS.get(self.program, "")


@dataclass(frozen=True, slots=True)
class Held:
    """A device that cannot be opened. Its name has the form that the sound system gives it."""

    device: AudioDevice
    holders: tuple[Holder, ...]

    @property
    def who(self) -> str:
        return " and ".join(str(holder) for holder in self.holders)


class CardBusyError(CardError):
    """Another program has the card to itself."""

    def __init__(self, held: Held) -> None:
        self.holders = held.holders
        super().__init__(f"“{held.device.name}” is in use by {held.who}.", do=_advice(held.holders))


def busy(error: TransientError, wanted: str | AudioDevice, direction: Direction) -> TransientError:
    """What to raise: ``CardBusyError`` where others hold the device, else ``error``.

    ``wanted`` is a device of the sound system, or what the settings say. Takes some milliseconds.
    """
    held = held_devices(direction)
    one = (
        _by_device(held, wanted)
        if isinstance(wanted, AudioDevice)
        else _by_name(held, wanted, direction)
    )
    return error if one is None else CardBusyError(one)


def _by_device(held: list[Held], device: AudioDevice) -> Held | None:
    place = device.name.rpartition(" ")[2]  # (hw:1,0)
    return next((one for one in held if one.device.name.endswith(f" {place}")), None)


def _by_name(held: list[Held], wanted: str, direction: Direction) -> Held | None:
    devices = [one.device for one in held]
    # A name lacks what the card's own has already: “USB Audio Device: - (hw:1,0)”.
    for name in (wanted, wanted.rpartition(": ")[0] or wanted):
        with contextlib.suppress(DeviceMissingError):
            device = choose(devices, name, direction).device
            return held[devices.index(device)]
    return None


def held_devices(direction: Direction) -> list[Held]:
    """The kernel's devices whose streams are all taken by other processes."""
    cards = listed_cards(PROC / "asound")
    paths, ids = usb_paths(PROC / "asound"), card_ids(cards)
    found = []
    for card, number, name in _pcms(direction):
        holders = _holders(card, number, direction)
        if not holders:
            continue
        title = card_entry(cards, card).partition("\n")[0].rpartition(" - ")[2]
        device = AudioDevice(
            index=-1,
            name=f"{title}: {name} (hw:{card},{number})",
            inputs=int(direction == "input"),
            outputs=int(direction == "output"),
            usb_path=paths.get(card, ""),
            card_id=ids.get(card, ""),
        )
        found.append(Held(device, holders))
    return found


def _pcms(direction: Direction) -> Iterator[tuple[int, int, str]]:
    """The card's number, the device's number and the name of each PCM of a direction."""
    for line in _read(PROC / "asound" / "pcm").splitlines():
        place, _, rest = line.partition(": ")
        card, _, number = place.partition("-")
        fields = rest.split(" : ")
        streams = any(field.startswith(_STREAMS[direction]) for field in fields[2:])
        if card.isdigit() and number.isdigit() and streams:
            yield int(card), int(number), fields[1]


def _holders(card: int, number: int, direction: Direction) -> tuple[Holder, ...]:
    """Who has a PCM of which no stream is left; nobody where one is, or this process has one."""
    letter = _STREAMS[direction][0]
    folder = PROC / "asound" / f"card{card}" / f"pcm{number}{letter}"
    free = _FREE.search(_read(folder / "info"))
    if free and int(free[1]):
        return ()
    pids = set(_who_opened(NODES / f"pcmC{card}D{number}{letter}"))
    if not pids:  # the files of others are hidden
        statuses = "\n".join(_read(file) for file in folder.glob("sub[0-9]*/status"))
        pids = {_process_of(int(thread)) for thread in _OWNER.findall(statuses)}
    if os.getpid() in pids:
        return ()
    return tuple(Holder(pid, _read(PROC / str(pid) / "comm").strip()) for pid in sorted(pids))


def _process_of(thread: int) -> int:
    """The process of a thread, for PipeWire opens cards in threads."""
    leader = _GROUP_LEADER.search(_read(PROC / str(thread) / "status"))
    return int(leader[1]) if leader else thread


def _who_opened(node: Path) -> Iterator[int]:
    """Processes that have this file open, of those whose files are shown."""
    for files in PROC.glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            if any(_is_link_to(file, node) for file in files.iterdir()):
                yield int(files.parent.name)


def _is_link_to(file: Path, node: Path) -> bool:
    with contextlib.suppress(OSError):
        return file.readlink() == node
    return False


def _read(file: Path) -> str:
    with contextlib.suppress(OSError):
        return file.read_text(errors="replace")
    return ""


def _advice(holders: tuple[Holder, ...]) -> str:
    servers = {holder.sound_server for holder in holders} - {""}
    if servers:
        return (
            f"{servers.pop()} is there for the user of the desktop only. Let it leave the card to "
            "the service; as that user: pactl list short cards; pactl set-card-profile CARD off"
        )
    if all(holder.program for holder in holders):
        return "End that program, or choose another card in [audio] of the settings."
    return "`sudo satellite doctor` tells which program that is."
