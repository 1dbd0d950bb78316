"""Keys that live for minutes: fetched for each session, never shown."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from websockets.asyncio.server import ServerConnection

from satellite.app.proven_server import ProvenServer
from satellite.core import logs
from satellite.core.logs import redactor
from satellite.realtime import session_key as keys
from satellite.realtime.config import LinkConfig
from satellite.realtime.session_key import MAX_OUTPUT_BYTES, NoKeyError, session_key
from tests.realtime.bench import running
from tests.realtime.scripted_server import ScriptedServer


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    logs._later.clear()
    logs._later_pattern = None


def printing(text: str) -> tuple[str, ...]:
    return (sys.executable, "-Sc", f"print({text!r})")


def key_of(**config: Any) -> str:  # noqa: ANN401
    return asyncio.run(session_key(LinkConfig(**config)))


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ("sk-1\n", "sk-1"),
        ("  ek_abc  \n", "ek_abc"),
        ('{"value": "ek_abc", "expires_at": 1, "session": {"tools": []}}', "ek_abc"),
        ('{"client_secret": {"value": "ek_old", "expires_at": 1}}', "ek_old"),
        ("eyJh.eyJz.c2ln", "eyJh.eyJz.c2ln"),
    ],
)
def test_a_command_and_a_file_give_a_key_or_a_client_secret(
    output: str, key: str, tmp_path: Path
) -> None:
    assert key_of(key_command=printing(output), api_key="sk-fixed") == key
    path = tmp_path / "key"
    path.write_text(output)
    assert key_of(key_file=str(path)) == key


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("", "nothing"),
        ("Error: token expired\nLog in again", "2 lines"),
        ("Please log in", "a line of 14 bytes"),
        ('{"error": "secret-thing"}', "a line of"),
        ('{"value": 7}', "a line of"),
        ("<html>secret-thing", "a line of"),
        ("x" * (MAX_OUTPUT_BYTES + 10), "more than"),
        ("k" * 9_000, "a line of"),
    ],
)
def test_garbage_is_told_without_being_shown(output: str, told: str) -> None:
    with pytest.raises(NoKeyError, match=told) as missing:
        key_of(key_command=printing(output))
    assert "realtime.api_key_command (python" in str(missing.value)
    assert "secret-thing" not in str(missing.value)
    assert "log in" not in str(missing.value).lower()


@given(st.binary(max_size=300))
def test_whatever_is_printed_no_header_is_spoilt(output: bytes) -> None:
    key = keys._key_in(output)
    assert key.isascii()
    assert key.isprintable() or not key
    assert not set(key) & set(" \r\n")
    keys._kind_of(output)


def test_a_command_that_fails_or_is_not_there_is_told(tmp_path: Path) -> None:
    failing = (sys.executable, "-Sc", "print('sk-1'); raise SystemExit(3)")
    with pytest.raises(NoKeyError, match="failed with status 3"):
        key_of(key_command=failing)
    with pytest.raises(NoKeyError, match="cannot be started: No such file"):
        key_of(key_command=(str(tmp_path / "none"), "--secret-thing"))
    with pytest.raises(NoKeyError, match=r"realtime\.api_key_file .* cannot be read: No such"):
        key_of(key_file=str(tmp_path / "none"))


def test_one_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "COMMAND_TIMEOUT_S", 1.0)
    pid_file = tmp_path / "pid"
    command = ("sh", "-c", f"sleep 600 & echo $! > {pid_file}; wait")
    with pytest.raises(NoKeyError, match="within 1 s"):
        key_of(key_command=command)
    child = int(pid_file.read_text())
    deadline = time.monotonic() + 10
    while _is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_a_file_that_changes_is_read_for_each_session_and_an_old_key_is_not_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "key"
    path.write_text("Aa1-first-key-of-the-day")
    valid = ["Aa1-first-key-of-the-day"]

    async def check(connection: ServerConnection, request: Any) -> Any:  # noqa: ANN401
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if sent in valid:
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, f"wrong key {sent}\n")

    async def play() -> None:
        async with (
            ScriptedServer().open(process_request=check) as server,
            running(LinkConfig(url=server.url, key_file=str(path))) as b,
        ):
            await b.until(lambda: b.link.ready)
            valid[:] = ["Bb2-second-key-of-the-day"]
            await server.clients[0].socket.close()
            await b.until(lambda: len(b.waits) > 3)  # the old key is refused
            assert "the key came from realtime.api_key_file" in b.waits[-1][0]
            path.write_text("Bb2-second-key-of-the-day\n")
            await b.until(lambda: b.link.epoch == 2)
            assert b.refusals == [], "nobody has to do anything"

    asyncio.run(play())
    assert "first-key-of-the-day" in caplog.text, "the server has quoted it"
    assert "key-of-the-day" not in redactor(())(caplog.text)


def test_at_a_first_start_too_a_refused_key_is_tried_again(tmp_path: Path) -> None:
    """Whatever renews it may start after the satellite."""
    path = tmp_path / "key"
    calls = 0

    async def refuse(connection: ServerConnection, _request: Any) -> Any:  # noqa: ANN401
        return connection.respond(HTTPStatus.UNAUTHORIZED, "no\n") if calls < 3 else None

    async def play() -> None:
        nonlocal calls
        async with (
            ScriptedServer().open(process_request=refuse) as server,
            running(LinkConfig(url=server.url, key_file=str(path))) as b,
        ):
            await b.until(lambda: b.waits)
            assert "cannot be read" in b.waits[0][0]
            path.write_text("sk-1")
            await b.until(lambda: any("401" in sentence for sentence, _ in b.waits))
            calls = 3
            await b.until(lambda: b.link.ready)

    asyncio.run(play())


def test_that_a_server_has_worked_does_not_depend_on_a_fetched_key(tmp_path: Path) -> None:
    config = LinkConfig(url="wss://x", key_command=("pass", "show", "key"))
    ProvenServer(tmp_path, config).session()
    assert ProvenServer(tmp_path, structs.replace(config, api_key="another")).worked
    assert not ProvenServer(tmp_path, structs.replace(config, key_command=("other",))).worked


def test_secrets_that_came_later_are_hidden_by_redactors_of_before() -> None:
    before = redactor(["first-secret"])
    logs.keep_secret("ek_second_secret")
    assert before("first-secret and ek_second_secret") == "*** and ***"
    for number in range(100):
        logs.keep_secret(f"ek_later_{number}")
    assert before("ek_later_99") == "***"
    assert len(logs._later) <= 8
