"""A private PulseAudio: a child process with its own socket and folders.

It neither needs nor touches the machine's sound server, D-Bus, home folder or cards, and runs as
root or any other user.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from satellite.core.errors import MissingPartError
from satellite.demo.children import Child, ChildError, require_program, start_child

PACKAGES = "pulseaudio pulseaudio-utils libasound2-plugins alsa-utils"
START_S = 10.0
SOCKET = "pulse.socket"
MAX_SOCKET_PATH = 100
"""Linux allows 107 bytes."""

_PCM = """\
pcm.{name} {{
    type pulse
    server "unix:{socket}"
    device "{name}"
    hint {{ show on description "{name} of the virtual room" }}
}}
"""


class Pulse:
    """``devices`` are the sinks and sources, made by ``load``, that PortAudio shall list.

    ``environment`` has the variables that clients need, ``tools`` the whole environment of
    PulseAudio's programs. Raises MissingPartError when a program is not installed.
    """

    def __init__(self, devices: Sequence[str]) -> None:
        self.environment: dict[str, str] = {}
        self._devices = devices
        self._folder = Path()
        self._child: Child | None = None

    async def start(self) -> None:
        for program in ("pulseaudio", "pactl", "pacat", "parec"):
            require_program(program, PACKAGES)
        require_alsa_plugin()
        self._folder = _folder_for_sockets()
        self.environment = self._write_environment()
        script = self._folder / "room.pa"
        script.write_text(
            "load-module module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 "
            f"socket={self._socket}\n"
        )
        # A stream ends with its card, as on ALSA, instead of moving to another one.
        daemon = self._folder / "daemon.conf"
        daemon.write_text("rescue-streams = no\n")
        self._child = await start_child(
            "PulseAudio",
            [
                require_program("pulseaudio", PACKAGES),
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
            {**self.tools, "PULSE_CONFIG": str(daemon)},
        )
        await self._wait_for_socket(self._child)

    async def stop(self) -> None:
        if self._child is not None:
            await self._child.stop()
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)

    def freeze(self, frozen: bool) -> None:
        """Stops the server, so that it hangs like a broken driver, or continues it."""
        if self._child is not None:
            os.kill(self._child.pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    async def load(self, module: str, *arguments: str) -> str:
        """Loads a module and returns its number."""
        return await self.control("load-module", module, *arguments)

    async def control(self, *command: str) -> str:
        """The output of ``pactl``. Raises ChildError when it fails."""
        process = await asyncio.create_subprocess_exec(
            require_program("pactl", PACKAGES),
            *command,
            env=self.tools,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, problem = await process.communicate()
        if process.returncode != 0:
            said = problem.decode("utf-8", "replace").strip()
            raise ChildError(f"pactl {' '.join(command)} did not work: {said}")
        return out.decode("utf-8", "replace").strip()

    @property
    def tools(self) -> dict[str, str]:
        """Our environment, with PulseAudio's variables and without those of a desktop."""
        desktop = ("DISPLAY", "WAYLAND_DISPLAY", "PULSE_SINK", "PULSE_SOURCE", "PULSE_COOKIE")
        kept = {name: value for name, value in os.environ.items() if name not in desktop}
        # Without an address D-Bus would look for the desktop's, or start one.
        no_bus = {"DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        return {**kept, **self.environment, **no_bus, "LC_ALL": "C.UTF-8"}

    @property
    def _socket(self) -> Path:
        return self._folder / SOCKET

    def _write_environment(self) -> dict[str, str]:
        """Writes the clients' configuration and returns the variables that point to it."""
        asound = self._folder / "asound.conf"
        asound.write_text(
            "".join(_PCM.format(name=name, socket=self._socket) for name in self._devices)
        )
        client = self._folder / "client.conf"
        client.write_text("autospawn = no\nenable-shm = no\n")
        return {
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{asound}",
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_CLIENTCONFIG": str(client),
            "PULSE_RUNTIME_PATH": str(self._folder / "runtime"),
            "PULSE_STATE_PATH": str(self._folder / "state"),
        }

    async def _wait_for_socket(self, child: Child) -> None:
        end_s = time.monotonic() + START_S
        while time.monotonic() < end_s:
            if not child.running:
                raise await child.failed()
            try:
                _, writer = await asyncio.open_unix_connection(str(self._socket))
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            return
        raise ChildError(f"PulseAudio did not open its socket. {child.reason()}")


def _folder_for_sockets() -> Path:
    """A new temporary folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="satellite-room-"))
    if len(os.fsencode(folder / SOCKET)) <= MAX_SOCKET_PATH:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="satellite-room-", dir="/tmp"))


def require_alsa_plugin() -> None:
    """Raises MissingPartError when ALSA cannot reach PulseAudio."""
    name = "alsa-lib/libasound_module_pcm_pulse.so"
    for folder in (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")):
        if (folder / name).exists() or any(folder.glob(f"*/{name}")):
            return
    raise MissingPartError(
        "ALSA's plugin for PulseAudio is not installed.",
        do="Install it with: sudo apt install libasound2-plugins",
    )
