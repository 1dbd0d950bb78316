"""What became of each reply at the card: its gaps, its missing parts and its cut. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from scripts.benchmarks.continuity import Continuity, Samples, continuity
from tests.fakes.realtime_server import BYTES_PER_MS

LEAST_MISSING_MS = 5.0
"""Less than this is only the soft edge of a sound."""
EARLY_MS = 50.0
"""Recorded before a reply, so that its first sound has an edge."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An interruption of the reply."""

    silence_ms: float
    """From ``speech_started`` to the last sound."""
    error_ms: float | None
    """``audio_end_ms`` of the truncation less the position that was really reached; None if no
    truncation came."""


@dataclass(frozen=True)
class Reply:
    """One reply at the card. ``heard`` is computed when first needed: it takes time in which the
    server, which runs in this process, could not read."""

    sound: bytes
    recorded: Samples
    """From ``EARLY_MS`` before the first delta."""
    spoke_ms: float | None = None
    """Position in the recording at which the person began to interrupt."""
    told_ms: float | None = None
    """``audio_end_ms`` of the truncation."""
    answered: bool = True
    """Whether the function call before it, if any, got its result."""

    @cached_property
    def heard(self) -> Continuity:
        return continuity(self.recorded, self.sound)

    @property
    def sent_ms(self) -> int:
        return len(self.sound) // BYTES_PER_MS

    @property
    def late_ms(self) -> float:
        """From its first delta to its first sound."""
        return self.heard.began_ms - EARLY_MS

    @property
    def cut(self) -> Cut | None:
        if self.spoke_ms is None:
            return None
        error_ms = None if self.told_ms is None else self.told_ms - self.heard.reached_ms
        return Cut(self.heard.ended_ms - self.spoke_ms, error_ms)

    @property
    def has_gap(self) -> bool:
        return not self.heard.heard or bool(self.heard.gaps_ms)

    @property
    def is_whole(self) -> bool:
        """Heard from its beginning to its end or to the cut, each moment of it once."""
        one = self.heard
        lost = [one.head_ms, one.left_out_ms, one.repeated_ms]
        if self.cut is None:
            lost.append(self.sent_ms - one.reached_ms)
        return one.heard and max(lost) < LEAST_MISSING_MS

    @property
    def text(self) -> str:
        one = self.heard
        if not one.heard:
            return "not heard"
        gaps = ", ".join(f"{gap:.0f}" for gap in one.gaps_ms) or "none"
        parts = [] if self.answered else ["the call before it was not answered"]
        parts += [f"first sound after {self.late_ms:.0f} ms", f"gaps: {gaps}"]
        parts += [f"came to {one.reached_ms:.0f} of {self.sent_ms} ms"]
        if self.cut is not None:
            error = "none" if self.cut.error_ms is None else f"{self.cut.error_ms:+.1f} ms off"
            parts += [f"cut: silent after {self.cut.silence_ms:.0f} ms, truncation {error}"]
        for name, value in (
            ("head missing", one.head_ms),
            ("left out", one.left_out_ms),
            ("repeated", one.repeated_ms),
            ("foreign", one.foreign_ms),
        ):
            parts += [f"{name}: {value:.0f} ms"] if value >= 1 else []
        return "; ".join(parts)


@dataclass(slots=True)
class Talk:
    """All replies, and the gaps in the microphone's audio meanwhile."""

    replies: list[Reply] = field(default_factory=list)
    microphone_ms: list[float] = field(default_factory=list)
    """Intervals between its chunks at the server."""
    microphone_lost_ms: float = 0.0

    @property
    def with_gap(self) -> int:
        return sum(reply.has_gap for reply in self.replies)

    @property
    def not_whole(self) -> int:
        return sum(not reply.is_whole for reply in self.replies)

    @property
    def unanswered(self) -> int:
        return sum(not reply.answered for reply in self.replies)

    @property
    def longest_gap_ms(self) -> float:
        return max((reply.heard.longest_gap_ms for reply in self.replies), default=0.0)

    @property
    def text(self) -> str:
        return "\n".join(f"{number + 1:3}  {one.text}" for number, one in enumerate(self.replies))
