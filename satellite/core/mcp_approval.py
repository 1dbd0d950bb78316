"""Names in calls and results by which the approval of a tool of an MCP server is asked for."""

from __future__ import annotations

MCP_APPROVAL = "mcp-approval/"
"""Begins the name of a call that asks the person, before "label/tool". No function that a model may
call has a slash in its name."""
APPROVALS = "approvals"
"""Key in a result of the function ``confirm``: a list of objects with ``id`` and ``approve``."""
