"""Other people's clients, as their registries give them, talk with the local server.

Each asks in writing, has a function called that fails, and gives a command by voice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from satellite.local_server.server import serve
from tests.local_server.stubs import Says, quick
from tests.local_server.wire_client import silence, speech

HERE = Path(__file__).parent
COMMAND = "turn on the kitchen light"
TIMEOUT_S = 60


def findings(command: Sequence[str], folder: Path) -> dict[str, Any]:
    """What the client's script reports after its talk with a server."""
    sound = folder / "command.pcm"
    sound.write_bytes(silence(500) + speech(COMMAND) + silence(1_500))

    async def scene() -> dict[str, Any]:
        async with serve(options=quick(recogniser=Says(COMMAND))) as server:
            client = await asyncio.create_subprocess_exec(
                *command,
                server.url,
                str(sound),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                out, err = await asyncio.wait_for(client.communicate(), TIMEOUT_S)
            finally:
                if client.returncode is None:
                    client.kill()
            assert client.returncode == 0, err.decode()
            found: dict[str, Any] = json.loads(out.splitlines()[-1])
            return found

    return asyncio.run(scene())


def assert_talked(found: dict[str, Any]) -> None:
    assert found["errors"] == []
    assert found["said"] == ["Hello.", "That did not work. The fuse is blown.", "Done."]
    assert found["called"] == [[["kitchen light"], "off"], [["kitchen light"], "on"]]
    assert found["heard"] == [COMMAND]
    assert found["audioBytes"] > 48_000


def test_openai_agents_of_python(agents_python: str, tmp_path: Path) -> None:
    assert_talked(findings([agents_python, str(HERE / "agents_python.py")], tmp_path))


@pytest.mark.parametrize("script", ["agents_realtime.mjs", "realtime_api_beta.mjs"])
def test_clients_from_npm(node_clients: list[str], script: str, tmp_path: Path) -> None:
    node, folder = node_clients
    assert_talked(findings([node, f"{folder}/{script}"], tmp_path))


def test_the_overview_that_this_project_began_with(node_clients: list[str], tmp_path: Path) -> None:
    node, folder = node_clients
    found = findings([node, f"{folder}/overview.mjs"], tmp_path)
    opened, *deltas, (_, output) = found["told"]
    assert opened == ["连接已建立"]
    assert {name for name, _ in deltas} == {"增量:"}
    (item,) = output
    assert "".join(delta for _, delta in deltas) == item["content"][0]["text"] != ""
    assert found["subprotocol"] == "realtime"
