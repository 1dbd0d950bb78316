"""The kernel's sound cards, as ``/proc/asound`` lists them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

ASOUND = Path("/proc/asound")


def listed_cards(asound: Path = ASOUND) -> str:
    """The text of ``cards``; empty without ALSA in the kernel."""
    with contextlib.suppress(OSError):
        return (asound / "cards").read_text(errors="replace")
    return ""


def card_entry(cards: str, number: int) -> str:
    """The two lines of one card in ``cards`` (of ``listed_cards``), its socket included; empty if
    it is not listed. ``1 [Device         ]: USB-Audio - USB Audio Device`` is such a first line.
    """
    lines = iter(cards.splitlines())
    for line in lines:
        if line.partition("[")[0].strip() == str(number):
            return f"{line}\n{next(lines, '')}"
    return ""


def card_ids(cards: str) -> dict[int, str]:
    """Card number to id, from ``cards``: card 1 of the example has the id ``Device``."""
    ids = {}
    for line in cards.splitlines():
        number, bracket, rest = line.partition("[")
        if bracket and number.strip().isdigit():
            ids[int(number)] = rest.partition("]")[0].strip()
    return ids


def card_number(name: str) -> int:
    """1 for ``USB Audio: - (hw:1,0)``; -1 where the name has no card's number."""
    _, found, rest = name.rpartition("(hw:")
    number = rest.partition(",")[0]
    return int(number) if found and number.isdigit() else -1


def usb_paths(asound: Path = ASOUND) -> dict[int, str]:
    """Card number to USB path, from ``/proc/asound/card*/stream0``: ``… at usb-…, full speed``."""
    return dict(_read_usb_paths(asound))


def _read_usb_paths(proc: Path) -> Iterator[tuple[int, str]]:
    for stream in sorted(proc.glob("card[0-9]*/stream0")):
        with contextlib.suppress(OSError, ValueError):
            head = stream.read_text(errors="replace").partition("\n")[0]
            path = head.rpartition(" at ")[2].partition(",")[0].strip()
            if path.startswith("usb-"):
                yield int(stream.parent.name.removeprefix("card")), path
