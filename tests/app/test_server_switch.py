"""From one server to another: nothing goes to one that may not be used, and none is left over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from satellite.app.local_server import LocalServerProcess
from satellite.app.server_switch import ServerSwitch
from satellite.conversation.spending_steps import ServerTarget, SpendingStep
from satellite.core.errors import MissingPartError, SatelliteError
from satellite.realtime.config import LinkConfig

CLOUD = LinkConfig(url="wss://host", model="large", api_key="key")
CHEAPER = LinkConfig(url="wss://host", model="small", api_key="key")
LIMIT = SpendingStep.LIMIT_REACHED
NEAR = SpendingStep.CHEAPER_MODEL
NORMAL = SpendingStep.NORMAL


class Server:
    """A local server that runs until it is told to end, or is ended."""

    def __init__(self, number: int) -> None:
        self.url = f"ws://local{number}"
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.running = False

    async def run(self) -> None:
        self.running = True
        try:
            await self.end
        finally:
            self.running = False


@dataclass
class Scene:
    """A switch with a link that keeps what it is told."""

    local_works: bool = True
    cheaper: LinkConfig | None = CHEAPER
    switched: bool = True
    calls: list[str] = field(default_factory=list)
    serving: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    async def start(self) -> None:
        self.under_test = ServerSwitch(
            self,
            cloud=CLOUD,
            cheaper=self.cheaper,
            local_config=lambda url: LinkConfig(url=url),
            proven=lambda: True,
            on_serving=lambda target: self.serving.append(target.value),
            on_local_lost=self.lost.append,
            new_local_server=self._new_server,
            local_works=self.local_works,
        )
        self.task = asyncio.create_task(self.under_test.run())
        await self.turn()

    @property
    def running(self) -> list[int]:
        """Which of the local servers run, counted from 1."""
        return [number for number, one in enumerate(self.servers, 1) if one.running]

    async def turn(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})
        assert self.running == []

    def switch(self, config: LinkConfig, *, at_once: bool, proven: bool = False) -> None:
        self.calls.append(f"{config.url} {config.model}{' at once' if at_once else ''}")

    def disconnect(self) -> None:
        self.calls.append("disconnect")

    def _new_server(self, _: str) -> LocalServerProcess:
        self.servers.append(Server(len(self.servers) + 1))
        return cast("LocalServerProcess", self.servers[-1])


def test_at_the_limit_the_cloud_is_left_at_once_and_met_again_in_a_quiet_moment() -> None:
    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.link_up()
        assert scene.under_test.spending(NEAR) is ServerTarget.CHEAPER
        scene.under_test.link_up()
        assert scene.under_test.spending(LIMIT) is ServerTarget.LOCAL
        assert scene.calls == ["wss://host small", "disconnect"]
        await scene.turn()
        assert scene.calls[2:] == ["ws://local1  at once"]
        scene.under_test.link_up()
        assert scene.under_test.spending(NORMAL) is ServerTarget.CLOUD
        assert scene.calls[3:] == ["wss://host large"]
        await scene.turn()
        assert scene.running == [1], "it has the conversation until the cloud does"
        scene.under_test.link_up()
        await scene.turn()
        assert scene.running == []
        assert scene.serving == ["cloud", "cheaper", "none", "local", "cloud"]
        assert scene.under_test.spending(LIMIT) is ServerTarget.LOCAL
        await scene.turn()
        assert scene.running == [2]
        await scene.end()

    asyncio.run(play())


def test_while_the_cloud_is_not_there_yet_the_local_server_stays() -> None:
    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.spending(LIMIT)
        await scene.turn()
        scene.under_test.link_up()
        scene.under_test.spending(NORMAL)
        scene.switched = False
        scene.under_test.link_up()  # the local session was renewed meanwhile
        await scene.turn()
        assert scene.running == [1]
        assert scene.under_test.shown == "local"
        await scene.end()

    asyncio.run(play())


def test_a_clock_that_goes_back_over_midnight_leaves_nobody_without_a_server() -> None:
    """The local server ran on, so nobody told the link of it again."""

    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.spending(LIMIT)
        await scene.turn()
        scene.under_test.link_up()
        scene.under_test.spending(NORMAL)
        scene.under_test.spending(LIMIT)
        await scene.turn()
        assert scene.calls[-1] == "ws://local1  at once"
        assert scene.running == [1]
        await scene.end()

    asyncio.run(play())


@pytest.mark.parametrize(
    "error", [SatelliteError("It ended with status 1."), OSError(12, "Cannot allocate memory")]
)
def test_a_local_server_that_ends_is_started_again(error: Exception) -> None:
    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.spending(LIMIT)
        await scene.turn()
        scene.servers[0].end.set_exception(error)
        while len(scene.servers) < 2:
            await asyncio.sleep(0.05)
        await scene.turn()
        assert scene.calls[-1] == "ws://local2  at once"
        await scene.end()

    asyncio.run(play())


def test_one_that_lacks_a_part_is_given_up() -> None:
    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.spending(LIMIT)
        await scene.turn()
        scene.servers[0].end.set_exception(MissingPartError("There is no pocketsphinx."))
        await scene.turn()
        assert scene.lost == ["There is no pocketsphinx."]
        assert scene.under_test.spending(LIMIT) is ServerTarget.NONE
        assert scene.calls[-1] == "disconnect"
        await scene.turn()
        assert len(scene.servers) == 1
        await scene.end()

    asyncio.run(play())


def test_without_a_local_server_there_is_none_until_the_next_day() -> None:
    async def play() -> None:
        scene = Scene(local_works=False)
        await scene.start()
        assert scene.under_test.spending(LIMIT) is ServerTarget.NONE
        assert scene.under_test.spending(NORMAL) is ServerTarget.CLOUD
        assert scene.calls == ["disconnect", "wss://host large"]
        assert scene.servers == []
        await scene.end()

    asyncio.run(play())


def test_a_cheaper_model_that_is_refused_is_given_up_for_the_usual_one() -> None:
    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.refused()
        scene.under_test.spending(NEAR)
        scene.under_test.refused()
        assert scene.calls == ["wss://host small", "wss://host large"]
        assert scene.under_test.spending(NEAR) is ServerTarget.CLOUD
        await scene.end()

    asyncio.run(play())


def test_a_change_of_mind_while_the_local_server_starts_leaves_no_child() -> None:
    async def play() -> None:
        scene = Scene()
        await scene.start()
        scene.under_test.spending(LIMIT)
        scene.under_test.spending(NORMAL)
        scene.under_test.link_up()
        await scene.turn()
        assert scene.calls == ["disconnect", "wss://host large"]
        assert scene.running == []
        await scene.end()

    asyncio.run(play())
