"""Function calls: each runs once, only when it is complete, and is answered once."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field

from satellite.conversation.commands import SendCallOutput
from satellite.conversation.effects import RunCall
from satellite.conversation.events import CallArgumentsDone, CallFinished, Item
from satellite.conversation.outbox import Outbox

REMEMBERED_CALLS = 512
"""Call ids that stay known so that a repeated event cannot run a call again."""

NOT_RUN = json.dumps(
    {"status": "not_run", "message": "The user interrupted before this was carried out."}
)


@dataclass(slots=True)
class Batch:
    """The calls of one response; it is answered by one ``response.create``."""

    response_id: str
    turn: int
    names: dict[str, str] = field(default_factory=dict)
    """Function names by item id, for servers that do not repeat them with the arguments."""
    waiting: dict[str, Item] = field(default_factory=dict)
    """Calls whose arguments are there but whose item is not known to be complete, by call id."""
    running: set[str] = field(default_factory=set)
    closed: bool = False
    """The response ended, so no further call can come."""
    answered: bool = False
    """At least one result went to the model and wants to be spoken about."""

    hushed: bool = False

    @property
    def settled(self) -> bool:
        """Every call was answered: time for the one ``response.create``."""
        return self.closed and self.answered and not self.running


class Calls:
    """Every function call of the current link."""

    def __init__(self, outbox: Outbox) -> None:
        self._out = outbox
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._batch_of: dict[str, Batch] = {}

    @property
    def running(self) -> bool:
        return bool(self._batch_of)

    def announce(self, batch: Batch, item: Item) -> None:
        """An item was begun: remember its name."""
        if item.kind == "function_call" and item.name:
            batch.names[item.id] = item.name

    def arguments_done(self, batch: Batch, event: CallArgumentsDone) -> None:
        """Arguments are there, perhaps cut off: wait until the item or the response says more."""
        if event.call_id and event.call_id not in self._seen:
            name = event.name or batch.names.get(event.item_id, "")
            batch.waiting[event.call_id] = Item(
                event.item_id,
                kind="function_call",
                call_id=event.call_id,
                name=name,
                arguments=event.arguments,
            )

    def item_done(self, batch: Batch, item: Item) -> None:
        """An item ended; a complete call runs now, a broken-off one never."""
        if item.kind != "function_call" or not item.call_id:
            return
        waiting = batch.waiting.pop(item.call_id, None)
        if item.status in ("incomplete", "in_progress"):
            self._remember(item.call_id)
            return
        name = item.name or (waiting.name if waiting else "") or batch.names.get(item.id, "")
        self._run(batch, item.call_id, name, item.arguments)

    def response_done(self, batch: Batch, *, completed: bool) -> None:
        """The response ended; if it ended well, calls that only told arguments are complete."""
        batch.closed = True
        if not completed:
            batch.waiting.clear()
        for call_id, item in list(batch.waiting.items()):
            del batch.waiting[call_id]
            self._run(batch, call_id, item.name, item.arguments)

    def refuse(self, item: Item) -> None:
        """A call that came complete after the user interrupted: tell the model it was not run."""
        if item.kind != "function_call" or not item.call_id or item.call_id in self._seen:
            return
        self._remember(item.call_id)
        if item.status not in ("incomplete", "in_progress"):
            self._out.send(SendCallOutput(item.call_id, NOT_RUN))

    def finished(self, event: CallFinished) -> Batch | None:
        """Answer the model; ``None`` when nobody waits for the result any more."""
        batch = self._batch_of.pop(event.call_id, None)
        if batch is None or event.epoch != self._out.epoch or not self._out.linked:
            return None
        batch.running.discard(event.call_id)
        self._out.send(SendCallOutput(event.call_id, event.output))
        batch.answered = batch.answered or (event.respond and not batch.hushed)
        return batch

    def hush(self) -> None:
        """The user wants silence: results of what runs now are stored, not spoken about."""
        for batch in self._batch_of.values():
            batch.hushed = True
            batch.answered = False

    def reset(self) -> None:
        """The link is gone: results of its calls have nobody to go to."""
        self._batch_of.clear()

    def _run(self, batch: Batch, call_id: str, name: str, arguments: str) -> None:
        if call_id in self._seen:
            return
        self._remember(call_id)
        batch.running.add(call_id)
        self._batch_of[call_id] = batch
        self._out.add(RunCall(call_id, name, arguments, self._out.epoch, batch.turn))

    def _remember(self, call_id: str) -> None:
        self._seen[call_id] = None
        if len(self._seen) > REMEMBERED_CALLS:
            self._seen.popitem(last=False)
