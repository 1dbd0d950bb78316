"""The whole daemon and a Realtime server that wants to call a tool of an MCP server."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from satellite.demo.stage import Stage
from tests.fakes.realtime_server import FakeRealtimeServer
from tests.system.test_consent import Model
from tests.system.test_secrets import hears

SERVERS = [{"label": "office", "url": "https://mcp.example.org", "authorization": "mcp-token-1"}]
REQUEST = {
    "id": "mcpr_1",
    "type": "mcp_approval_request",
    "server_label": "office",
    "name": "send_mail",
    "arguments": '{"to": "a@example.org"}',
}
CALL = {
    "id": "mcp_1",
    "type": "mcp_call",
    "server_label": "office",
    "name": "send_mail",
    "arguments": '{"to": "a@example.org"}',
    "approval_request_id": "mcpr_1",
}


def test_a_tool_of_an_mcp_server_is_approved_by_a_spoken_yes_and_its_result_is_told() -> None:
    asyncio.run(_approved())


async def _approved() -> None:
    settings = {"SATELLITE_REALTIME__MCP": json.dumps(SERVERS)}
    async with (
        FakeRealtimeServer() as server,
        Stage(server_url=server.url, settings=settings) as stage,
    ):
        await stage.listening()
        model = Model(server, stage)
        tools = server.log[-1].event["session"]["tools"]
        (offered,) = [tool for tool in tools if tool["type"] == "mcp"]
        assert offered["require_approval"] == "always"
        assert offered["authorization"] == "mcp-token-1"

        await hears(server, "u1", "Send the mail.")
        asked_s = time.monotonic()
        place = {"response_id": "resp_q", "output_index": 0}
        reply = {"id": "resp_q", "object": "realtime.response", "output": []}
        await server.send("response.created", response={**reply, "status": "in_progress"})
        await server.send("response.output_item.added", **place, item=REQUEST)
        await server.send("response.output_item.done", **place, item=REQUEST)
        await server.send("response.done", response={**reply, "status": "completed"})
        await server.until(lambda: bool(server.since(asked_s, "response.create")))
        question = json.loads(items(server, asked_s, "message")[-1]["content"][0]["text"])

        await model.speaks(question["question"])
        await hears(server, "u2", "Yes.")
        confirmed_s = time.monotonic()
        answer = {"confirmation_id": question["confirmation_id"], "answer": "yes"}
        await server.call("resp_c", "confirm", answer)
        await server.until(lambda: bool(items(server, confirmed_s, "mcp_approval_response")))
        (approval,) = items(server, confirmed_s, "mcp_approval_response")
        assert (approval["approval_request_id"], approval["approve"]) == ("mcpr_1", True)

        await server.send("conversation.item.added", item=CALL)
        await server.send("response.mcp_call.in_progress", item_id="mcp_1", output_index=0)
        await asyncio.sleep(0.5)
        assert not server.since(confirmed_s, "response.create"), "there is no result yet"
        await server.send("response.mcp_call.completed", item_id="mcp_1", output_index=0)
        await server.until(lambda: bool(server.since(confirmed_s, "response.create")))
        timeline = stage.timeline

        def calls() -> list[Any]:
            seen = [one for one in timeline.since(confirmed_s) if one.kind.value == "call"]
            return [one.data for one in seen if one.data["name"] == "office/send_mail"]

        assert await stage.supervised(timeline.wait_for(lambda: bool(calls()), 10.0))
        assert calls()[0]["result"]["status"] == "done"


def items(server: FakeRealtimeServer, since_s: float, kind: str) -> list[dict[str, Any]]:
    """Items of one type that the satellite has added to the conversation."""
    created = server.since(since_s, "conversation.item.create")
    return [one.event["item"] for one in created if one.event["item"]["type"] == kind]
