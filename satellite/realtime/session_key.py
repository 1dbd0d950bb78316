"""The key for one session: the one of the settings, or one that is fetched anew each time.

A key that lives for minutes comes from a command or from a file that something else renews. A
client secret (``ek_…``) is such a key: it is needed to open a connection only, so a session
outlives it. What a command prints is never shown: it may be a key with something around it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import msgspec

from satellite.core.logs import keep_secret
from satellite.realtime.config import LinkConfig
from satellite.realtime.errors import LinkFailure, Severity
from satellite.realtime.fields import mapping, printable, text

COMMAND_TIMEOUT_S = 10.0
MAX_OUTPUT_BYTES = 65_536
"""The answer to a request for a client secret repeats the whole session."""
MAX_KEY_CHARS = 8_192
"""Signed tokens are long; servers take no headers beyond this."""
REFUSED_KEY_CODES = frozenset({"invalid_api_key", "authentication_error", "forbidden"})
"""What a server says of a key that has expired."""


class NoKeyError(Exception):
    """There is no key for this session; the message says why, without anything secret."""


def fetches_key(config: LinkConfig) -> bool:
    """Whether each session gets a key of its own."""
    return bool(config.key_command or config.key_file)


def key_source(config: LinkConfig) -> str:
    """Where keys come from, as it may be shown; empty for a fixed one."""
    if config.key_command:
        return f"realtime.api_key_command ({printable(Path(config.key_command[0]).name, 60)})"
    return f"realtime.api_key_file ({config.key_file})" if config.key_file else ""


async def session_key(config: LinkConfig) -> str:
    """The key for the next session. Raises ``NoKeyError``."""
    if not fetches_key(config):
        return config.api_key
    source = key_source(config)
    if config.key_command:
        output = await _output(config.key_command, source)
    else:
        output = await asyncio.to_thread(_content, Path(config.key_file), source)
    key = _key_in(output)
    if not key:
        raise NoKeyError(f"{source} gave no key, but {_kind_of(output)}")
    keep_secret(key)
    return key


def if_key_expired(failure: LinkFailure, config: LinkConfig) -> LinkFailure:
    """The failure of a connection, as one that may pass where the next key may be a better one."""
    if failure.code not in REFUSED_KEY_CODES or not fetches_key(config):
        return failure
    reason = f"{failure.reason}; the key came from {key_source(config)}"
    return LinkFailure(Severity.TRANSIENT, reason, failure.code, answered=True)


async def _output(command: tuple[str, ...], source: str) -> bytes:
    """What a command prints. It is ended with all that it has started when it takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "a NUL byte in it"
        raise NoKeyError(f"{source} cannot be started: {why}") from None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(COMMAND_TIMEOUT_S):
            output = await _read(process.stdout)
            status = await process.wait() if len(output) <= MAX_OUTPUT_BYTES else 0
    except TimeoutError:
        raise NoKeyError(f"{source} gave no key within {COMMAND_TIMEOUT_S:.0f} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if status:
        raise NoKeyError(f"{source} failed with status {status}")
    return output


async def _read(stream: asyncio.StreamReader) -> bytes:
    """All that is printed, and no more than shows that it is too much."""
    output = b""
    while len(output) <= MAX_OUTPUT_BYTES and (part := await stream.read(MAX_OUTPUT_BYTES)):
        output += part
    return output


def _content(path: Path, source: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_OUTPUT_BYTES + 1)
    except OSError as error:
        raise NoKeyError(f"{source} cannot be read: {error.strerror}") from None


def _key_in(output: bytes) -> str:
    """The key: a line of its own, or in the answer to a request for a client secret."""
    if len(output) > MAX_OUTPUT_BYTES:
        return ""
    try:
        line = output.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return ""
    if line.startswith("{"):
        with contextlib.suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            answer = msgspec.json.decode(output.strip(), type=dict[str, Any])
            nested = mapping(answer, "client_secret") or answer
            line = text(nested, "value", MAX_KEY_CHARS)
    fit = line.isascii() and line.isprintable() and " " not in line and line[:1].isalnum()
    return line if fit and len(line) <= MAX_KEY_CHARS else ""


def _kind_of(output: bytes) -> str:
    """What there is instead of a key, without showing any of it."""
    if not output.strip():
        return "nothing"
    if len(output) > MAX_OUTPUT_BYTES:
        return f"more than {MAX_OUTPUT_BYTES} bytes"
    lines = len(output.strip().splitlines())
    return f"{lines} lines" if lines > 1 else f"a line of {len(output)} bytes that is none"
