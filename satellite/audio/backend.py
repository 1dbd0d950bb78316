"""What the satellite needs of a sound system. One class that does this adds another one.

``cards/manager.py`` calls a backend in a thread of its own, one call after the other, because any
of them may block. Only the streams are used from other threads: a backend calls ``on_block`` in its
capture thread, and the loudspeaker's thread writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from satellite.core.errors import SatelliteError, TransientError

Direction = Literal["input", "output"]

_PLACE = re.compile(r"\(hw:(\d+),(\d+)\)$")


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """A device as a backend lists it."""

    index: int
    """The backend's number of it, void once the backend was closed."""
    name: str
    """Ends with ``(hw:CARD,DEVICE)`` where it is a device of a kernel's card; every other one is
    taken for a sound server's."""
    inputs: int = 0
    outputs: int = 0
    default_input: bool = False
    default_output: bool = False
    usb_path: str = ""
    card_id: str = ""
    """The kernel's id of its card (``Device``); empty where it is none of the kernel's."""

    @property
    def place(self) -> tuple[int, int] | None:
        """The numbers of the kernel's card and of the device on it; None for a sound server's."""
        place = _PLACE.search(self.name)
        return (int(place[1]), int(place[2])) if place else None

    @property
    def alsa_name(self) -> str:
        """What ``arecord -L`` calls it; empty where it is none of the kernel's."""
        return f"hw:CARD={self.card_id},DEV={self.place[1]}" if self.place and self.card_id else ""

    def serves(self, direction: Direction) -> bool:
        return (self.inputs if direction == "input" else self.outputs) > 0

    def is_default(self, direction: Direction) -> bool:
        return self.default_input if direction == "input" else self.default_output


@dataclass(frozen=True, slots=True)
class Format:
    """How a device is opened: blocks of ``frames`` of interleaved PCM16."""

    device: AudioDevice
    rate_hz: int
    channels: int
    frames: int
    note: str = ""
    """What the journal should know about the choice of the device; mostly empty."""


BlockCallback = Callable[[bytes, float, float, bool], None]
"""Gets a block of ``Format.frames`` frames of interleaved PCM16, the time now and the time at which
the block's first sample was captured (seconds of the backend's clock), and whether samples before
it were lost. It returns soon and raises nothing."""


class CardError(TransientError):
    """The sound card did not do what it should; it may come back."""


class StuckError(SatelliteError):
    """A driver never returned. Ends the process, so that the service manager starts a new one."""


class InputStream(Protocol):
    """A microphone that was opened."""

    def start(self) -> None:
        """Blocks come from now on. Raises OSError."""

    def active(self) -> bool:
        """Whether blocks still come, as far as the sound system knows. Raises nothing."""

    def close(self) -> None:
        """No block comes after this. May be called twice. Raises nothing."""


class OutputStream(Protocol):
    """A loudspeaker that was opened. Every method but ``close`` raises OSError when the card is
    gone or the stream was closed, which another thread may do."""

    capacity: int
    """Frames that the card's buffer takes; known once it was started."""

    def start(self) -> None:
        """The card begins to play with the first frames that are written."""

    def held(self) -> int:
        """Frames that were written and would be silenced by ``drop``; 0 after an underrun."""

    def write(self, pcm: bytes, frames: int) -> None:
        """Gives the card interleaved PCM16, and blocks while there is no room for it."""

    def drop(self) -> None:
        """Stops at once: what is held is not heard."""

    def offset_s(self) -> float:
        """The time of the backend's clock minus ``time.monotonic()``."""

    def close(self) -> None:
        """May be called twice, and under a running ``write``. Raises nothing."""


class AudioBackend(Protocol):
    """A sound system: its devices and their streams. Its methods may block.

    All streams share one clock. ``start`` need not be called before the others.
    """

    def start(self) -> None:
        """Reads the list of devices, unless it is started. Raises ``MissingPartError``."""

    def close(self) -> None:
        """Closes all streams and forgets the devices; ``start`` may follow."""

    def devices(self) -> list[AudioDevice]:
        """The devices that there were at the start."""

    def devices_changed(self) -> bool:
        """Whether a new start would find other devices. Does not block."""

    def supports(
        self, device: AudioDevice, direction: Direction, rate_hz: int, channels: int
    ) -> bool:
        """Whether the device can be opened for 16 bit at this rate."""

    def present(self, fmt: Format, direction: Direction) -> bool:
        """Whether the device is still there. Takes about a millisecond."""

    def open_input(self, fmt: Format, on_block: BlockCallback) -> InputStream:
        """Opens a microphone without starting it. Raises ``CardError``."""

    def open_output(self, fmt: Format, capacity_s: float) -> OutputStream:
        """Opens a loudspeaker, with a buffer of that length, without starting it. Raises
        ``CardError``."""
