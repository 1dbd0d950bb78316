"""Collects what a step of the conversation wants done, in order."""

from __future__ import annotations

from collections import OrderedDict

from msgspec.structs import replace

from satellite.conversation.commands import Command
from satellite.conversation.effects import Effect, Note, Send

REMEMBERED_COMMANDS = 128
"""How many commands stay known for matching a late error; errors follow within a round trip."""


class EffectList:
    """Effects of the current step, the current link, and which command had which ``event_id``."""

    def __init__(self) -> None:
        self.epoch = 0
        self.linked = False
        self._effects: list[Effect] = []
        self._sent: OrderedDict[str, Command] = OrderedDict()
        self._count = 0

    def add(self, effect: Effect) -> None:
        self._effects.append(effect)

    def note(self, level: str, text: str) -> None:
        self._effects.append(Note(level, text))

    def send(self, command: Command) -> str:
        """Address a command to the current link; returns its new ``event_id``."""
        self._count += 1
        event_id = f"sat_{self.epoch}_{self._count}"
        named = replace(command, event_id=event_id)
        self._sent[event_id] = named
        if len(self._sent) > REMEMBERED_COMMANDS:
            self._sent.popitem(last=False)
        self._effects.append(Send(self.epoch, named))
        return event_id

    def cause_of(self, event_id: str) -> Command | None:
        """The command that an error blames, if it is one of ours."""
        return self._sent.get(event_id) if event_id else None

    def forget(self) -> None:
        """A link ended: no error can refer to its commands any more."""
        self._sent.clear()

    def take(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects
