"""The current step of the conversation: its time, its link, and what it wants done, in order."""

from __future__ import annotations

from collections import OrderedDict

from msgspec.structs import replace

from satellite.conversation.commands import AddPicture, Command, SendUserText
from satellite.conversation.effects import Effect, Note, Send

REMEMBERED_COMMANDS = 128
"""Commands that a late error can be matched to; errors follow within a round trip."""


class EffectList:
    """Shared by all parts of a conversation.

    ``now_s`` is the time of the current event on any monotonic clock, in seconds; ``epoch`` the
    number of the current link, or of the last one; ``linked`` whether there is one.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self.epoch = 0
        self.linked = False
        self._effects: list[Effect] = []
        self._sent: OrderedDict[str, Command] = OrderedDict()
        """Commands of the current link by ``event_id``."""
        self._count = 0

    def add(self, effect: Effect) -> None:
        self._effects.append(effect)

    def note(self, level: str, text: str) -> None:
        self._effects.append(Note(level, text))

    def send(self, command: Command) -> str:
        """Addresses a command to the current link; returns its new ``event_id``."""
        self._count += 1
        event_id = f"sat_{self.epoch}_{self._count}"
        named = replace(command, event_id=event_id)
        with_picture = isinstance(named, AddPicture | SendUserText)
        self._sent[event_id] = replace(named, image_url="") if with_picture else named
        if len(self._sent) > REMEMBERED_COMMANDS:
            self._sent.popitem(last=False)
        self._effects.append(Send(self.epoch, named))
        return event_id

    def cause_of(self, event_id: str) -> Command | None:
        """The command that an error names, if it is one of this link."""
        return self._sent.get(event_id) if event_id else None

    def forget_commands(self) -> None:
        """The link ended: no error can name its commands any more."""
        self._sent.clear()

    def take(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects
