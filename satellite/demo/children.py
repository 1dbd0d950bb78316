"""Child processes that never outlive their parent, with the reason when one fails.

A child runs in its own session, so that Ctrl-C in the terminal reaches the parent only, which ends
its children in the right order. If the parent is killed, the kernel sends them SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from satellite.core.errors import MissingPartError, SatelliteError

TAIL_LINES = 400
"""Lines of the child's stderr that are kept for the reason of a failure."""


class ChildError(SatelliteError):
    """A child process did not start, or ended unasked."""


def require_program(program: str, package: str) -> str:
    """The path of ``program``, also in the sbin folders, where Debian has servers.

    Raises MissingPartError, which names the Debian package.
    """
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin:/usr/local/sbin"
    found = shutil.which(program, path=path)
    if found is None:
        raise MissingPartError(
            f"The program {program} is not installed.",
            do=f"Install it with: sudo apt install {package}",
        )
    return found


class Child:
    """A child process; ``tail`` has the last lines of its stderr."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.stopping = False
        """``stop`` was called: its end is no failure."""
        self._listener: asyncio.Task[None] | None = None
        if process.stderr is not None:
            self._listener = asyncio.create_task(self._listen(process.stderr), name=f"{name} log")

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stderr.readline()
            except ValueError:  # a line beyond the reader's limit; the rest of it follows
                continue
            if not line:
                return
            self.tail.append(line.decode("utf-8", "replace").rstrip())

    def reason(self, lines: int = 15) -> str:
        """The child's status and last lines, for an error message."""
        status = self.process.returncode
        if status is None:
            how = "is still running"
        elif status < 0:
            how = f"was ended by {signal.Signals(-status).name}"
        else:
            how = f"ended with status {status}"
        last = list(self.tail)[-lines:]
        said = "\n  ".join(["; it said:", *last]) if last else " and said nothing."
        return f"{self.name} {how}{said}"

    async def failed(self) -> ChildError:
        """Waits for the end of the child and returns an error with the reason."""
        await self.process.wait()
        if self._listener is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await asyncio.shield(self._listener)
        return ChildError(self.reason())

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the child and its own children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    async def feed(self, data: bytes) -> None:
        """Writes everything to the child's stdin, closes it and waits for the child's end."""
        stdin = self.process.stdin
        assert stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(data)
            await stdin.drain()
        stdin.close()
        await self.process.wait()

    async def stop(self, patience_s: float = 4.0, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the child, by SIGKILL after ``patience_s``; returns its exit status."""
        self.stopping = True
        if self.running:
            self.send(how)
            try:
                async with asyncio.timeout(patience_s):
                    await self.process.wait()
            except TimeoutError:
                self.send(signal.SIGKILL)
        status = await self.process.wait()
        self.send(signal.SIGKILL)  # its own children that still run
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        return status


async def start_child(
    name: str,
    argv: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    stdout: int | None = asyncio.subprocess.DEVNULL,
    stdin: int | None = asyncio.subprocess.DEVNULL,
    stderr: int | None = asyncio.subprocess.PIPE,
    cwd: Path | None = None,
) -> Child:
    """Starts a child; the caller stops it."""
    setpriv = shutil.which("setpriv")
    wrapper = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    process = await asyncio.create_subprocess_exec(
        *wrapper,
        *argv,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=None if environment is None else dict(environment),
        start_new_session=True,
        cwd=cwd,
    )
    return Child(name, process)
