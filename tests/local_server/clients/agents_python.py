"""The openai-agents package, run by the interpreter of its own virtual environment."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from agents import function_tool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession

CHUNK_BYTES = 4_800
called: list[tuple[list[str], str]] = []
said: list[str] = []
heard: list[str] = []
errors: list[str] = []
audio_bytes = 0


@function_tool
def set_power(devices: list[str], state: str) -> dict[str, str]:
    """Switches devices on or off."""
    called.append((devices, state))
    return {"status": "done"} if state == "on" else {"error": "The fuse is blown."}


async def collect(session: RealtimeSession) -> None:
    global audio_bytes  # noqa: PLW0603 - the script's findings
    async for event in session:
        if event.type == "error":
            errors.append(str(event.error))
        elif event.type == "audio":
            audio_bytes += len(event.audio.data)
        elif event.type == "raw_model_event" and event.data.type == "raw_server_event":
            kind = event.data.data["type"]
            if kind == "response.output_audio_transcript.done":
                said.append(event.data.data["transcript"].strip())
            elif kind.endswith("input_audio_transcription.completed"):
                heard.append(event.data.data["transcript"])


async def replies(count: int) -> None:
    async with asyncio.timeout(20):
        while len(said) < count:
            await asyncio.sleep(0.02)


async def main(url: str, sound: bytes) -> None:
    set_tracing_disabled(True)
    agent = RealtimeAgent(name="Home", instructions="Be brief.", tools=[set_power])
    config = {"url": f"{url}?model=gpt-realtime-2.1", "api_key": "sk-any"}
    async with await RealtimeRunner(agent).run(model_config=config) as session:
        collecting = asyncio.create_task(collect(session))
        await session.send_message("hello")
        await replies(1)
        await session.send_message("turn off the kitchen light")
        await replies(2)
        for begin in range(0, len(sound), CHUNK_BYTES):
            await session.send_audio(sound[begin : begin + CHUNK_BYTES])
        await replies(3)
        collecting.cancel()
    print(json.dumps({"said": said, "heard": heard, "called": called, "audioBytes": audio_bytes,
                      "errors": errors}))  # fmt: skip


server_url, sound_file = sys.argv[1:]
asyncio.run(main(server_url, Path(sound_file).read_bytes()))
