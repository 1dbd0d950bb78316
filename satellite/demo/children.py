"""Child processes that never outlive us and that can tell why they failed.

A child runs in its own session, so that Ctrl-C in the terminal reaches only us and we end the
children in an order that makes sense. Should we be killed outright, the kernel asks them to end.
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
"""How many of the child's last lines are kept for the reason when it fails."""


class ChildError(SatelliteError):
    """A child process did not start, or ended when nobody asked it to."""


def require_program(program: str, package: str) -> str:
    """The path of ``program``. Looks into the sbin folders as well, where Debian keeps servers.

    Raises MissingPartError that names the Debian package.
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
    """One running child process; ``tail`` holds the last lines that it wrote to its stderr."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.stopping = False
        """Somebody asked it to end: its end is no failure."""
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
            except ValueError:  # a line beyond the reader's limit: the rest of it comes next
                continue
            if not line:
                return
            self.tail.append(line.decode("utf-8", "replace").rstrip())

    def reason(self, lines: int = 15) -> str:
        """What a person should read when this child was not well: its status and last lines."""
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
        """Waits for the end of the child and answers with the reason, ready to be raised."""
        await self.process.wait()
        if self._listener is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await asyncio.shield(self._listener)
        return ChildError(self.reason())

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the child and whatever it has started."""
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
        """Asks the child to end, insists after ``patience_s``; answers with its exit status."""
        self.stopping = True
        if self.running:
            self.send(how)
            try:
                async with asyncio.timeout(patience_s):
                    await self.process.wait()
            except TimeoutError:
                self.send(signal.SIGKILL)
        status = await self.process.wait()
        self.send(signal.SIGKILL)  # grandchildren that stayed behind
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
