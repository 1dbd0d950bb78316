"""The virtual room is a real one for PortAudio: sound gets in, sound gets out, plugs get pulled."""

from __future__ import annotations

import asyncio
import math
import os
import struct
import sys
import time

import pytest

from satellite.core.errors import MissingPartError
from satellite.demo.pulse import PACKAGES, require_alsa_plugin
from satellite.demo.room import Room

try:
    require_alsa_plugin()
except MissingPartError as missing:
    pytest.skip(f"{missing} (all of: {PACKAGES})", allow_module_level=True)

LISTENER = """
import sys, time, pyaudio
names = {}
audio = pyaudio.PyAudio()
for index in range(audio.get_device_count()):
    names[audio.get_device_info_by_index(index)["name"]] = index
loud = []
def heard(data, frames, when, status):
    peak = max(abs(s) for s in memoryview(data).cast("h"))
    if peak > 1000 and not loud:
        loud.append(time.monotonic())
    return None, pyaudio.paContinue
stream = audio.open(24000, 1, pyaudio.paInt16, input=True, frames_per_buffer=480,
                    input_device_index=names["usbmic"], stream_callback=heard)
print("speaker" in names, flush=True)
end = time.monotonic() + 10
while not loud and time.monotonic() < end:
    time.sleep(0.01)
print(loud[0] if loud else "nothing", flush=True)
"""

PLAYER = """
import time, pyaudio
audio = pyaudio.PyAudio()
names = {audio.get_device_info_by_index(i)["name"]: i for i in range(audio.get_device_count())}
stream = audio.open(24000, 1, pyaudio.paInt16, output=True, output_device_index=names["speaker"])
stream.write((8000).to_bytes(2, "little") * 12000)
stream.stop_stream()
"""


def tone(seconds: float, rate_hz: int = 24_000) -> bytes:
    samples = (
        int(9000 * math.sin(2 * math.pi * 440 * n / rate_hz)) for n in range(int(seconds * rate_hz))
    )
    return b"".join(struct.pack("<h", sample) for sample in samples)


async def python(room: Room, code: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        env={**os.environ, **room.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


def test_what_is_said_in_the_room_reaches_portaudio_at_its_recorded_time() -> None:
    async def scene() -> None:
        async with Room() as room, room.record() as recording:
            listener = await python(room, LISTENER)
            assert listener.stdout is not None
            assert await listener.stdout.readline() == b"True\n", "PortAudio lists the speaker"
            await asyncio.sleep(0.3)
            await room.say(tone(0.5), 24_000)
            heard = (await listener.stdout.readline()).decode().strip()
            await listener.wait()
        [(begin_s, end_s)] = recording.person.sounds()
        assert end_s - begin_s == pytest.approx(0.5, abs=0.01)
        # One period of 20 ms, a block of the sink, and a busy machine.
        assert -0.002 < float(heard) - begin_s < 0.08

    asyncio.run(scene())


def test_what_portaudio_plays_is_recorded_from_the_speaker() -> None:
    async def scene() -> None:
        async with Room() as room, room.record() as recording:
            begin_s = time.monotonic()
            player = await python(room, PLAYER)
            assert await player.wait() == 0
        [(first_s, last_s)] = recording.speaker.sounds()
        assert first_s > begin_s
        assert last_s - first_s == pytest.approx(0.5, abs=0.05)
        assert recording.person.sounds() == []

    asyncio.run(scene())


def test_the_microphone_hears_the_echo_of_the_loudspeaker() -> None:
    async def scene() -> None:
        async with Room(echo_gain=0.5, echo_delay_ms=80) as room, room.record() as recording:
            player = await python(room, PLAYER)
            assert await player.wait() == 0
            await asyncio.sleep(0.3)
        [(played_s, _)] = recording.speaker.sounds()
        (echo_s, _) = recording.person.sounds()[0]
        assert 0.03 < echo_s - played_s < 0.2
        level = abs(recording.person.between(echo_s + 0.1, echo_s + 0.2)).mean()
        assert level == pytest.approx(4000, rel=0.1)

    asyncio.run(scene())


def test_a_pulled_speaker_leaves_a_gap_and_comes_back_under_its_name() -> None:
    async def scene() -> None:
        async with Room() as room, room.record() as recording:
            await room.unplug("usbmic")
            await room.unplug("speaker")
            await asyncio.sleep(0.1)
            await room.replug("speaker")
            await room.replug("usbmic")
            player = await python(room, PLAYER)
            assert await player.wait() == 0
        assert len(recording.speaker.pieces) == 2
        assert len(recording.speaker.sounds()) == 1
        assert len(recording.person.pieces) == 1

    asyncio.run(scene())


def test_the_echo_comes_back_with_the_speaker() -> None:
    async def scene() -> None:
        async with Room(echo_gain=0.5) as room:
            await room.unplug("speaker")
            await room.replug("speaker")
            async with room.record() as recording:
                player = await python(room, PLAYER)
                assert await player.wait() == 0
                await asyncio.sleep(0.3)
        assert recording.person.sounds() != []

    asyncio.run(scene())


def test_a_missing_program_names_its_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*args: object, **named: object) -> None:
        return None

    async def scene() -> None:
        async with Room():
            pass

    monkeypatch.setattr("shutil.which", nothing)
    with pytest.raises(MissingPartError, match="apt install pulseaudio"):
        asyncio.run(scene())
