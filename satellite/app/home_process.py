"""Starts the home process, exchanges messages with it, and starts it again when it ends or hangs.

A talk goes on without it. What it shows of the satellite on the broker is kept here, so that a new
process shows it again. A call that was under way when it ended is reported as lost: nobody knows
whether it was done, and it is never sent a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import Any

import msgspec

from satellite.conversation.call_context import CallContext
from satellite.conversation.commands import Tool
from satellite.conversation.effects import RunCall
from satellite.conversation.events.local import PeerSpeaks
from satellite.core.backoff import Backoff, Pace
from satellite.home import messages as ms
from satellite.home.channel import Channel, ChannelClosed
from satellite.mqtt.own_entities.requests import Request
from satellite.tools.execution.turn_context import TurnContext

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "satellite.home")
PING_S = 2.0
SILENT_S = 20.0
"""It is taken for hung after this long without an answer. Two thousand devices that join keep it
from answering for seconds on a small board."""
MOST_UNSENT_BYTES = 8 << 20
"""It is taken for hung when this much waits for it."""
STOP_TIMEOUT_S = 2.0
"""It disconnects from the broker meanwhile."""
RESTART = Pace(0.1, 30.0)
STEADY_S = 60.0
"""A process that ran for this long is started again at once."""


class HomeProcess:
    """Made inside the running event loop; ``run`` starts the process and keeps it.

    Methods that show or tell something never wait. What is shown while there is no process is shown
    by the next one. ``on_tools`` gets what the model may call, and names that people may say;
    ``on_lost`` is called when the results of all calls under way will never come;
    ``on_problem`` gets the name of a part and what is wrong with it, for a person.
    """

    def __init__(
        self,
        config: ms.Configure,
        *,
        on_tools: Callable[[tuple[Tool, ...], tuple[str, ...]], object],
        on_result: Callable[[str, str, str], None],
        on_lost: Callable[[], None],
        on_peer: Callable[[PeerSpeaks], None],
        on_problem: Callable[[str, str], None],
    ) -> None:
        self.on_request: Callable[[Request], None] = lambda _request: None
        self.restarts = 0
        self.pid = 0
        """Of the process; 0 while there is none."""
        self.memory_mb = 0.0
        """Resident; 0 while there is no process."""
        self._config = config
        self._on_tools = on_tools
        self._on_result = on_result
        self._on_lost = on_lost
        self._on_peer = on_peer
        self._on_problem = on_problem
        self._channel: Channel[ms.FromHome] | None = None
        self._shown: dict[str, msgspec.Struct] = {}
        self._parts: set[str] = set()
        """Parts of it that have reported problems."""
        self._connects = 0
        self._connects_before = 0
        self._answered_s = 0.0

    @property
    def broker_connects(self) -> int:
        """How often the broker was connected, by all processes so far."""
        return self._connects_before + self._connects

    # --- what it is to do -----------------------------------------------------------------------

    def call(self, call: RunCall) -> bool:
        """Runs a function of the model. Returns False when there is no process that could."""
        if self._channel is None:
            return False
        context = turn_context(call.context)
        self._channel.send(ms.Run(call.call_id, call.name, call.arguments, call.turn, context))
        return True

    def show(self, name: str, value: Any) -> None:  # noqa: ANN401 - what the topic's row takes
        """Shows a value on the topic of that name (``mqtt/own_entities/table.py``), from now on."""
        self._show(name, ms.Show(name, value))

    def tell(self, name: str, value: Any) -> None:  # noqa: ANN401 - what the topic's row takes
        """Publishes a value once; dropped while there is no process."""
        self._send(ms.Show(name, value))

    def speaking(self, on: bool, text: str) -> None:
        self._show("speaking", ms.TellSpeaking(on, text))

    def _show(self, name: str, message: msgspec.Struct) -> None:
        self._shown[name] = message
        self._send(message)

    def _send(self, message: msgspec.Struct) -> None:
        if self._channel is not None:
            self._channel.send(message)

    # --- its life -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Runs until it is cancelled, and ends the process then."""
        loop = asyncio.get_running_loop()
        backoff = Backoff()
        while True:
            began_s = loop.time()
            reason = await self._run_once()
            self._reset()
            if loop.time() - began_s > STEADY_S:
                backoff.reset()
            problem = (
                f"The process that knows the devices {reason}. It is started again; until then"
                " nothing can be switched."
            )
            log.error("%s", problem)
            self._on_problem("home", problem)
            await asyncio.sleep(backoff.next_s(RESTART))
            self.restarts += 1

    async def _run_once(self) -> str:
        """Runs one process. Returns why it ended, as the end of a sentence."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                *("--fd", str(theirs.fileno())),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.PIPE,  # its end is how the process knows of ours
            )
        self.pid = process.pid
        try:
            channel: Channel[ms.FromHome] = await Channel.over(ours, ms.FromHome)
            channel.send(self._config)
            for shown in self._shown.values():
                channel.send(shown)
            self._channel = channel
            return await self._live(channel, process)
        finally:
            self._channel, self.pid = None, 0
            channel.close()
            await _end(process)

    async def _live(self, channel: Channel[ms.FromHome], process: Process) -> str:
        receiving = asyncio.create_task(self._receive(channel))
        watching = asyncio.create_task(self._watch(channel))
        tasks = {receiving, watching}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in done:
            task.result()
        if receiving not in done:
            return f"has not answered for {SILENT_S:.0f} s"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT_S):
                return _how_it_ended(await process.wait())
        return "has let go of the voice"

    async def _receive(self, channel: Channel[ms.FromHome]) -> None:
        """Until the other end closes the channel, or sends what cannot be decoded."""
        self._answered_s = asyncio.get_running_loop().time()
        try:
            while True:
                self._handle(await channel.receive())
        except ChannelClosed:
            pass
        except msgspec.DecodeError as wrong:
            log.error("The home process is not understood: %s", wrong)

    async def _watch(self, channel: Channel[ms.FromHome]) -> None:
        """Until it does not answer any more: heartbeat."""
        loop = asyncio.get_running_loop()
        while True:
            channel.send(ms.Ping())
            await asyncio.sleep(PING_S)
            silent = loop.time() - self._answered_s > SILENT_S
            if silent or channel.unsent_bytes > MOST_UNSENT_BYTES:
                return

    def _handle(self, message: ms.FromHome) -> None:
        match message:
            case ms.ToolsOffered(tools, vocabulary):
                offered = tuple(
                    Tool(t.name, t.description, t.parameters, t.shows_pictures) for t in tools
                )
                self._on_tools(offered, vocabulary)
            case ms.Result(call_id, output, picture):
                self._on_result(call_id, output, picture)
            case ms.Asked(request):
                self.on_request(request)
            case ms.PeerSpeaking(peer, speaking, text):
                self._on_peer(PeerSpeaks(peer, speaking, text))
            case ms.PartProblem(part, text):
                self._parts.add(part)
                self._on_problem(part, text)
            case ms.Pong(connects, memory_mb):
                if not self.memory_mb:
                    self._on_problem("home", "")  # it works
                self._answered_s = asyncio.get_running_loop().time()
                self._connects, self.memory_mb = connects, memory_mb

    def _reset(self) -> None:
        """Takes back all that the ended process reported."""
        self.memory_mb = 0.0
        self._connects_before += self._connects
        self._connects = 0
        for part in self._parts:
            self._on_problem(part, "")
        self._parts.clear()
        self._on_lost()


def turn_context(known: CallContext) -> TurnContext:
    """What the conversation knows of the person, as the tools take it: neither knows the other, and
    both have the same fields."""
    return msgspec.convert(known, TurnContext, from_attributes=True)


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


async def _end(process: Process) -> None:
    """Its channel is closed, so it ends by itself; else it is killed."""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
