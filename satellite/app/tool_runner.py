"""Passes the model's function calls to the home process, and its results back."""

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
    """Runs calls: the home process."""

    def call(self, call: RunCall) -> bool:
        """Returns False when it cannot; else a result follows."""


class ToolRunner:
    """Runs each call once and reports one result for it. Calls do not wait for each other.

    ``audible``: whether playback can be heard. A question played at volume 0 was heard by nobody.
    """

    def __init__(
        self, on_event: Callable[[Event], None], *, audible: Callable[[], bool] = lambda: True
    ) -> None:
        self._on_event = on_event
        self._audible = audible
        self._epochs: dict[str, int] = {}
        self._home: CallTransport | None = None
        self._early: list[RunCall] = []
        """Calls from before the home process knew its devices."""

    def attach(self, home: CallTransport) -> None:
        """From now on there is a home process that knows its devices; it starts after the voice.
        Calls that came before go to it now."""
        self._home = home
        early, self._early = self._early, []
        for call in early:
            self._pass_on(home, call)

    def run(self, call: RunCall) -> None:
        if not self._audible():
            call = replace(call, context=replace(call.context, heard=()))
        self._epochs[call.call_id] = call.epoch
        if self._home is None:
            self._early.append(call)
        else:
            self._pass_on(self._home, call)

    def _pass_on(self, home: CallTransport, call: RunCall) -> None:
        if not home.call(call):
            self.done(call.call_id, json.dumps(NOT_YET))

    def done(self, call_id: str, output: str, picture: str = "") -> None:
        """A call has ended; ``output`` is JSON text for the model, ``picture`` follows it."""
        epoch = self._epochs.pop(call_id, None)
        if epoch is not None:
            self._on_event(CallFinished(call_id, epoch, output, picture=picture))

    def lost(self) -> None:
        """No call that is under way will have a result. None of them is run again."""
        self._early.clear()
        for call_id in list(self._epochs):
            self.done(call_id, json.dumps(LOST))
