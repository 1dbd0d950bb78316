"""What the session says of MCP servers."""

from __future__ import annotations

from satellite.realtime.config import LinkConfig
from satellite.realtime.dialects import AZURE_PREVIEW, BETA, GA, LOCALAI
from satellite.realtime.mcp import McpServer, mcp_objects

WEATHER = McpServer("weather", url="https://mcp.example.org", authorization="secret-token")


def test_a_server_asks_unless_the_person_says_otherwise() -> None:
    (entry,) = mcp_objects([WEATHER])
    assert entry == {
        "type": "mcp",
        "server_label": "weather",
        "server_url": "https://mcp.example.org",
        "authorization": "secret-token",
        "require_approval": "always",
    }
    (entry,) = mcp_objects([McpServer("mail", connector="connector_gmail", asks=False)])
    assert entry["connector_id"] == "connector_gmail"
    assert entry["require_approval"] == "never"


def test_tools_without_approval_are_named_and_the_others_ask() -> None:
    server = McpServer("w", url="u", allowed_tools=("a", "b"), without_approval=("a",))
    (entry,) = mcp_objects([server])
    assert entry["require_approval"] == {
        "never": {"tool_names": ["a"]},
        "always": {"tool_names": ["b"]},
    }


def test_only_servers_that_know_them_are_told() -> None:
    config = LinkConfig(mcp=(WEATHER,))
    assert GA.session(config)["tools"] == mcp_objects([WEATHER])
    for dialect in (BETA, AZURE_PREVIEW, LOCALAI, GA.other):
        assert dialect.session(config)["tools"] == []


def test_no_text_shows_the_token() -> None:
    assert "secret-token" not in repr(WEATHER)
    assert "secret-token" not in repr(LinkConfig(mcp=(WEATHER,)))
