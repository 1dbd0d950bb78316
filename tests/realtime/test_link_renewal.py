"""A session is replaced before its server ends it, and nobody notices."""

from __future__ import annotations

import asyncio
import time
from typing import cast

import pytest
from msgspec import structs

from satellite.conversation.events import local
from satellite.realtime import renewal
from satellite.realtime.config import LinkConfig
from satellite.realtime.connection import ServerConnection
from satellite.realtime.dialects import GA
from tests.realtime.bench import CHUNK, Clock, meeting, running
from tests.realtime.scripted_server import Client, ScriptedServer


def test_a_session_is_renewed_before_its_end_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "RENEW_BEFORE_S", 1.0)

    async def play() -> None:
        quiet = False
        dialect = structs.replace(GA, session_cap_s=2)
        async with (
            ScriptedServer().open() as server,
            running(LinkConfig(url=server.url), dialect=dialect, is_quiet=lambda: quiet) as b,
        ):
            await b.until(lambda: b.link.ready)
            assert len(server.clients) == 1
            quiet = True
            began_s = time.monotonic()
            await b.until(lambda: b.link.epoch == 2, 5)
            assert time.monotonic() - began_s > 0.5, "too early"
            # Down and up in one breath: the new session was there before the old one went.
            assert b.events[:3] == [
                local.LinkUp(1),
                local.LinkDown(1, "the session was renewed", renewed=True),
                local.LinkUp(2),
            ]
            assert b.link.append(CHUNK)
            assert b.waits == []

    asyncio.run(play())


def test_a_renewal_waits_for_a_quiet_moment() -> None:
    async def play() -> None:
        quiet = False
        async with (
            ScriptedServer().open() as server,
            running(LinkConfig(url=server.url), is_quiet=lambda: quiet) as b,
        ):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            await asyncio.sleep(0.1)
            assert b.link.epoch == 1
            assert len(server.clients) == 1
            quiet = True
            await b.until(lambda: b.link.epoch == 2)
            old, new = server.clients
            await b.until(lambda: old.socket.close_code is not None)
            assert new.socket.close_code is None

    asyncio.run(play())


Moment = tuple[float, bool, bool]
"""From when on (seconds of a session's life of an hour) it is quiet, and seamless."""


@pytest.mark.parametrize(
    ("moments", "taken_over_s"),
    [
        pytest.param([(0, False, True), (3400, True, True)], 3400, id="in the next silence"),
        pytest.param([(0, False, True)], 3570, id="without one, where nothing is lost"),
        pytest.param(
            [(0, False, False), (3580, False, True)], 3580, id="as soon as nothing is lost"
        ),
        pytest.param([(0, False, False)], 3585, id="and at last in any case"),
    ],
)
def test_without_a_silence_a_session_is_renewed_where_it_costs_least(
    moments: list[Moment], taken_over_s: float
) -> None:
    async def play() -> None:
        clock = Clock(0.0)

        def now() -> tuple[bool, bool]:
            return [(quiet, seamless) for at_s, quiet, seamless in moments if at_s <= clock.now_s][
                -1
            ]

        class Present:
            expires_at_s = 3600.0

        class Spare:
            async def open(self) -> None:
                pass

        one = renewal.Renewal(
            lambda: cast("ServerConnection", Spare()),
            is_quiet=lambda: now()[0],
            is_seamless=lambda: now()[1],
            sleep=clock.sleep,
            random=lambda: 1.0,
            now=clock.now,
        )
        one.request()  # the wait until five minutes before the end would be real time
        await one.prepare_successor(cast("ServerConnection", Present()))
        assert clock.now_s == pytest.approx(taken_over_s, abs=renewal.LOOK_FOR_QUIET_S)

    asyncio.run(play())


def test_a_renewal_that_fails_leaves_the_old_session_alone() -> None:
    async def script(client: Client) -> None:
        if client.number in {2, 3}:
            await client.socket.close(1013, "later")
            return
        await client.accept()
        await client.listen()

    async def play() -> None:
        async with meeting(script) as (server, b):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            await b.until(lambda: b.link.epoch == 2)
            assert len(server.clients) == 4
            assert b.ups == [1, 2]
            assert b.waits == []

    asyncio.run(play())


def test_the_spare_session_takes_over_when_the_old_one_is_lost() -> None:
    async def play() -> None:
        async with (
            ScriptedServer().open() as server,
            # Quiet until the spare is being opened; never again, to hand over.
            running(LinkConfig(url=server.url), is_quiet=lambda: len(server.clients) < 2) as b,
        ):
            await b.until(lambda: b.link.ready)
            b.link.recycle()
            await b.until(lambda: len(server.clients) == 2 and server.clients[1].received)
            await asyncio.sleep(0.05)
            assert b.link.epoch == 1
            await server.clients[0].socket.close()
            await b.until(lambda: b.link.epoch == 2)
            assert len(server.clients) == 2

    asyncio.run(play())
