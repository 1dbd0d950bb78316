"""Cuts the connection at one moment of a sentence after the other, and notes what comes of each.

The daemon's own parts from the chunk of the microphone to the call of a function, the real link, a
relay that cuts, and the local server with its real ears. Time is the sound's: a virtual microphone
gives it as fast as the server hears it, some ten times faster than it was spoken.

``python -m tests.app.cut_sentences --step-ms 10`` tries every position of every sentence.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from satellite.app.application import Application
from satellite.audio.cards.manager import CardManager
from satellite.conversation import commands
from satellite.conversation import effects as fx
from satellite.conversation.events import BYTES_PER_MS, Event, local, server
from satellite.core.resampler import Resampler
from satellite.core.sd_notify import Notifier
from satellite.demo.voices import Person
from satellite.demo.wifi_devices import PlainLamp
from satellite.local_server.server import Options, serve
from satellite.settings import load_settings
from tests.audio.made_up import MadeUpCards
from tests.local_server.home_tools import home_of
from tests.local_server.stubs import Hum
from tests.realtime.relay import Relay

CHUNK_MS = 10
CHUNK_BYTES = CHUNK_MS * BYTES_PER_MS
BEFORE_MS = 1_200
AFTER_MS = 900
"""The last cuts come so long after the end, when the server has taken the sentence."""
OUTAGES_MS = (0, 300, 1_000)
ANSWERED_WITHIN_MS = 7_000
AT_ONCE = 4
"""A local server takes no more than eight sessions, and a cut one is closed a moment later."""
SETTLED_MS = 1_500
"""Long enough for the server to hear a second sentence, if it was given one."""


@dataclass(frozen=True)
class Sentence:
    text: str
    wanted: str = ""
    """The state that its one call sets; empty if it is to set nothing."""


SENTENCES = (
    Sentence("Don't turn on the desk lamp."),
    Sentence("Turn on the desk lamp.", "on"),
    Sentence("Turn off the living room lamp.", "off"),
)
LAMPS = (
    PlainLamp("Desk lamp", "Office", "desk-lamp"),
    PlainLamp("Living room lamp", "Living room", "living-room-lamp"),
)


@dataclass
class Outcome:
    """What came of one sentence."""

    calls: list[str] = field(default_factory=list)
    """The states that were to be set."""
    chimes: list[str] = field(default_factory=list)
    answers: int = 0

    def wrong(self, sentence: Sentence) -> str:
        """Why it must not be so; empty if it may."""
        wanted = [sentence.wanted] if sentence.wanted else []
        if self.calls and self.calls != wanted:
            return f"it was done: {self.calls}"
        if not (self.calls or self.chimes or self.answers):
            return "nobody heard anything"
        return ""


class Satellite(Application):
    """The daemon without cards and home: what it hears is given, what it calls is noted."""

    def __init__(self, url: str) -> None:
        self.outcome = Outcome()
        self.on_seen: Callable[[Event], None] = lambda _: None
        settings = load_settings(
            overrides={
                "realtime": {"url": url, "model": "local"},
                "listen": {"mode": "open"},
                "audio": {"chunk_ms": CHUNK_MS, "echo": {"mode": "off"}},
            }
        )
        super().__init__(settings, Notifier(), CardManager(MadeUpCards()))
        self.dispatcher._playback = self
        self.dispatcher._chime = lambda name, _volume: self.outcome.chimes.append(name)
        self.tool_runner.attach(self)
        tools = home_of(LAMPS).functions()
        self.link.update_session(
            tools=tuple(
                commands.Tool(one.name, one.description, dict(one.parameters)) for one in tools
            )
        )

    def _on_event(self, event: Event) -> None:
        super()._on_event(event)
        self.on_seen(event)

    def call(self, call: fx.RunCall) -> bool:
        """As the home process: it is done, and a moment later that is known."""
        self.outcome.calls.append(str(json.loads(call.arguments).get("state")))
        done = json.dumps({"status": "done"})
        asyncio.get_running_loop().call_later(0.02, self.tool_runner.done, call.call_id, done)
        return True

    # As the loudspeaker: everything is heard at once.

    def play(self, item_id: str, audio: bytes, volume: int | None = None) -> None:
        pass

    def end(self, item_id: str) -> None:
        self.outcome.answers += 1
        self._on_event(local.PlaybackFinished(item_id, 1_000.0))

    def flush(self) -> None:
        self._on_event(local.Flushed(()))

    def duck(self, gain: float) -> None:
        pass

    def expect(self) -> None:
        pass


Moment = int | type[server.ServerEvent]
"""When to cut: milliseconds after the beginning of the sentence, or when this event has come."""


class Bench:
    """A local server, and the sentences as sound."""

    def __init__(self, server_url: str, sounds: dict[str, bytes]) -> None:
        self._server_url = server_url
        self._sounds = sounds
        self._free = asyncio.Semaphore(AT_ONCE)

    def positions_ms(self, sentence: Sentence, step_ms: int, first_ms: int = 0) -> range:
        length_ms = len(self._sounds[sentence.text]) // BYTES_PER_MS
        return range(first_ms, length_ms + AFTER_MS, step_ms)

    async def half_open(self, sentence: Sentence, after_ms: int) -> Outcome:
        """From ``after_ms`` on whatever is sent vanishes, and the connection stands."""
        async with self._free, Relay(self._server_url).open() as relay, talking(relay) as satellite:
            microphone = self._speech(sentence)
            await hear(satellite, microphone, BEFORE_MS + after_ms)
            relay.forwards = False
            while satellite.link.is_open:
                await hear(satellite, microphone, CHUNK_MS)
                await asyncio.sleep(0.001)
            relay.forwards = True  # for new connections
            return await come_of_it(satellite, microphone)

    async def cut(self, sentence: Sentence, moment: Moment, number: int) -> Outcome:
        """By ``number`` in turn, the server has all that was said by then, or as much as has got
        there; and the network is there again at once, or after a while."""
        async with self._free, Relay(self._server_url).open() as relay, talking(relay) as satellite:
            microphone = self._speech(sentence)
            if isinstance(moment, int):
                await hear(satellite, microphone, BEFORE_MS + moment)
                if number % 2:
                    await asyncio.sleep(0.03)
                relay.refuses = True
                relay.cut()
                await hear(satellite, microphone, OUTAGES_MS[number % len(OUTAGES_MS)])
                relay.refuses = False
                satellite.link.retry_now()
            else:

                def cut_once(event: Event) -> None:
                    if type(event) is moment:
                        satellite.on_seen = lambda _: None
                        relay.cut()

                satellite.on_seen = cut_once
            return await come_of_it(satellite, microphone)

    def _speech(self, sentence: Sentence) -> Iterator[bytes]:
        sound = bytes(BEFORE_MS * BYTES_PER_MS) + self._sounds[sentence.text]
        sound += bytes(-len(sound) % CHUNK_BYTES)
        chunks = (sound[at : at + CHUNK_BYTES] for at in range(0, len(sound), CHUNK_BYTES))
        return itertools.chain(chunks, itertools.repeat(bytes(CHUNK_BYTES)))


@contextlib.asynccontextmanager
async def talking(relay: Relay) -> AsyncIterator[Satellite]:
    satellite = Satellite(f"{relay.url}/v1/realtime")
    link = asyncio.create_task(satellite.link.run())
    try:
        async with asyncio.timeout(20):
            while not satellite.link.ready:
                await asyncio.sleep(0.005)
        yield satellite
    finally:
        link.cancel()
        await asyncio.wait({link})
        satellite.dispatcher.close()


async def hear(satellite: Satellite, microphone: Iterator[bytes], ms: int) -> None:
    for chunk in itertools.islice(microphone, ms // CHUNK_MS):
        satellite._on_chunk(chunk)
        await asyncio.sleep(0.0005)
        while satellite.link.queued_ms > 100:
            await asyncio.sleep(0.001)


async def come_of_it(satellite: Satellite, microphone: Iterator[bytes]) -> Outcome:
    """Until something was heard, and nothing more can come."""
    outcome = satellite.outcome

    def heard() -> bool:
        return bool(outcome.answers or outcome.chimes)

    async def silence(ms: int, enough: Callable[[], bool] = lambda: False) -> None:
        for _ in range(ms // 20):
            if enough():
                return
            await hear(satellite, microphone, 20)
            if not (satellite.link.ready and satellite.dispatcher.interruptible):
                await asyncio.sleep(0.02)  # for the server, which takes real time

    await silence(ANSWERED_WITHIN_MS, heard)
    await silence(ANSWERED_WITHIN_MS, lambda: satellite.link.ready)
    await silence(SETTLED_MS)
    await silence(ANSWERED_WITHIN_MS, lambda: satellite.dispatcher.quiet)
    return outcome


@contextlib.asynccontextmanager
async def bench(sentences: Sequence[Sentence] = SENTENCES) -> AsyncIterator[Bench]:
    person = Person("slt")
    sounds = {}
    for sentence in sentences:
        speech = await person.says(sentence.text)
        sounds[sentence.text] = Resampler(speech.rate_hz, 24_000).convert(speech.pcm)
    async with serve("127.0.0.1", 0, Options(voice=Hum(), pace=0.0)) as local_server:
        yield Bench(local_server.url, sounds)


async def outcomes(
    one: Bench, sentence: Sentence, moments: Sequence[Moment]
) -> list[tuple[Moment, Outcome]]:
    cuts = (one.cut(sentence, moment, number) for number, moment in enumerate(moments))
    return list(zip(moments, await asyncio.gather(*cuts), strict=True))


async def sweep(step_ms: int) -> int:
    wrong = 0
    async with bench() as one:
        for sentence in SENTENCES:
            seen: collections.Counter[str] = collections.Counter()
            positions = one.positions_ms(sentence, step_ms)
            for cut_ms, outcome in await outcomes(one, sentence, positions):
                if why := outcome.wrong(sentence):
                    wrong += 1
                    print(f"{sentence.text} Cut after {cut_ms} ms: {why} {outcome}")
                heard = "answered" if outcome.answers else " ".join(outcome.chimes)
                seen[f"{' '.join(outcome.calls) or 'nothing'} done, {heard}"] += 1
            print(sentence.text, dict(seen), flush=True)
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Cuts the connection all through sentences.")
    parser.add_argument("--step-ms", type=int, default=10)
    raise SystemExit(bool(asyncio.run(sweep(parser.parse_args().step_ms))))
