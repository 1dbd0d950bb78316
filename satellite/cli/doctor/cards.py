"""Checks the sound cards, by opening them as the daemon would.

The service runs as a user of its own, who sees the kernel's cards but no sound server of a desktop
(PipeWire, PulseAudio): those let in only the user who has logged in there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from satellite.cli.doctor.access import SERVICE_USER
from satellite.cli.doctor.findings import Finding, good, note
from satellite.cli.doctor.unit import unit_facts
from satellite.core.errors import EXIT_FAILED, SatelliteError
from satellite.settings import Settings

SOUND_DEVICES = Path("/dev/snd")
SERVER_SOCKETS = ("pipewire-0", "pulse/native")
"""Below ``XDG_RUNTIME_DIR`` of the user who is logged in."""
BLOCK_MS = 20


def sound(settings: Settings) -> Iterator[Finding]:
    from satellite.audio.backend import Direction
    from satellite.audio.cards.format import find_format
    from satellite.cli.sound_system import sound_system

    yield from _rights()
    service = unit_facts()
    audio = settings.audio
    wanted_cards: tuple[tuple[Direction, str, int, int], ...] = (
        ("input", audio.input, audio.input_rate, audio.input_channel),
        ("output", audio.output, audio.output_rate, 0),
    )
    backend = sound_system()
    try:
        for direction, wanted, rate_hz, channel in wanted_cards:
            try:
                found = find_format(
                    backend,
                    wanted,
                    direction,
                    rate_hz=rate_hz,
                    block_ms=BLOCK_MS,
                    channel=channel,
                )
            except SatelliteError as error:
                yield refused(direction, error, service)
                continue
            kind = "microphone" if direction == "input" else "loudspeaker"
            yield good(f"{kind}: {found.device.name} ({found.rate_hz} Hz)")
            if found.note:
                yield note(found.note, f"audio.{direction} may be more precise")
            if found.device.place is None:
                yield from of_this_session(found.device.name, direction, service)
    finally:
        backend.close()


def refused(direction: str, error: SatelliteError, service: Mapping[str, str]) -> Finding:
    """A card that cannot be opened; the service, of which ``service`` has facts, may hold it."""
    from satellite.audio.cards.held import CardBusyError

    if isinstance(error, CardBusyError):
        if [str(holder.pid) for holder in error.holders] == [service.get("MainPID")]:
            return note(f"{direction}: the running service has the card, as it should")
        return Finding("bad", error.what, error.do, EXIT_FAILED)
    if service.get("ActiveState") == "active":
        # A sound system does not show a card that another has, and here nothing tells who that is.
        return note(f"{direction}: the running service holds the card")
    return Finding(
        "bad",
        error.what,
        f"{error.do} See `satellite devices`, and audio.{direction} of the settings.".strip(),
        EXIT_FAILED,
    )


def _rights() -> Iterator[Finding]:
    """Whether this user may open sound cards at all."""
    if not SOUND_DEVICES.is_dir():
        yield note(f"this machine has no sound card of its own ({SOUND_DEVICES} is not there)")
        return
    closed = [d for d in SOUND_DEVICES.glob("pcm*") if not os.access(d, os.R_OK | os.W_OK)]
    if closed:
        yield note(
            f"this user may not open {closed[0]}"
            + (f" and {len(closed) - 1} more" if closed[1:] else ""),
            "join the group: sudo usermod -aG audio $USER, then log in again "
            "(the service's own user is in it)",
        )


def of_this_session(
    name: str,
    direction: str,
    service: Mapping[str, str],
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Finding]:
    """A note if a device that is no card of the kernel's is one that the service will not find."""
    folder = environment.get("XDG_RUNTIME_DIR", "")
    served = folder and any((Path(folder) / socket).exists() for socket in SERVER_SOCKETS)
    if served and service.get("LoadState") == "loaded":
        yield note(
            f"“{name}” is of this user's session (PipeWire or PulseAudio): the service, which runs "
            f"as the user {SERVICE_USER}, does not find it",
            f"choose one of the names with “hw:” of `satellite devices` as audio.{direction}; "
            "`sudo satellite doctor` sees what the service sees",
        )
