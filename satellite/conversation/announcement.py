"""One announcement: its text, who speaks it at present, and how much of it was heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf

from satellite.conversation.events.local import SayRequested
from satellite.conversation.output_items import PlayedItem

SERVER_TIMEOUT_S = 6.0
"""Time for the server to begin. Together with a slow synthesiser's first sentence it stays below
the ten seconds after which an announcement is late."""
MIN_HEARD_MS = 300
"""Less than this of an announcement that was cut off is no word, so nothing was understood."""


class AnnouncementStage(Enum):
    """Who has an announcement."""

    WAITING = auto()
    ASKED = auto()
    """The server was asked, or is about to be, and has sent no audio."""
    SERVER = auto()
    """The server sends audio."""
    LOCAL = auto()
    """The local voice was asked."""
    SUPPLIED = auto()
    """All its audio has come."""


AT_SERVER = frozenset({AnnouncementStage.ASKED, AnnouncementStage.SERVER})


@dataclass(slots=True)
class Announcement:
    """``number`` tells it from others; ``requested_s`` is when it was asked for, ``due_s`` when the
    local voice takes it over unless the server has begun."""

    number: int
    request: SayRequested
    requested_s: float
    due_s: float
    stage: AnnouncementStage = AnnouncementStage.WAITING
    items: set[str] = field(default_factory=set)
    """Its items that are not over at the loudspeaker."""
    heard_ms: int = 0
    cut: bool = False
    """It was not sent or not heard to its end."""
    chimed: bool = False
    last_audio_s: float = 0.0
    tries: int = 0
    local_failed: bool = False
    """The local voice could not speak it."""

    @property
    def text(self) -> str:
        return self.request.text

    @property
    def was_understood(self) -> bool:
        """Enough of it was heard. Of one that was not cut any sound counts."""
        return self.heard_ms >= MIN_HEARD_MS if self.cut else self.heard_ms > 0

    def played(self, item: PlayedItem) -> None:
        """One of its items is over at the loudspeaker."""
        self.items.discard(item.item_id)
        self.heard_ms += item.heard_ms
        self.cut = self.cut or not item.whole

    def retry(self, due_s: float) -> None:
        """Begins again from the start; from ``due_s`` on without the server."""
        self.tries += 1
        self.stage, self.cut, self.chimed, self.heard_ms = (
            AnnouncementStage.WAITING,
            False,
            False,
            0,
        )
        self.items.clear()
        self.due_s = inf if self.local_failed else due_s

    def local_voice_failed(self) -> None:
        """The server may speak it after all, if there is one."""
        self.local_failed, self.due_s, self.stage = True, inf, AnnouncementStage.WAITING
        self.items.clear()
