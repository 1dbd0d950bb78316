"""Servers of the Model Context Protocol, whose tools a Realtime server calls by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct


class McpServer(Struct, frozen=True):
    """One MCP server (``url``) or one of the provider's connectors (``connector``)."""

    label: str
    url: str = ""
    connector: str = ""
    description: str = ""
    authorization: str = ""
    """An OAuth access token; the Realtime server passes it on. Never logged."""
    allowed_tools: tuple[str, ...] = ()
    """Empty for all."""
    asks: bool = True
    """Its tools wait for the person's approval, except those of ``without_approval``."""
    without_approval: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the token, so that no traceback and no log line can show it."""
        return f"McpServer({self.label!r}, {self.url or self.connector!r})"


def mcp_objects(servers: Iterable[McpServer]) -> list[dict[str, Any]]:
    """The entries for the session's ``tools``."""
    return [_object(server) for server in servers]


def _object(server: McpServer) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "mcp", "server_label": server.label}
    optional: dict[str, Any] = {
        "server_url": server.url,
        "connector_id": server.connector,
        "server_description": server.description,
        "authorization": server.authorization,
        "allowed_tools": list(server.allowed_tools),
    }
    entry |= {name: value for name, value in optional.items() if value}
    if not server.asks:
        entry["require_approval"] = "never"
    elif server.without_approval:
        # Both sides, since what the server does with tools that stand in neither is not documented.
        entry["require_approval"] = {"never": {"tool_names": list(server.without_approval)}}
        asked = [name for name in server.allowed_tools if name not in server.without_approval]
        if asked:
            entry["require_approval"]["always"] = {"tool_names": asked}
    else:
        entry["require_approval"] = "always"
    return entry
