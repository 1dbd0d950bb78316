"""Hands the model's function calls to the home process, and its results back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from satellite.conversation.effects import RunCall
from satellite.conversation.events import Event
from satellite.conversation.events.local import CallFinished

NOT_YET = {"status": "unavailable", "message": "The satellite has only just started. Try again."}
LOST = {
    "status": "unavailable",
    "message": "The part that controls the devices has just stopped. It is not known whether this"
    " was done: say so, and look at the state before doing it again.",
}


class CallTransport(Protocol):
    """Who runs calls."""

    def call(self, call: RunCall) -> bool:
        """False when nobody can; else a result follows."""


class ToolRunner:
    """One call id, one run, one result; slow ones block nobody.

    ``audible``: whether what is played can be heard at all, for nobody has heard a question at
    volume 0.
    """

    def __init__(
        self, tell: Callable[[Event], None], *, audible: Callable[[], bool] = lambda: True
    ) -> None:
        self._tell = tell
        self._audible = audible
        self._epochs: dict[str, int] = {}
        self._home: CallTransport | None = None

    def attach(self, home: CallTransport) -> None:
        """The home process is there, a moment after the voice."""
        self._home = home

    def run(self, call: RunCall) -> None:
        if not self._audible():
            call = replace(call, context=replace(call.context, heard=()))
        self._epochs[call.call_id] = call.epoch
        if self._home is None or not self._home.call(call):
            self.done(call.call_id, json.dumps(NOT_YET))

    def done(self, call_id: str, output: str) -> None:
        """A call has ended; ``output`` is JSON text for the model."""
        epoch = self._epochs.pop(call_id, None)
        if epoch is not None:
            self._tell(CallFinished(call_id, epoch, output))

    def lost(self) -> None:
        """No call that is under way will have a result. None is run again."""
        for call_id in list(self._epochs):
            self.done(call_id, json.dumps(LOST))
