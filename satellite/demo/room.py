"""A room with a USB microphone and a loudspeaker, for PyAudio on ALSA, without any hardware.

PortAudio reaches PulseAudio through ALSA's ``pulse`` plugin under the names ``usbmic`` and
``speaker``, so that the satellite runs unchanged.

    person ──▶ sink "room" ──▶ source "usbmic" ──▶ ALSA ──▶ PortAudio ──▶ satellite
    recording ◀── "speaker.monitor" ◀── sink "speaker" ◀── ALSA ◀── PortAudio ◀──┘
                     └── optional loopback into "room": the acoustic echo

Both monitors are always read, in blocks of a few milliseconds. That keeps the latencies of the
sinks small and steady (a null sink renders as far ahead as its slowest reader allows) and gives
every sample its time; see ``recording``.
"""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from satellite.demo.block import Block
from satellite.demo.children import ChildError, require_program, start_child
from satellite.demo.monitor import Monitor
from satellite.demo.pulse import PACKAGES, Pulse
from satellite.demo.recording import FRAME_BYTES, RATE_HZ, Recording

MICROPHONE = "usbmic"
"""The name under which PortAudio lists the microphone."""
SPEAKER = "speaker"
"""The name under which PortAudio lists the loudspeaker."""
BLOCK_MS = 5
"""How far ahead the sinks render; the room then takes some 8 % of one core."""
PERSON_BUFFER_MS = 1000
"""Buffer of the person's speech, filled at once: with 40 ms a busy machine left gaps of 20 to
300 ms in it."""

Unpluggable = Literal["usbmic", "speaker"]

_MODULES: dict[str, tuple[str, ...]] = {
    "speaker": (
        "module-null-sink",
        "sink_name=speaker",
        f"rate={RATE_HZ}",
        "channels=2",
        # A sink that cannot take back what it rendered never renders more than 50 ms ahead.
        "norewinds=1",
        "sink_properties=device.description=Speaker",
    ),
    "room": (
        "module-null-sink",
        "sink_name=room",
        f"rate={RATE_HZ}",
        "channels=1",
        "norewinds=1",
        "sink_properties=device.description=Room",
    ),
    "usbmic": (
        "module-remap-source",
        "source_name=usbmic",
        "master=room.monitor",
        "remix=no",
        "source_properties=device.description=Microphone",
    ),
}


class Room(Block):
    """``echo_gain`` (0: none) plays the loudspeaker to the microphone ``echo_delay_ms`` later.

    Raises MissingPartError when a program is not installed.
    """

    def __init__(self, *, echo_gain: float = 0.0, echo_delay_ms: int = 60) -> None:
        self.echo_gain = echo_gain
        self.echo_delay_ms = echo_delay_ms
        self._pulse = Pulse((MICROPHONE, SPEAKER))
        self._modules: dict[str, str] = {}
        self._monitors = {
            "room": Monitor("room.monitor", BLOCK_MS),
            "speaker": Monitor("speaker.monitor", BLOCK_MS),
        }

    @property
    def environment(self) -> dict[str, str]:
        """Variables that a child process needs to use this room's cards."""
        return dict(self._pulse.environment)

    # --- open and close -------------------------------------------------------------------------

    async def _open(self) -> None:
        await self._pulse.start()
        for name in ("speaker", "room", "usbmic"):
            await self._load(name)
        # The defaults: devices that are never unplugged, since streams move with the default.
        await self._pulse.control("set-default-source", "room.monitor")
        await self._pulse.control("set-default-sink", "room")
        for monitor in self._monitors.values():
            await monitor.open(self._pulse.tools)
        if self.echo_gain > 0:
            await self._load_echo()

    async def _close(self) -> None:
        for monitor in self._monitors.values():
            await monitor.close()
        await self._pulse.stop()

    # --- plugging -------------------------------------------------------------------------------

    async def unplug(self, device: Unpluggable) -> None:
        """Removes a device; streams on it end as those of a USB card do."""
        await self._pulse.control("unload-module", self._modules.pop(device))
        if device == "speaker":
            await self._monitors["speaker"].close()

    def freeze(self, frozen: bool) -> None:
        """Makes the sound system hang, or continue."""
        self._pulse.freeze(frozen)

    async def replug(self, device: Unpluggable) -> None:
        """Adds the device again under the same name."""
        await self._load(device)
        if device == "speaker":
            await self._monitors["speaker"].open(self._pulse.tools)
            if self.echo_gain > 0:
                await self._load_echo()

    async def _load(self, name: str) -> None:
        self._modules[name] = await self._pulse.load(*_MODULES[name])

    async def _load_echo(self) -> None:
        module = self._modules["echo"] = await self._pulse.load(
            "module-loopback",
            "source=speaker.monitor",
            "sink=room",
            f"latency_msec={self.echo_delay_ms}",
            "adjust_time=0",
            "sink_input_properties=media.name=echo",
        )
        stream = _stream_of(module, await self._pulse.control("list", "sink-inputs"))
        # PulseAudio's volume is cubic: 65536 is 0 dB and half of it -18 dB.
        volume = round(65536 * self.echo_gain ** (1 / 3))
        await self._pulse.control("set-sink-input-volume", stream, str(volume))

    # --- speaking and listening -----------------------------------------------------------------

    async def say(self, speech: bytes | Path, rate_hz: int = RATE_HZ) -> None:
        """Plays a person's speech: 16 bit mono PCM or a WAV file. Returns after the last word.

        ``record`` has the exact times. When cancelled it falls silent.
        """
        if isinstance(speech, Path):
            pcm, rate_hz = read_wav(speech)
        else:
            pcm = speech
        player = await start_child(
            "pacat",
            [
                require_program("pacat", PACKAGES),
                "--playback",
                "--raw",
                "--device=room",
                "--format=s16le",
                "--channels=1",
                f"--rate={rate_hz}",
                f"--latency-msec={PERSON_BUFFER_MS}",
                "--client-name=person",
            ],
            self._pulse.tools,
            stdin=asyncio.subprocess.PIPE,
        )
        try:
            await player.feed(pcm)
        finally:
            await player.stop(patience_s=1)
        if player.process.returncode != 0:
            raise ChildError(f"Nobody could speak into the room. {player.reason()}")

    async def microphone_streams(self) -> int:
        """How many programs have the microphone open, as the sound server knows."""
        sources = await self._pulse.control("list", "short", "sources")
        numbers = [line.split("\t")[0] for line in sources.splitlines() if "\tusbmic\t" in line]
        outputs = await self._pulse.control("list", "short", "source-outputs")
        return sum(line.split("\t")[1] in numbers for line in outputs.splitlines())

    @contextlib.asynccontextmanager
    async def record(self) -> AsyncIterator[Recording]:
        """Records the person and the loudspeaker; ``Recording`` stays readable afterwards."""
        recording = Recording()
        self._monitors["room"].start(recording.person)
        self._monitors["speaker"].start(recording.speaker)
        try:
            yield recording
            # Lets the blocks arrive that were due until now.
            await asyncio.sleep(4 * BLOCK_MS / 1000)
        finally:
            self._monitors["room"].stop(recording.person)
            self._monitors["speaker"].stop(recording.speaker)


def _stream_of(module: str, listed: str) -> str:
    """Number of the playback stream of a module, from ``pactl list sink-inputs``."""
    for block in listed.split("Sink Input #")[1:]:
        if f"Owner Module: {module}\n" in block:
            return block.split("\n", 1)[0].strip()
    raise ChildError(f"The module {module} plays nothing.")


def read_wav(path: Path) -> tuple[bytes, int]:
    """PCM and sample rate of a 16 bit mono WAV file; ValueError when it is anything else."""
    with wave.open(str(path)) as file:
        if file.getnchannels() != 1 or file.getsampwidth() != FRAME_BYTES:
            raise ValueError(f"{path} is not a 16 bit mono WAV file")
        return file.readframes(file.getnframes()), file.getframerate()
