"""What was said and done, kept as text for the next session.

A server forgets a conversation with its session. So the words of the person, what was heard of each
reply, and calls with their results are kept here, bounded, and nothing of it on the disk. A new
session begins with them as items. Instructions and tools come before, the same as ever, so that the
server has them in its cache; nothing is deleted one by one, which would spoil that cache.

After a pause the next conversation begins with nothing, in a session of its own: what was said an
hour ago is seldom meant any more, and each turn pays for all that came before it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from satellite.conversation.commands import (
    AddPastCall,
    AddPastMessage,
    AddPastOutput,
    Command,
    SendSystemText,
)
from satellite.conversation.events import Event, local, server
from satellite.conversation.output_items import PlayedItem
from satellite.conversation.silent_turns import STAY_SILENT

MOST_TOKENS = 2_000
"""Of all that a new session begins with. A home's instructions and tools are as much or more."""
BYTES_PER_TOKEN = 4
"""Roughly, for all languages: a letter of Latin script is a quarter of a token in one byte, a
Chinese character most of one in three."""
MOST_ENTRIES = 100
MOST_CHARS = 1_000
"""Of one text."""
MOST_OPEN_CALLS = 64
PAST = "past_"
"""Begins the ids of items that are sent again."""
NOTE = (
    "What follows was said and done before, in an earlier session of this conversation. All of it"
    " is answered: do not answer or repeat it, but go on from it."
)
UNWRITTEN = "(said something that was not written down)"
ANSWERED = "(answered the question)"
"""Stands for the words of a confirmation, which may hold a PIN."""
CUT = " …"
"""Ends what was not heard to its end."""


class _PastWords(Struct):
    """Words of the person (``by_person``), or of the satellite."""

    item_id: str
    text: str
    by_person: bool

    def commands(self, number: int) -> list[Command]:
        role: Literal["user", "assistant"] = "user" if self.by_person else "assistant"
        return [AddPastMessage(f"{PAST}{number}", role, self.text or UNWRITTEN)]


class _PastCall(Struct):
    """A call of a function, and its result."""

    name: str
    arguments: str
    output: str

    def commands(self, number: int) -> list[Command]:
        call_id = f"{PAST}call_{number}"
        return [
            AddPastCall(f"{PAST}{number}", call_id, self.name, self.arguments),
            AddPastOutput(f"{PAST}{number}_out", call_id, self.output),
        ]


class ConversationMemory:
    """The present conversation. ``hide`` takes secrets out of a text. ``forget_after_s``: the pause
    after which it is over; 0 for never. ``confirm_timeout_s``: how long a question is open that
    asks for a yes or a code. ``speaks``: replies are spoken; else they are only written."""

    def __init__(
        self,
        forget_after_s: float,
        hide: Callable[[str], str] = lambda text: text,
        confirm_timeout_s: float = 30.0,
        *,
        speaks: bool = True,
    ) -> None:
        self._speaks = speaks
        self._forget_after_s = forget_after_s
        self._confirm_timeout_s = confirm_timeout_s
        self._asked_until_s = 0.0
        """Until then words of the person may hold a PIN, whatever the model makes of them."""
        self._hide = hide
        self._entries: deque[_PastWords | _PastCall] = deque(maxlen=MOST_ENTRIES)
        self._calls: dict[str, tuple[str, str]] = {}
        """Name and arguments of calls without a result, by call id."""
        self._latest_s = 0.0

    # --- what happens ---------------------------------------------------------------------------

    def observe(self, event: Event, now_s: float) -> None:
        """Takes in an event of the server or of this machine."""
        match event:
            case server.SpeechStarted() | server.AudioDelta():
                self._latest_s = now_s
            case server.InputCommitted(item_id):
                self._add(_PastWords(item_id, self._answer(now_s), by_person=True), now_s)
            case server.InputTranscript(item_id, text):
                self._wrote(item_id, text)
            case server.TextDone(_, item_id, text) if text and not self._speaks:
                self._written(item_id, text, now_s)
            case server.OutputItemDone(_, item) if item.kind == "function_call":
                if item.name == STAY_SILENT.name:
                    return  # it has no result, and is deleted
                if len(self._calls) < MOST_OPEN_CALLS and item.call_id:
                    self._calls[item.call_id] = (item.name, item.arguments)
                if item.name == "confirm":  # now: the link may go down before it has a result
                    self._hide_answer()
            case local.CallFinished(call_id, _, output):
                self._finished(call_id, output, now_s)
            case local.LinkDown():
                self._calls.clear()

    def typed(self, text: str, now_s: float) -> None:
        """The person asked in writing."""
        text = self._answer(now_s) or self._brief(text)
        self._add(_PastWords("", text, by_person=True), now_s)

    def played(self, item: PlayedItem, now_s: float) -> None:
        """An item of the server's history has left the loudspeaker, whole or in part."""
        text = heard_part(item)
        if text:
            self._add(_PastWords(item.item_id, self._brief(text), by_person=False), now_s)

    def forget_item(self, item_id: str) -> None:
        """The item was removed from the server's history: it was not said to the satellite."""
        for index in range(len(self._entries) - 1, -1, -1):  # a server may use ids again
            entry = self._entries[index]
            if isinstance(entry, _PastWords) and entry.by_person and entry.item_id == item_id:
                del self._entries[index]
                return

    # --- the end of a conversation --------------------------------------------------------------

    @property
    def over_s(self) -> float | None:
        """When it is over if nobody says anything more; None for never."""
        return self._latest_s + self._forget_after_s if self._ends else None

    def over(self, now_s: float) -> bool:
        """Whether the conversation has just ended by a pause. What was said is then forgotten."""
        if not self._ends or now_s < self._latest_s + self._forget_after_s:
            return False
        self._entries.clear()
        self._calls.clear()
        return True

    @property
    def _ends(self) -> bool:
        return bool(self._entries) and self._forget_after_s > 0

    # --- the next session -----------------------------------------------------------------------

    def items(self) -> list[Command]:
        """What a new session begins with: the newest part that ``MOST_TOKENS`` allow, in order.

        A question that nobody has answered is forgotten: who asked it was told so, and asks again,
        and an answer that reached no ``confirm`` may hold a PIN.
        """
        entries = self._entries
        while entries and isinstance(last := entries[-1], _PastWords) and last.by_person:
            entries.pop()
        kept: list[list[Command]] = []
        left_bytes = MOST_TOKENS * BYTES_PER_TOKEN
        for number in range(len(entries), 0, -1):
            commands = entries[number - 1].commands(number)
            left_bytes -= sum(_size_bytes(command) for command in commands)
            if left_bytes < 0:
                break
            kept.append(commands)
        if not kept:
            return []
        return [SendSystemText(NOTE), *(command for group in reversed(kept) for command in group)]

    # --- inside ---------------------------------------------------------------------------------

    def _add(self, entry: _PastWords | _PastCall, now_s: float) -> None:
        self._entries.append(entry)
        self._latest_s = now_s

    def _wrote(self, item_id: str, text: str) -> None:
        for entry in reversed(self._entries):
            if isinstance(entry, _PastWords) and entry.by_person and entry.item_id == item_id:
                if entry.text != ANSWERED:
                    entry.text = self._brief(text)
                return

    def _written(self, item_id: str, text: str, now_s: float) -> None:
        """The whole text of a reply, which replaces what was told of it before."""
        last = self._entries[-1] if self._entries else None
        if isinstance(last, _PastWords) and not last.by_person and last.item_id == item_id:
            self._entries.pop()
        self._add(_PastWords(item_id, self._brief(text), by_person=False), now_s)

    def _finished(self, call_id: str, output: str, now_s: float) -> None:
        name, arguments = self._calls.pop(call_id, ("", ""))
        if "confirmation_id" in output:  # it asks, or asks again; also for a tool of an MCP server
            self._asked_until_s = now_s + self._confirm_timeout_s
        elif name == "confirm":
            self._asked_until_s = 0.0
        if not name:
            return
        if name == "confirm":  # they may hold a PIN
            arguments = "{}"
        self._add(_PastCall(name, self._brief(arguments, whole=True), _brief_result(output)), now_s)

    def _answer(self, now_s: float) -> str:
        """What stands for words that may be the answer to a confirmation, else empty."""
        return ANSWERED if now_s < self._asked_until_s else ""

    def _hide_answer(self) -> None:
        """All that the person has said since the satellite spoke: it may have been in two turns."""
        hidden = False
        for entry in reversed(self._entries):
            if not isinstance(entry, _PastWords):
                continue
            if entry.by_person:
                entry.text = ANSWERED
                hidden = True
            elif hidden:
                return

    def _brief(self, text: str, *, whole: bool = False) -> str:
        """Bounded and without secrets; ``whole``: cut, it would mean nothing."""
        text = self._hide(text.strip())
        if len(text) <= MOST_CHARS:
            return text
        return "{}" if whole else text[:MOST_CHARS] + CUT


def heard_part(item: PlayedItem) -> str:
    """The words that were heard of an item, by the part of its sound; ends with ``CUT`` if more
    were spoken."""
    text = item.text.strip()
    if item.whole or not text:
        return text
    if not item.received_ms or not item.heard_ms:
        return ""
    part = text[: len(text) * item.heard_ms // item.received_ms]
    whole_words, blank, _ = part.rpartition(" ")
    part = whole_words if blank else part
    return part + CUT if part else ""


def _brief_result(output: str) -> str:
    """The status and the message of a result; all else was for the reply that followed."""
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return output[:MOST_CHARS]
    if not isinstance(result, dict):
        return output[:MOST_CHARS]
    brief = {name: result[name] for name in ("status", "message") if name in result}
    return json.dumps(brief, ensure_ascii=False)[:MOST_CHARS]


def _size_bytes(command: Command) -> int:
    match command:
        case AddPastMessage(_, _, text):
            return len(text.encode(errors="replace"))
        case AddPastCall(_, _, name, arguments):
            return len(name) + len(arguments.encode(errors="replace"))
        case AddPastOutput(_, _, output):
            return len(output.encode(errors="replace"))
    return 0
