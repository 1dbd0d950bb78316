"""The measurements of a client from outside: its process, the wire and the room's air.

Everything is taken at the server's socket and at the monitors of the virtual card, whose samples
have a time each (``satellite/demo/recording.py``), never from what a client says about itself.
"""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import numpy as np

from satellite.demo.large_home import LargeHome
from satellite.demo.metronome import Metronome, tone
from satellite.demo.stage import Stage
from scripts.benchmarks.candidates import Candidate

AUDIBLE = 300
"""What counts as sound in the monitor; volume settings and resampling ring below it."""


async def first_audio_ms(server: Metronome, client: Candidate) -> float:
    """From the start of the process to the first microphone audio at the server."""
    return (server.microphone.pieces[0][0] - client.started_s) * 1000


async def idle(client: Candidate, seconds: float) -> tuple[float, float]:
    """CPU seconds of an idle minute (scaled from ``seconds``), and the memory in MB."""
    before = client.cpu_s()
    await asyncio.sleep(seconds)
    return (client.cpu_s() - before) * 60 / seconds, client.pss_mb()


async def tools_ms(stage: Stage, server: Metronome, count: int = 2000) -> float:
    """From the first discovery message sent to the broker until the server has the new tools.

    A home of that size has the function ``find_devices``, the small one of the stage has not.
    """
    async with LargeHome(stage.broker.port) as home:
        begun_s = time.monotonic()
        await home.flood(count)
        await server.until(lambda: bool(_large(server, begun_s)), 30.0)
        took_ms = (_large(server, begun_s)[0] - begun_s) * 1000
        await asyncio.sleep(4.0)
        await home.remove(count)
        await asyncio.sleep(4.0)
    return took_ms


def _large(server: Metronome, from_s: float) -> list[float]:
    updates = server.since(from_s, "session.update")
    return [one.at_s for one in updates if "find_devices" in str(one.event["session"])]


async def longest_gap_ms(stage: Stage, server: Metronome, count: int = 2000) -> float:
    """Between two pieces of the microphone at the server while a home grows by ``count``.

    A client without devices shows what the noise of the broker and of the devices costs anybody.
    """
    async with LargeHome(stage.broker.port) as home:
        at = len(server.microphone.pieces)
        await home.announce(count)
        await asyncio.sleep(4.0)
        times = [at_s for at_s, _ in server.microphone.pieces[at:]]
        await home.remove(count)
        await asyncio.sleep(4.0)
    return max(later - earlier for earlier, later in pairwise(times)) * 1000


async def mic_to_wire_ms(stage: Stage, server: Metronome) -> float:
    """From a click in the air of the room to the arrival of the audio that holds it."""
    silence_ms = 300
    at = len(server.microphone.data)
    async with stage.room.record() as recording:
        await stage.room.say(
            bytes(silence_ms * 96) + tone(60, 48_000) + bytes(silence_ms * 96), 48_000
        )
        await asyncio.sleep(0.4)
    spoken_s = recording.person.sounds(threshold=AUDIBLE)[0][0]
    heard = np.frombuffer(bytes(server.microphone.data[at:]), dtype="<i2")
    onset = int(np.flatnonzero(np.abs(heard.astype(np.int32)) > AUDIBLE)[0])
    return (server.microphone.arrival_of(at + onset * 2) - spoken_s) * 1000


async def first_sound_ms(stage: Stage, server: Metronome, number: int) -> float:
    """From the first delta leaving the server to sound at the card."""
    response, item = f"resp_f{number}", f"item_f{number}"
    async with stage.room.record() as recording:
        await server.begin(response, item)
        await asyncio.sleep(0.25)
        sent_s = await server.audio(response, item, tone(100))
        await server.audio(response, item, tone(100))
        await server.end(response, item)
        await asyncio.sleep(0.7)
    sounds = [a for a, _ in recording.speaker.sounds(threshold=AUDIBLE) if a >= sent_s]
    return (sounds[0] - sent_s) * 1000


async def interruption_ms(
    stage: Stage, server: Metronome, number: int, *, generating: bool
) -> tuple[float, float | None]:
    """From ``speech_started`` to silence, and the error of the truncation (None: none came).

    The error is ``audio_end_ms`` minus the milliseconds that the monitor recorded.
    """
    response, item, user = f"resp_b{number}", f"item_b{number}", f"item_u{number}"
    async with stage.room.record() as recording:
        await server.begin(response, item)
        await asyncio.sleep(0.25)
        begun_s = await server.audio(response, item, tone(5000))
        if not generating:
            await server.end(response, item)
        await asyncio.sleep(1.0 + 0.0137 * number)
        spoke_s = await server.send(
            "input_audio_buffer.speech_started", audio_start_ms=1000, item_id=user
        )
        await asyncio.sleep(0.35)
        if generating:
            await server.end(response, item, status="cancelled")
        await server.send("input_audio_buffer.speech_stopped", audio_end_ms=1300, item_id=user)
        await server.send("input_audio_buffer.committed", previous_item_id=None, item_id=user)
        await asyncio.sleep(0.3)
    # A card that ran dry on a busy machine leaves gaps, in which nothing was heard.
    sounds = recording.speaker.sounds(begun_s, threshold=AUDIBLE, gap_s=0.004)
    last_s = sounds[-1][1]
    cuts = server.since(spoke_s, "conversation.item.truncate")
    heard_ms = sum(last - first for first, last in sounds) * 1000
    error = float(cuts[0].event["audio_end_ms"]) - heard_ms if cuts else None
    return (last_s - spoke_s) * 1000, error


async def publish_ms(stage: Stage, server: Metronome, number: int) -> float:
    """From the completed function call to the command at another client of the broker."""
    name = "Kitchen light"
    state = "on" if number % 2 == 0 else "off"
    timeline = stage.timeline
    called_s = await server.call(
        f"resp_c{number}", "set_power", {"devices": [name], "state": state}
    )
    await timeline.wait_for(lambda: any(_commands(stage, called_s)), 3.0)
    answered = len(server.since(called_s, "response.create"))
    await server.until(
        lambda: len(server.since(called_s, "response.create")) > answered or answered > 0, 5.0
    )
    await server.begin(f"resp_d{number}", f"item_d{number}")
    await server.end(f"resp_d{number}", f"item_d{number}")
    return (_commands(stage, called_s)[0] - called_s) * 1000


def _commands(stage: Stage, from_s: float) -> list[float]:
    seen = stage.timeline.since(from_s)
    return [one.at_s for one in seen if one.kind.value == "command"]
