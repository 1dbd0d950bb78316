"""Tools and how they are chosen."""

from __future__ import annotations

from typing import Any

import msgspec

from satellite.local_server.protocol.schema import (
    Obj,
    RequestRefused,
    Tagged,
    array,
    boolean,
    choice,
    mapping,
    text,
)
from satellite.local_server.protocol.shapes.values import either, function_name, literal

_MCP_FILTER = Obj({"read_only": boolean, "tool_names": array(text())})
TOOL = Tagged(
    {
        "function": Obj(
            {
                "type": literal,
                "name": function_name,
                "description": text(),
                "parameters": mapping,
            },
            ("name",),
        ),
        "mcp": Obj(
            {
                "type": literal,
                "server_label": text(),
                "server_url": text(),
                "connector_id": text(),
                "tunnel_id": text(),
                "authorization": text(),
                "headers": mapping,
                "server_description": text(),
                "allowed_tools": either(array(text()), _MCP_FILTER),
                "allowed_callers": array(choice("direct", "programmatic")),
                "require_approval": either(
                    choice("always", "never"),
                    Obj({"always": _MCP_FILTER, "never": _MCP_FILTER}),
                ),
                "defer_loading": boolean,
            },
            ("server_label",),
        ),
    }
)
MAX_TOOLS_BYTES = 2 * 1024 * 1024
"""Size as JSON; the tools of the largest homes fit."""


def tools(value: object, path: str) -> list[Any]:
    accepted: list[Any] = array(TOOL)(value, path)
    size = len(msgspec.json.encode(accepted))
    if size > MAX_TOOLS_BYTES:
        raise RequestRefused(
            "string_above_max_length",
            f"Invalid '{path}': too large. Expected at most {MAX_TOOLS_BYTES} bytes of JSON, but "
            f"got {size} instead.",
            path,
        )
    return accepted


_NAMED_TOOL = Tagged(
    {
        "function": Obj({"type": literal, "name": function_name}, ("name",)),
        "mcp": Obj(
            {"type": literal, "server_label": text(), "name": text()},
            ("server_label",),
        ),
    }
)


def tool_choice(value: object, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return _NAMED_TOOL(value, path)
    return choice("auto", "none", "required")(value, path)
