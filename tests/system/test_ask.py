"""``satellite ask`` and a running satellite: it is carried out, and the answer is shown."""

from __future__ import annotations

import asyncio
import sys

from satellite.demo.stage import Stage


def test_a_typed_command_switches_the_light_and_is_answered_in_the_terminal() -> None:
    asyncio.run(_ask())


async def _ask() -> None:
    fetched = {
        "SATELLITE_REALTIME__API_KEY_COMMAND": "printf Aa1-a-key-of-a-minute",
        "SATELLITE_SATELLITE__VOCABULARY": "Wübbena",
        "SATELLITE_REALTIME__SPEED": "1.2",
    }
    async with Stage(settings=fetched) as stage:
        await stage.listening()
        assert stage.daemon is not None
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "satellite", "ask", "turn on the kitchen light"),
            *("--set", f"mqtt.host={stage.broker.host}", "--set", f"mqtt.port={stage.broker.port}"),
            *("--id", "demo"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, problems = await asyncio.wait_for(process.communicate(), 60)
        journal = stage.daemon.reason(200)
        commands = [one for one in stage.timeline.since(0.0) if one.kind.value == "command"]
    assert process.returncode == 0, problems.decode()
    lines = told.decode().splitlines()
    assert any(one.startswith("→ set_power ") and one.endswith(": done") for one in lines), lines
    assert "light" in lines[-1]
    assert "→" not in lines[-1], "the reply comes after what was done"
    assert len(commands) == 1
    assert "of the session" not in journal, "nothing was refused or made otherwise"
    assert "a-key-of-a-minute" not in journal
