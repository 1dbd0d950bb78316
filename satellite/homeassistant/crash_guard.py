"""What is being worked at, for whoever finds the process dead.

A retained message is there again at each start. Should one end the process in a way that nothing
here foresees, the next start has to know which, and go on without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import NamedTuple, Protocol


class Mark(NamedTuple):
    """One entity as it was announced: another config is another mark."""

    topic: str
    """Of its discovery message."""
    component: str
    """Its key in the message of a device; else empty."""
    digest: str
    """Of the message."""


NOBODY = Mark("", "", "")
"""Of what was announced by nobody."""


def mark_of(topic: str, payload: bytes) -> Mark:
    """Of a discovery message as a whole, or of the one entity that it announces."""
    return Mark(topic, "", blake2b(payload, digest_size=8).hexdigest())


class CrashGuard(Protocol):
    """Remembers over the death of the process; the daemon has one."""

    def begin(self, mark: Mark) -> None:
        """Work at this begins. Cheap: it is called for each message of each entity."""

    def end(self) -> None:
        """The work is done; also when it failed in a way that was foreseen."""

    def why_set_aside(self, mark: Mark) -> str:
        """Why this is not to be worked at, as a sentence; empty when it may be."""


class NoGuard:
    """Remembers nothing."""

    def begin(self, mark: Mark) -> None: ...

    def end(self) -> None: ...

    def why_set_aside(self, mark: Mark) -> str:  # noqa: ARG002
        return ""


@contextmanager
def working_at(guard: CrashGuard, mark: Mark, foreseen: type[Exception]) -> Iterator[None]:
    """Marks the work in a block. Any other exception than the foreseen one ends the process, and is
    to be known at its next start."""
    guard.begin(mark)
    try:
        yield
    except foreseen:
        guard.end()
        raise
    guard.end()
