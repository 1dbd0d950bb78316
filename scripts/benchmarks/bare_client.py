"""The least that can be called a client: a PyAudio callback and a websocket, nothing else.

It speaks to the same server through the same card as the satellite, in the same run, so that the
satellite's figures have something beside them. It has no echo canceller, no broker, no device,
no reconnection, no truncation; it plays what comes and is silent when the user speaks.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from typing import Any

import pyaudio
from websockets.asyncio.client import connect

RATE_HZ = 24_000
FRAMES = 480


class Player:
    """What the output callback takes from. The lock is the GIL."""

    def __init__(self) -> None:
        self.queue = bytearray()

    def take(self, _in: bytes | None, frames: int, _time: Any, _flags: int) -> tuple[bytes, int]:  # noqa: ANN401
        wanted = frames * 2
        piece = bytes(self.queue[:wanted])
        del self.queue[:wanted]
        return piece + bytes(wanted - len(piece)), pyaudio.paContinue


def device(audio: pyaudio.PyAudio, name: str, channels: str) -> int:
    for index in range(audio.get_device_count()):
        info = audio.get_device_info_by_index(index)
        if name in str(info["name"]) and int(info[channels]) > 0:
            return index
    sys.exit(f"no device {name!r}")


async def main(url: str, microphone: str, speaker: str) -> None:
    loop = asyncio.get_running_loop()
    audio = pyaudio.PyAudio()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    player = Player()

    def listen(data: bytes | None, _n: int, _t: Any, _f: int) -> tuple[None, int]:  # noqa: ANN401
        loop.call_soon_threadsafe(heard.put_nowait, data or b"")
        return None, pyaudio.paContinue

    shape = {"format": pyaudio.paInt16, "channels": 1, "rate": RATE_HZ, "frames_per_buffer": FRAMES}
    async with connect(url, max_size=None) as socket:
        input_stream = audio.open(
            input=True,
            input_device_index=device(audio, microphone, "maxInputChannels"),
            stream_callback=listen,
            **shape,
        )
        output_stream = audio.open(
            output=True,
            output_device_index=device(audio, speaker, "maxOutputChannels"),
            stream_callback=player.take,
            **shape,
        )

        async def send() -> None:
            while True:
                chunk = base64.b64encode(await heard.get()).decode()
                await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": chunk}))

        sender = asyncio.create_task(send())
        async for message in socket:
            event = json.loads(message)
            if event["type"] == "response.output_audio.delta":
                player.queue += base64.b64decode(event["delta"])
            elif event["type"] == "input_audio_buffer.speech_started":
                player.queue.clear()
        sender.cancel()
        input_stream.close()
        output_stream.close()


if __name__ == "__main__":
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    asyncio.run(main(*sys.argv[1:4]))
