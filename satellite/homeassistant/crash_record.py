"""Records which entity is being handled, in case the process ends unexpectedly.

A retained message comes again at each start. If one ends the process in an unforeseen way, the next
process has to know which, and leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import NamedTuple, Protocol


class Mark(NamedTuple):
    """Identifies one entity as it was announced: another config is another mark."""

    topic: str
    """Of its discovery message."""
    component: str
    """Its key in the message of a device; else empty."""
    digest: str
    """Of the message."""


NOBODY = Mark("", "", "")
"""Of what was not announced."""


def mark_of(topic: str, payload: bytes) -> Mark:
    """Of a discovery message as a whole, or of the one entity that it announces."""
    return Mark(topic, "", blake2b(payload, digest_size=8).hexdigest())


class CrashRecord(Protocol):
    """Survives the process; the home process has one in files."""

    def begin(self, mark: Mark) -> None:
        """Handling of this begins. Cheap: called for each message of each entity."""

    def end(self) -> None:
        """Handling is done, or failed in a foreseen way."""

    def why_set_aside(self, mark: Mark) -> str:
        """Why this is set aside, as a sentence; empty if it is not."""


class NoCrashRecord:
    """Records nothing."""

    def begin(self, mark: Mark) -> None: ...

    def end(self) -> None: ...

    def why_set_aside(self, mark: Mark) -> str:  # noqa: ARG002
        return ""


@contextmanager
def working_at(record: CrashRecord, mark: Mark, foreseen: type[Exception]) -> Iterator[None]:
    """Records the entity while the block runs. An exception other than ``foreseen`` ends the
    process and leaves the record."""
    record.begin(mark)
    try:
        yield
    except foreseen:
        record.end()
        raise
    record.end()
