"""A room with a USB microphone and a loudspeaker, for PyAudio on ALSA, without any hardware.

PulseAudio runs as our child, on a socket and in folders of its own; it neither needs nor touches
a sound server, a D-Bus or a card that the machine may have. PortAudio reaches it through ALSA's
``pulse`` plugin under the names ``usbmic`` and ``speaker``, so that the satellite runs unchanged.

    person ──▶ sink "room" ──▶ source "usbmic" ──▶ ALSA ──▶ PortAudio ──▶ satellite
    ears  ◀── "speaker.monitor" ◀── sink "speaker" ◀── ALSA ◀── PortAudio ◀──┘
                     └── optional loopback into "room": the acoustic echo

Both monitors are read all the time in blocks of a few milliseconds. That keeps the latencies of
the sinks small and steady (a null sink renders as far ahead as its laziest listener allows) and
gives every sample its time; see ``recording``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Literal

from satellite.demo.children import Child, ChildError, need, start_child
from satellite.demo.ears import Ear
from satellite.demo.recording import FRAME_BYTES, RATE_HZ, Recording
from satellite.errors import MissingPartError

PACKAGES = "pulseaudio pulseaudio-utils libasound2-plugins alsa-utils"
MICROPHONE = "usbmic"
"""The name under which PortAudio lists the microphone."""
SPEAKER = "speaker"
"""The name under which PortAudio lists the loudspeaker."""
BLOCK_MS = 5
"""How far ahead the sinks render; all of the room then costs some 8 % of one core."""
START_S = 10.0
SOCKET = "pulse.socket"
MAX_SOCKET_PATH = 100
"""Linux allows 107 bytes."""

Unpluggable = Literal["usbmic", "speaker"]

_MODULES: dict[str, tuple[str, ...]] = {
    "speaker": (
        "module-null-sink",
        "sink_name=speaker",
        f"rate={RATE_HZ}",
        "channels=2",
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

_ASOUND_CONF = """\
pcm.usbmic {{
    type pulse
    server "unix:{socket}"
    device "usbmic"
    hint {{ show on description "USB microphone of the room" }}
}}
pcm.speaker {{
    type pulse
    server "unix:{socket}"
    device "speaker"
    hint {{ show on description "Loudspeaker of the room" }}
}}
"""


class Room:
    """The room exists as long as the ``async with`` block.

    ``echo_gain`` (0 = none) lets the microphone hear the loudspeaker ``echo_delay_ms`` later.
    ``environment`` is what a child process needs to live in this room. Raises MissingPartError
    when a program is not installed.
    """

    def __init__(self, *, echo_gain: float = 0.0, echo_delay_ms: int = 60) -> None:
        self.echo_gain = echo_gain
        self.echo_delay_ms = echo_delay_ms
        self.environment: dict[str, str] = {}
        self._folder = Path()
        self._pulse: Child | None = None
        self._modules: dict[str, str] = {}
        self._ears = {
            "room": Ear("room.monitor", BLOCK_MS),
            "speaker": Ear("speaker.monitor", BLOCK_MS),
        }

    # --- coming and going -----------------------------------------------------------------------

    async def __aenter__(self) -> Room:
        for program in ("pulseaudio", "pactl", "pacat", "parec"):
            need(program, PACKAGES)
        need_alsa_plugin()
        self._folder = _folder_for_sockets()
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def _start(self) -> None:
        self.environment = self._write_environment()
        # A stream dies with its card, as on ALSA, instead of moving over to another one.
        (self._folder / "daemon.conf").write_text("rescue-streams = no\n")
        script = self._folder / "room.pa"
        script.write_text(
            "load-module module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 "
            f"socket={self._socket}\n"
        )
        self._pulse = await start_child(
            "PulseAudio",
            [
                need("pulseaudio", PACKAGES),
                "-n",
                f"-F{script}",
                "--daemonize=no",
                "--use-pid-file=no",
                "--disallow-exit",
                "--exit-idle-time=-1",
                "--disable-shm=yes",
                "--realtime=no",
                f"--high-priority={'yes' if os.geteuid() == 0 else 'no'}",
                "--log-target=stderr",
                "--log-level=error",
                "--resample-method=speex-float-1",
            ],
            {**self._private_environment(), "PULSE_CONFIG": str(self._folder / "daemon.conf")},
        )
        await self._wait_for_socket()
        for name in ("speaker", "room", "usbmic"):
            await self._load(name)
        # Streams follow a default that disappears; these two stay.
        await self._pactl("set-default-source", "room.monitor")
        await self._pactl("set-default-sink", "room")
        for name in ("speaker", "room"):
            await self._ears[name].open(self._private_environment())
        if self.echo_gain > 0:
            await self._load_echo()

    async def _end(self) -> None:
        for ear in self._ears.values():
            await ear.close()
        if self._pulse is not None:
            await self._pulse.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _socket(self) -> Path:
        return self._folder / SOCKET

    def _write_environment(self) -> dict[str, str]:
        """Writes the clients' configuration; answers with the variables that point to it."""
        asound = self._folder / "asound.conf"
        asound.write_text(_ASOUND_CONF.format(socket=self._socket))
        client = self._folder / "client.conf"
        client.write_text("autospawn = no\nenable-shm = no\n")
        return {
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{asound}",
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_CLIENTCONFIG": str(client),
            "PULSE_RUNTIME_PATH": str(self._folder / "runtime"),
            "PULSE_STATE_PATH": str(self._folder / "state"),
        }

    def _private_environment(self) -> dict[str, str]:
        """The surroundings of PulseAudio and its tools: ours, with nothing of the desktop's."""
        desktop = ("DISPLAY", "WAYLAND_DISPLAY", "PULSE_SINK", "PULSE_SOURCE", "PULSE_COOKIE")
        kept = {name: value for name, value in os.environ.items() if name not in desktop}
        # Without an address D-Bus would look for the desktop's, or start one.
        no_bus = {"DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        return {**kept, **self.environment, **no_bus, "LC_ALL": "C.UTF-8"}

    async def _wait_for_socket(self) -> None:
        assert self._pulse is not None
        end_s = time.monotonic() + START_S
        while time.monotonic() < end_s:
            if not self._pulse.running:
                raise await self._pulse.failed()
            try:
                _, writer = await asyncio.open_unix_connection(str(self._socket))
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            return
        raise ChildError(f"PulseAudio did not open its socket. {self._pulse.reason()}")

    # --- plugging -------------------------------------------------------------------------------

    async def unplug(self, device: Unpluggable) -> None:
        """Pulls the plug: the device disappears, streams on it die as those of a USB card do."""
        await self._pactl("unload-module", self._modules.pop(device))
        if device == "speaker":
            await self._ears["speaker"].close()

    async def replug(self, device: Unpluggable) -> None:
        """Plugs it in again, under the same name."""
        await self._load(device)
        if device == "speaker":
            await self._ears["speaker"].open(self._private_environment())
            if self.echo_gain > 0:
                await self._load_echo()

    async def _load(self, name: str) -> None:
        self._modules[name] = await self._pactl("load-module", *_MODULES[name])

    async def _load_echo(self) -> None:
        self._modules["echo"] = await self._pactl(
            "load-module",
            "module-loopback",
            "source=speaker.monitor",
            "sink=room",
            f"latency_msec={self.echo_delay_ms}",
            "adjust_time=0",
            "sink_input_properties=media.name=echo",
        )
        stream = _stream_of(self._modules["echo"], await self._pactl("list", "sink-inputs"))
        # PulseAudio's volume is cubic: 65536 is 0 dB and half of it -18 dB.
        volume = round(65536 * self.echo_gain ** (1 / 3))
        await self._pactl("set-sink-input-volume", stream, str(volume))

    async def _pactl(self, *args: str) -> str:
        process = await asyncio.create_subprocess_exec(
            need("pactl", PACKAGES),
            *args,
            env=self._private_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, problem = await process.communicate()
        if process.returncode != 0:
            said = problem.decode("utf-8", "replace").strip()
            raise ChildError(f"pactl {' '.join(args)} did not work: {said}")
        return out.decode("utf-8", "replace").strip()

    # --- speaking and listening -----------------------------------------------------------------

    async def say(self, speech: bytes | Path, rate_hz: int = RATE_HZ) -> None:
        """A person speaks: 16 bit mono PCM, or a WAV file. Returns when the last word is out.

        When exactly it was audible is what ``record`` tells. A cancelled ``say`` falls silent.
        """
        if isinstance(speech, Path):
            pcm, rate_hz = read_wav(speech)
        else:
            pcm = speech
        mouth = await start_child(
            "pacat",
            [
                need("pacat", PACKAGES),
                "--playback",
                "--raw",
                "--device=room",
                "--format=s16le",
                "--channels=1",
                f"--rate={rate_hz}",
                "--latency-msec=40",
                "--client-name=person",
            ],
            self._private_environment(),
            stdin=asyncio.subprocess.PIPE,
        )
        try:
            await mouth.feed(pcm)
        finally:
            await mouth.stop(patience_s=1)
        if mouth.process.returncode != 0:
            raise ChildError(f"Nobody could speak into the room. {mouth.reason()}")

    @contextlib.asynccontextmanager
    async def record(self) -> AsyncIterator[Recording]:
        """Records the person and the loudspeaker; ``Recording`` stays readable afterwards."""
        recording = Recording()
        self._ears["room"].start(recording.person)
        self._ears["speaker"].start(recording.speaker)
        try:
            yield recording
            # The monitors deliver in blocks: let those arrive that were due until now.
            await asyncio.sleep(4 * BLOCK_MS / 1000)
        finally:
            self._ears["room"].stop(recording.person)
            self._ears["speaker"].stop(recording.speaker)


def _stream_of(module: str, listed: str) -> str:
    """Number of the playback stream of a module, from ``pactl list sink-inputs``."""
    for block in listed.split("Sink Input #")[1:]:
        if f"Owner Module: {module}\n" in block:
            return block.split("\n", 1)[0].strip()
    raise ChildError(f"The module {module} plays nothing.")


def _folder_for_sockets() -> Path:
    """A temporary folder of our own whose path is not too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="satellite-room-"))
    if len(os.fsencode(folder / SOCKET)) <= MAX_SOCKET_PATH:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="satellite-room-", dir="/tmp"))


def need_alsa_plugin() -> None:
    """Raises MissingPartError when ALSA cannot reach PulseAudio."""
    folders = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
    name = "alsa-lib/libasound_module_pcm_pulse.so"
    for folder in folders:
        base = Path(folder)
        if (base / name).exists() or any(base.glob(f"*/{name}")):
            return
    raise MissingPartError(
        "ALSA's plugin for PulseAudio is not installed.",
        do="Install it with: sudo apt install libasound2-plugins",
    )


def read_wav(path: Path) -> tuple[bytes, int]:
    """PCM and sample rate of a 16 bit mono WAV file; ValueError when it is anything else."""
    with wave.open(str(path)) as file:
        if file.getnchannels() != 1 or file.getsampwidth() != FRAME_BYTES:
            raise ValueError(f"{path} is not a 16 bit mono WAV file")
        return file.readframes(file.getnframes()), file.getframerate()
