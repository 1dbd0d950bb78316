"""Plays everything that a server can do against the whole satellite, and writes down what happens.

What is heard is found in a recording of the loudspeaker; what is shown, in the broker's messages.
Several rooms at once share the cases, since each mostly waits.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from satellite.audio.playback.chimes import Chime, chime
from satellite.demo.recording import RATE_HZ, Recording
from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer
from tests.system.server_cases import (
    ANSWERS,
    CHAINS,
    CLOSES,
    ERRORS,
    REFUSALS,
    SOON_S,
    AtTheDoor,
    InSession,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- what a server can do -->\n", "<!-- until here -->\n"
ROOMS = 6
QUIET_S = 1.2
"""After so long without a sound all was said."""
LONGEST_S = 25.0
QUICK_S = 5.0
"""The longest wait of those that are quick."""
ASKED_S = 9.0
"""The longest wait that ``Retry-After`` of the cases asks for; a person is waited for longer."""
ALIKE = 0.75
"""Correlation with a chime above which it is that one; words have below 0.3."""
LOUD = 300
_NEXT = re.compile(r"Next try in ([\d.]+) s")
_ADDRESS = re.compile(r"wss?://[^\s:]+(?::\d+)?[^\s:]*")


@dataclass(frozen=True, slots=True)
class Row:
    """What was heard and seen in one case."""

    case: str
    heard: str
    states: str
    problem: str
    then: str
    first: str = ""

    @property
    def line(self) -> str:
        cells = [self.case, self.heard, self.states, self.problem, self.then]
        return "| " + " | ".join([*cells, self.first] if self.first else cells) + " |"


# --- what is heard --------------------------------------------------------------------------------


def chimes(samples: npt.NDArray[np.int16]) -> list[tuple[float, str]]:
    """The chimes in a recording, and where they begin, in seconds."""
    import numpy as np

    found: list[tuple[float, str, float]] = []
    signal = samples.astype(np.float64)[:: RATE_HZ // 24_000]
    power = np.concatenate(([0.0], np.cumsum(np.square(signal))))
    for name in get_args(Chime):
        wanted = np.frombuffer(chime(name), dtype="<i2").astype(np.float64)
        size = len(wanted)
        if len(signal) < size:
            continue
        length = 1 << (len(signal) + size).bit_length()
        spectrum = np.fft.rfft(signal, length) * np.conj(np.fft.rfft(wanted, length))
        product = np.fft.irfft(spectrum, length)[: len(signal) - size + 1]
        energy = np.sqrt(np.maximum(power[size:] - power[:-size], 1e4 * size))
        likeness = product / (energy * np.linalg.norm(wanted))
        while likeness.max() > ALIKE:
            at = int(likeness.argmax())
            found.append((at / 24_000, name, float(likeness[at])))
            likeness[max(0, at - size) : at + size] = 0
    found.sort(key=lambda one: -one[2])
    kept: list[tuple[float, str]] = []
    for at_s, name, _ in found:
        if all(abs(at_s - other) > 0.2 for other, _ in kept):
            kept.append((at_s, name))
    return sorted(kept)


def heard(stage: Stage, recording: Recording, since_s: float) -> str:
    """Chimes, words of this machine's voice, and replies of the server, in order."""
    samples = recording.speaker.between(since_s, recording.speaker.end_s)
    parts = [(at_s, f"chime `{name}`") for at_s, name in chimes(samples)]
    told = [one for one in stage.timeline.since(since_s) if one.topic == "satellite/demo/said"]
    for one in told:
        length_s = one.data["heard_ms"] / 1000
        begin_s = one.at_s - since_s - length_s
        if length_s > 0.1:
            parts.append((begin_s, f"“{one.data['text']}”" if one.data["text"] else "the reply"))
    sounds = recording.speaker.sounds(since_s, threshold=LOUD)
    unknown = [
        begin - since_s
        for begin, _ in sounds
        if not parts or min(abs(begin - since_s - at_s) for at_s, _ in parts) > 8.0
    ]
    parts += [(at_s, "a sound") for at_s in unknown]
    return ", ".join(text for _, text in sorted(parts)) or "nothing"


# --- what is seen ---------------------------------------------------------------------------------


def texts(stage: Stage, topic: str, since_s: float) -> list[str]:
    own = [one for one in stage.timeline.since(since_s) if one.topic == f"satellite/demo/{topic}"]
    return [text for text, _ in groupby(one.text for one in own)]


def problem(stage: Stage, since_s: float) -> str:
    """The last one that was shown, without what differs from machine to machine."""
    shown = [one for one in texts(stage, "problem", since_s) if one != "none"]
    if not shown:
        return "none"
    text = _ADDRESS.sub("the server", shown[-1]).replace("|", "/")
    text = re.sub(r"^(?:the server refuses the connection|No connection to the server): ", "", text)
    over = " (then none)" if texts(stage, "problem", since_s)[-1] == "none" else ""
    return text + over


def states(stage: Stage, since_s: float) -> str:
    """Without those that only pass on the way back, in which the network's time shows."""
    passed = [
        one for one in texts(stage, "state", since_s) if one not in ("connecting", "starting")
    ]
    return " → ".join(f"`{one}`" for one, _ in groupby(passed)) or "the same"


def following(log: Iterable[str], sessions: int, refused: bool) -> str:
    """Whether and when it is tried again, by the journal."""
    waits = [float(found.group(1)) for line in log if (found := _NEXT.search(line))]
    if not waits:
        return "a new session at once" if sessions else "goes on"
    if waits[0] < QUICK_S:
        return "tried again within seconds" if refused else "a new session within seconds"
    if waits[0] < ASKED_S:
        return "tried again when the server asked for it"
    return "tried again after 10 to 20 s, then ever more slowly, hourly in the end"


# --- playing --------------------------------------------------------------------------------------


async def quiet(stage: Stage, recording: Recording, since_s: float, watched_s: float) -> None:
    """Waits until there is nothing more to be heard."""
    while time.monotonic() - since_s < LONGEST_S:
        await stage.supervised(asyncio.sleep(0.2))
        sounds = recording.speaker.sounds(since_s, threshold=LOUD)
        last_s = max((end for _, end in sounds), default=since_s)
        now_s = time.monotonic()
        if now_s - since_s > watched_s and now_s - last_s > QUIET_S:
            return


async def watched(
    stage: Stage,
    server: FakeRealtimeServer,
    name: str,
    act: Awaitable[None],
    *,
    watched_s: float = SOON_S,
    refused: bool = False,
) -> Row:
    assert stage.daemon is not None
    log: deque[str] = stage.daemon.tail
    log.clear()
    sessions = server.connections
    async with stage.room.record() as recording:
        since_s = time.monotonic()
        await act
        await quiet(stage, recording, since_s, watched_s)
    return Row(
        name,
        heard(stage, recording, since_s),
        states(stage, since_s),
        problem(stage, since_s),
        following(log, server.connections - sessions, refused),
    )


async def first_start(stage: Stage) -> str:
    """How a satellite that never worked takes a refusal."""
    child = await stage.start_daemon()
    ended = asyncio.ensure_future(child.process.wait())
    until_s = time.monotonic() + LONGEST_S
    while time.monotonic() < until_s and not any(_NEXT.search(line) for line in child.tail):
        done, _ = await asyncio.wait((ended,), timeout=0.1)
        if done:
            break
    status = child.process.returncode
    ended.cancel()
    await stage.stop_daemon()
    return "tries on" if status is None else f"says it and ends, status {status}"


async def refused(stage: Stage, server: FakeRealtimeServer, case: AtTheDoor) -> Row:
    case.begin(server)
    first = await first_start(stage)
    case.end(server)
    await stage.start_daemon()
    await stage.listening()
    case.begin(server)
    row = await watched(stage, server, case.name, server.hang_up(), refused=True)
    case.end(server)
    await stage.stop_daemon()
    return replace(row, first=first)


async def in_sessions(
    stage: Stage, server: FakeRealtimeServer, chain: tuple[InSession, ...]
) -> list[Row]:
    await stage.start_daemon()
    await stage.listening()
    rows = [
        await watched(stage, server, one.name, one.play(server), watched_s=one.watched_s)
        for one in chain
    ]
    await stage.stop_daemon()
    return rows


async def play(
    refusals: Iterable[AtTheDoor] = REFUSALS,
    chains: Iterable[tuple[InSession, ...]] = CHAINS,
) -> dict[str, Row]:
    """All rows by the names of the cases. What takes longest is begun first."""
    sessions, doors = deque(chains), deque(refusals)
    rows: dict[str, Row] = {}

    async def room() -> None:
        async with (
            FakeRealtimeServer() as server,
            Stage(server_url=server.url, home=False, daemon=False) as stage,
        ):
            while sessions or doors:
                new = (
                    await in_sessions(stage, server, sessions.popleft())
                    if sessions
                    else [await refused(stage, server, doors.popleft())]
                )
                rows.update((row.case, row) for row in new)

    async with asyncio.TaskGroup() as rooms:
        for _ in range(ROOMS):
            rooms.create_task(room())
    return rows


# --- the table ------------------------------------------------------------------------------------

COLUMNS = ("heard", "`state`", "`problem`", "then")
TABLES = (
    ("how a connection is received", REFUSALS, (*COLUMNS, "at a first start")),
    ("how a session ends", CLOSES, COLUMNS),
    ("an error in a session", ERRORS, COLUMNS),
    ("the answer to a question", ANSWERS, COLUMNS),
)


def written(rows: dict[str, Row]) -> str:
    tables = []
    for title, cases, columns in TABLES:
        head = f"| {' | '.join((title, *columns))} |\n|{'---|' * (len(columns) + 1)}\n"
        tables.append(head + "".join(f"{rows[one.name].line}\n" for one in cases))
    return "\n" + "\n".join(tables) + "\n"


def in_document(text: str) -> str:
    return text.partition(BEGIN)[2].partition(END)[0]


def with_table(text: str, table: str) -> str:
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table + END + rest.partition(END)[2]


async def played() -> str:
    return written(await play())
