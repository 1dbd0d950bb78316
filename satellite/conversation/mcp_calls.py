"""Tools of MCP servers, which the Realtime server calls by itself.

It may ask for an approval first. The question goes to the home process like a risky command: the
person hears it, and only a yes of theirs, in a turn of its own, approves (``tools/confirmation``).
The model learns from a system message what to ask, because such a request has no result.

When a tool has ended, the server does not go on by itself: a response has to be requested.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import Any

from msgspec import Struct

from satellite.conversation.call_context import CallContexts
from satellite.conversation.commands import SendApproval, SendSystemText
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import RunCall, ShowCall, ShowProblem
from satellite.conversation.events import local, server
from satellite.core.mcp_approval import APPROVALS, MCP_APPROVAL

LONGEST_CALL_S = 60.0
"""A tool that has not ended after this is given up; the Realtime server's own limit is shorter."""
LONGEST_ASK_S = 15.0
"""The home process puts a question at once, if it can."""
REMEMBERED = 256
MOST_NAME_CHARS = 64
NOT_IN_A_NAME = re.compile(r"[^\w./-]+")
"""A tool's name comes from its server and is told to the model as a message of the system, in which
no order may stand."""
PROBLEM = "mcp"
"""Source of the problem that the tools of a server cannot be listed."""


class _Tool(Struct):
    server: str
    name: str
    arguments: str
    turn: int
    """The number of turns that the user had taken."""
    until_s: float
    silenced: bool = False
    """The person wants silence: the result is not told."""
    response_id: str = ""
    """The response that called it, where that is known."""

    @property
    def label(self) -> str:
        return f"{_name(self.server)}/{_name(self.name)}"


class McpCalls:
    """Approval requests and running tools of the current link."""

    def __init__(
        self, effects: EffectList, call_contexts: CallContexts, confirm_timeout_s: float
    ) -> None:
        self._effects = effects
        self._call_contexts = call_contexts
        self._confirm_timeout_s = confirm_timeout_s
        self._servers: dict[str, str] = {}
        """Labels of the servers whose tools are being listed, by item id."""
        self._failed: set[str] = set()
        self._seen: OrderedDict[str, None] = OrderedDict()
        """Requests and calls that are known, so that a repeated event does nothing twice."""
        self._asking: dict[str, _Tool] = {}
        """Requests that the home process has not answered yet."""
        self._open: dict[str, _Tool] = {}
        """Requests about which the person is being asked."""
        self._running: dict[str, _Tool] = {}
        """Calls by item id; an approved one by the id of its request until it begins."""
        self._ended_turn: int | None = None
        """The turn of calls that have ended and want a reply."""

    @property
    def running(self) -> bool:
        """Something is under way that a reply follows."""
        return bool(self._asking or self._running)

    def reset(self) -> None:
        """The link is gone, and with it every request and call."""
        for group in (self._servers, self._seen, self._asking, self._open, self._running):
            group.clear()
        self._ended_turn = None

    def silence(self) -> None:
        """The person wants silence: nobody is asked, and no result is told."""
        for group in (self._asking, self._running):
            for tool in group.values():
                tool.silenced = True
        self._ended_turn = None

    # --- what the server tells ------------------------------------------------------------------

    def item(
        self, item: server.ConversationItem, *, turn: int, done: bool, response_id: str = ""
    ) -> None:
        """An item was begun, or is ``done``; ``response_id`` where the event tells it."""
        if item.kind == "mcp_list_tools":
            self._servers[item.id] = item.server_label
        elif item.kind == "mcp_approval_request" and done:
            self._ask(item, turn)
        elif item.kind == "mcp_call":
            self._called(item, turn, response_id, done=done)

    def refuse(self, item: server.ConversationItem) -> None:
        """A request of a response that was cut, about which nobody was asked yet."""
        if item.kind == "mcp_approval_request" and item.id and self._is_new(item.id):
            why = "The user has spoken meanwhile."
            self._effects.send(SendApproval(item.id, approve=False, reason=why))

    def listed(self, event: server.McpToolsListed) -> None:
        """The tools of a server are known, or cannot be had."""
        label = _name(self._servers.pop(event.item_id, "")) or "?"
        if event.failed:
            self._failed.add(label)
            self._effects.note("warning", f"The tools of the MCP server {label} cannot be listed.")
        else:
            self._failed.discard(label)
            self._effects.note("info", f"The tools of the MCP server {label} are there.")
        names = ", ".join(sorted(self._failed))
        reason = (
            f"The tools of {names} cannot be used: the Realtime server could not list them. Look at"
            " the address and the authorization in realtime.mcp."
        )
        self._effects.add(ShowProblem(PROBLEM, reason if names else ""))

    def ended(self, event: server.McpCallEnded) -> None:
        """A call has ended; its item tells the result, before or after this."""
        self._end(event.item_id, "failed" if event.failed else "done")

    def response_cancelled(self, response_id: str) -> None:
        """The tools that it called have ended with it, and nobody waits for them."""
        for item_id, tool in list(self._running.items()):
            if response_id and tool.response_id == response_id:
                tool.silenced = True
                self._end(item_id, "cancelled")

    # --- what the person decides ----------------------------------------------------------------

    def finished(self, event: local.CallFinished) -> bool:
        """The home process has answered; returns whether that was about a request of ours."""
        tool = self._asking.pop(event.call_id, None)
        if tool is None:
            return False
        if event.epoch != self._effects.epoch or not self._effects.linked:
            return True
        if tool.silenced:
            why = "The user pressed stop."
            self._effects.send(SendApproval(event.call_id, approve=False, reason=why))
            return True
        result = _object(event.output)
        self._call_contexts.result(event.call_id)
        if result.get("status") == "confirmation_required":
            tool.until_s = self._effects.now_s + self._confirm_timeout_s
            self._open[event.call_id] = tool
            self._effects.send(SendSystemText(_question(tool, result)))
        else:
            why = str(result.get("message") or "It cannot be asked about now.")
            self._effects.send(SendApproval(event.call_id, approve=False, reason=why))
        self._ended_turn = tool.turn
        return True

    def confirmed(self, output: str) -> bool:
        """The function ``confirm`` has this result; returns whether a tool was approved."""
        approved = False
        told = _object(output).get(APPROVALS)
        for one in told if isinstance(told, list) else ():
            tool = self._open.pop(one["id"], None)
            if tool is None:
                continue
            self._effects.send(SendApproval(one["id"], approve=one["approve"]))
            if one["approve"]:
                approved = True
                tool.until_s = self._effects.now_s + LONGEST_CALL_S
                self._running[one["id"]] = tool
        return approved

    # --- time -----------------------------------------------------------------------------------

    def take_ended(self) -> int | None:
        """The turn to be answered once nothing runs any more, told once; else None."""
        if self._running or self._ended_turn is None:
            return None
        turn, self._ended_turn = self._ended_turn, None
        return turn

    def deadlines(self) -> list[float]:
        groups = (self._asking, self._open, self._running)
        return [tool.until_s for group in groups for tool in group.values()]

    def tick(self) -> None:
        """Refuses what nobody has answered, and gives up calls that never ended."""
        now_s = self._effects.now_s
        for request_id in [key for key, tool in self._asking.items() if now_s >= tool.until_s]:
            tool = self._asking.pop(request_id)
            why = "Nobody could be asked."
            self._effects.send(SendApproval(request_id, approve=False, reason=why))
            if not tool.silenced:
                self._ended_turn = tool.turn
        for request_id in [key for key, tool in self._open.items() if now_s >= tool.until_s]:
            del self._open[request_id]
            self._effects.send(SendApproval(request_id, approve=False, reason="Nobody answered."))
        for item_id in [key for key, tool in self._running.items() if now_s >= tool.until_s]:
            self._end(item_id, "unknown")

    # --- inside ---------------------------------------------------------------------------------

    def _ask(self, item: server.ConversationItem, turn: int) -> None:
        if not item.id or not self._is_new(item.id):
            return
        until_s = self._effects.now_s + LONGEST_ASK_S
        self._asking[item.id] = _Tool(item.server_label, item.name, item.arguments, turn, until_s)
        self._effects.add(
            RunCall(
                item.id,
                f"{MCP_APPROVAL}{item.server_label}/{item.name}",
                item.arguments,
                self._effects.epoch,
                turn,
                self._call_contexts.at(self._call_contexts.turn),
            )
        )

    def _called(
        self, item: server.ConversationItem, turn: int, response_id: str, *, done: bool
    ) -> None:
        if self._is_new(item.id):
            approved = self._running.pop(item.approval_request_id, None)
            until_s = self._effects.now_s + LONGEST_CALL_S
            self._running[item.id] = _Tool(
                item.server_label,
                item.name,
                item.arguments,
                turn,
                until_s,
                silenced=approved is not None and approved.silenced,
            )
        tool = self._running.get(item.id)
        if tool is not None:
            tool.arguments = item.arguments or tool.arguments
            tool.response_id = response_id or tool.response_id
            if done and (item.error or item.has_output):
                self._end(item.id, "failed" if item.error else "done", item.error)

    def _end(self, item_id: str, status: str, message: str = "") -> None:
        tool = self._running.pop(item_id, None)
        if tool is None:
            return
        if not tool.silenced:
            self._ended_turn = tool.turn
        result = {"status": status, **({"message": message} if message else {})}
        took_ms = 1000 * (self._effects.now_s - (tool.until_s - LONGEST_CALL_S))
        self._effects.add(ShowCall(tool.label, _object(tool.arguments), result, took_ms))

    def _is_new(self, item_id: str) -> bool:
        if item_id in self._seen:
            return False
        self._seen[item_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


def _question(tool: _Tool, result: dict[str, Any]) -> str:
    """What the model is told of a request that waits for the person."""
    kept = {
        name: result[name] for name in ("confirmation_id", "question", "next") if name in result
    }
    return json.dumps({"approval_of": tool.label, **kept})


def _name(text: str) -> str:
    """The name of a server or a tool, as one word."""
    return NOT_IN_A_NAME.sub("_", text[: 2 * MOST_NAME_CHARS])[:MOST_NAME_CHARS]


def _object(text: str) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
