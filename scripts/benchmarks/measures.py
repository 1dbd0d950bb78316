"""Measurements of a client from outside: its process, its connection and the room's sound.

Everything is taken at the server's socket and at the monitors of the virtual card, whose samples
have a time each (``satellite/demo/recording.py``), never from what a client says about itself.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

import numpy as np

from satellite.demo.stage import Stage
from scripts.benchmarks.candidates import Candidate
from scripts.benchmarks.continuity import AUDIBLE
from scripts.benchmarks.replies import reply
from scripts.benchmarks.reply_results import Reply
from tests.fakes.large_home import LargeHome
from tests.fakes.realtime_server import FakeRealtimeServer, tone


async def first_audio_ms(server: FakeRealtimeServer, client: Candidate) -> float:
    """From the start of the process to the first microphone audio at the server."""
    return (server.microphone.pieces[0][0] - client.started_s) * 1000


async def idle(client: Candidate, seconds: float) -> tuple[float, float]:
    """CPU seconds of an idle minute (scaled from ``seconds``), and the memory in MB."""
    before = client.cpu_s()
    await asyncio.sleep(seconds)
    return (client.cpu_s() - before) * 60 / seconds, client.pss_mb()


async def tools_ms(stage: Stage, server: FakeRealtimeServer, count: int = 2000) -> float:
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


def _large(server: FakeRealtimeServer, from_s: float) -> list[float]:
    updates = server.tool_updates(from_s)
    return [one.at_s for one in updates if "find_devices" in str(one.event["session"])]


async def memory_mb(stage: Stage, client: Candidate, count: int) -> float:
    """Of all its processes while the home has ``count`` devices more than the stage's."""
    async with LargeHome(stage.broker.port) as home:
        await home.announce(count)
        await asyncio.sleep(8.0)
        memory_mb = client.pss_mb()
        await home.remove(count)
        await asyncio.sleep(4.0)
    return memory_mb


async def join_interval_ms(stage: Stage, server: FakeRealtimeServer, count: int = 2000) -> float:
    """The longest between two pieces of the microphone while a home grows by ``count``.

    A client without devices shows what the noise of the broker and of the devices costs anybody.
    Whoever observes the broker in this process has to be stopped before: it would read thousands of
    messages on the thread that notes when a piece arrives.
    """
    async with LargeHome(stage.broker.port) as home:
        with _ahead_of_all():
            at = len(server.microphone.pieces)
            await home.announce(count)
            await asyncio.sleep(3.0)
        interval_ms = longest_interval_ms(server, at)
        await home.remove(count)
    return interval_ms


@contextmanager
def _ahead_of_all() -> Iterator[None]:
    """Runs this thread, which notes arrivals, before all others, so that no client is blamed for a
    wait of the server's. A process started meanwhile would lose its priority. Without root nothing
    changes."""
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, parameter)


def longest_interval_ms(server: FakeRealtimeServer, at: int) -> float:
    """Between two arrivals of the microphone's pieces from number ``at`` on."""
    times = [at_s for at_s, _ in server.microphone.pieces[at:]]
    return max(later - earlier for earlier, later in pairwise(times)) * 1000


async def mic_to_wire_ms(stage: Stage, server: FakeRealtimeServer) -> float | None:
    """From a click in the air of the room to the arrival of the audio that holds it.

    None when it never arrived.
    """
    silence_ms = 300
    at = len(server.microphone.data)
    async with stage.room.record() as recording:
        await stage.room.say(
            bytes(silence_ms * 96) + tone(60, 48_000) + bytes(silence_ms * 96), 48_000
        )
        await asyncio.sleep(0.4)
    spoken_s = recording.person.sounds(threshold=AUDIBLE)[0][0]
    heard = np.frombuffer(bytes(server.microphone.data[at:]), dtype="<i2")
    loud = np.flatnonzero(np.abs(heard.astype(np.int32)) > AUDIBLE)
    if not len(loud):
        return None
    return (server.microphone.arrival_of(at + int(loud[0]) * 2) - spoken_s) * 1000


async def first_sound_ms(stage: Stage, server: FakeRealtimeServer, number: int) -> float | None:
    """From the first delta leaving the server to sound at the card; None when none came."""
    response, item = f"resp_f{number}", f"item_f{number}"
    async with stage.room.record() as recording:
        await server.begin(response, item)
        await asyncio.sleep(0.25)
        sent_s = await server.audio(response, item, tone(100))
        await server.audio(response, item, tone(100))
        await server.end(response, item)
        await asyncio.sleep(0.7)
    sounds = [a for a, _ in recording.speaker.sounds(threshold=AUDIBLE) if a >= sent_s]
    return (sounds[0] - sent_s) * 1000 if sounds else None


async def interruption(stage: Stage, server: FakeRealtimeServer, number: int) -> Reply:
    """A reply that is cut after a second; every other one is still being generated then."""
    name = f"b{number}_{time.monotonic_ns()}"
    return await reply(stage, server, name, number, length_ms=4000, cut_ms=1000 + 13.7 * number)


async def publish_ms(stage: Stage, server: FakeRealtimeServer, number: int) -> float | None:
    """From the completed function call to the command at another client of the broker.

    None when there was none within three seconds.
    """
    state = "on" if number % 2 == 0 else "off"
    arguments = {"devices": ["Kitchen light"], "state": state}
    timeline = stage.timeline
    called_s = await server.call(f"resp_c{number}", "set_power", arguments)
    await timeline.wait_for(lambda: any(_commands(stage, called_s)), 3.0)
    await _answered(server, called_s, f"d{number}")
    commands = _commands(stage, called_s)
    return (commands[0] - called_s) * 1000 if commands else None


async def output_ms(server: FakeRealtimeServer, number: int) -> float:
    """From a completed call that needs no device to its output on the wire."""
    arguments = {"devices": ["Living room temperature"]}
    called_s = await server.call(f"resp_g{number}", "get_state", arguments)
    await _answered(server, called_s, f"h{number}")
    created = server.since(called_s, "conversation.item.create")
    outputs = [one for one in created if one.event["item"]["type"] == "function_call_output"]
    return (outputs[0].at_s - called_s) * 1000


async def _answered(server: FakeRealtimeServer, called_s: float, name: str) -> None:
    """Waits until the call's output is there and a reply is asked for; that one is empty."""
    await server.until(lambda: bool(server.since(called_s, "response.create")), 10.0)
    await server.begin(f"resp_{name}", f"item_{name}")
    await server.end(f"resp_{name}", f"item_{name}")


def _commands(stage: Stage, from_s: float) -> list[float]:
    seen = stage.timeline.since(from_s)
    return [one.at_s for one in seen if one.kind.value == "command"]
