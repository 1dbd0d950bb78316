"""A day with a limit of money, with real links: cloud, its small model, this machine, and back."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from satellite.app.application import Application
from satellite.audio.cards.manager import CardManager
from satellite.conversation.spending_steps import ServerTarget
from satellite.core.sd_notify import Notifier
from satellite.settings import load_settings
from tests.audio.made_up import MadeUpCards
from tests.realtime.scripted_server import Client, ScriptedServer

LARGE, SMALL = "gpt-realtime-2.1", "gpt-realtime-2.1-mini"


async def speaks_at_once(client: Client) -> None:
    """Each session gives one response, which costs 0.91 USD on the large model."""
    await client.accept()
    await client.send(type="response.created", response={"id": "r1"})
    details = {"audio_tokens": 14_220}
    usage = {"output_tokens": 14_220, "output_token_details": details}
    await client.send(type="response.done", response={"id": "r1", "usage": usage})
    await client.listen()


def test_a_day_goes_from_the_cloud_to_this_machine_and_the_next_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))

    async def scene() -> tuple[list[str], list[str], float]:
        async with ScriptedServer(speaks_at_once).open() as cloud:
            tree: dict[str, Any] = {
                "realtime": {"url": cloud.url, "model": LARGE},
                "spending": {"daily_limit_usd": 1.0},
            }
            settings = load_settings(None, tree, key_needed=False)
            application = Application(settings, Notifier(), CardManager(MadeUpCards()))
            today = [date(2026, 12, 1)]
            application.spending._today = lambda: today[-1]
            switch, link = application.server_switch, application.link
            served: list[str] = []
            charge = switch._on_serving

            def serving(target: ServerTarget) -> None:
                charge(target)
                if target is not ServerTarget.NONE:
                    served.append(f"{switch.shown} {link.config.model}")

            switch._on_serving = serving

            async def microphone() -> None:
                """A silent room."""
                while True:
                    application._on_chunk(bytes(960))
                    await asyncio.sleep(0.01)

            runs = (link.run(), switch.run(), microphone())
            tasks = [asyncio.create_task(run) for run in runs]

            async def until(sessions: int) -> None:
                async with asyncio.timeout(60):
                    while len(served) < sessions:
                        await asyncio.sleep(0.01)

            # 0.91 of 1.00 USD, then 0.28 more with the small model, in a quiet moment.
            await until(3)
            first_day = application.spending.meter.today_usd("2026-12-01")
            sessions = len(cloud.clients)
            await asyncio.sleep(0.3)
            assert len(cloud.clients) == sessions
            today.append(date(2026, 12, 2))
            application.spending_guard.check()
            await until(4)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            application.dispatcher.close()
            models = [request.path.partition("model=")[2] for request in cloud.requests]
            return served[:4], models[:3], first_day

    served, models, first_day = asyncio.run(scene())
    assert served == [f"cloud {LARGE}", f"cloud {SMALL}", "local local", f"cloud {LARGE}"]
    assert models == [LARGE, SMALL, LARGE]
    assert first_day == pytest.approx(14_220 * (64 + 20) / 1e6)
