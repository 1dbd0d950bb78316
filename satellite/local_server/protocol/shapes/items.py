"""Items of the conversation, as a client may create them."""

from __future__ import annotations

from satellite.local_server.protocol.schema import (
    Check,
    Obj,
    RequestRefused,
    Tagged,
    array,
    boolean,
    choice,
    mapping,
    text,
)
from satellite.local_server.protocol.shapes.values import (
    MAX_APPEND_CHARS,
    MAX_ITEM_ID_CHARS,
    function_name,
    literal,
)

_ITEM_COMMON: dict[str, Check] = {
    "id": text(MAX_ITEM_ID_CHARS),
    "type": literal,
    "object": choice("realtime.item"),
    "status": choice("completed", "incomplete", "in_progress"),
}


def _image_url(value: object, path: str) -> str:
    url: str = text()(value, path)
    if not url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
        raise RequestRefused(
            "invalid_value", f"Invalid '{path}': expected a PNG or JPEG data URI.", path
        )
    return url


_INPUT_TEXT = Obj({"type": literal, "text": text()}, ("text",))
_USER_PARTS = Tagged(
    {
        "input_text": _INPUT_TEXT,
        "input_audio": Obj(
            {
                "type": literal,
                "audio": text(MAX_APPEND_CHARS),
                "transcript": text(),
            }
        ),
        "input_image": Obj(
            {
                "type": literal,
                "image_url": _image_url,
                "detail": choice("auto", "low", "high"),
            },
            ("image_url",),
        ),
    }
)
_ASSISTANT_PARTS = Tagged({"output_text": Obj({"type": literal, "text": text()}, ("text",))})


def _message(parts: Check) -> Check:
    return Obj({**_ITEM_COMMON, "role": literal, "content": array(parts)}, ("content",))


_MESSAGE = Tagged(
    {
        "system": _message(Tagged({"input_text": _INPUT_TEXT})),
        "user": _message(_USER_PARTS),
        "assistant": _message(_ASSISTANT_PARTS),
    },
    tag="role",
)
_FUNCTION_CALL = Obj(
    {**_ITEM_COMMON, "call_id": text(64), "name": function_name, "arguments": text()},
    ("name", "arguments"),
)
_FUNCTION_CALL_OUTPUT = Obj(
    {**_ITEM_COMMON, "call_id": text(64), "output": text()}, ("call_id", "output")
)
_MCP_COMMON: dict[str, Check] = {**_ITEM_COMMON, "server_label": text()}
_ITEM_VARIANTS: dict[str, Check] = {
    "message": _MESSAGE,
    "function_call": _FUNCTION_CALL,
    "function_call_output": _FUNCTION_CALL_OUTPUT,
    "mcp_list_tools": Obj({**_MCP_COMMON, "tools": array(mapping)}, ("server_label", "tools")),
    "mcp_call": Obj(
        {
            **_MCP_COMMON,
            "name": text(),
            "arguments": text(),
            "approval_request_id": text(),
            "output": text(),
            "error": mapping,
        },
        ("id", "name", "arguments", "server_label"),
    ),
    "mcp_approval_request": Obj(
        {**_MCP_COMMON, "name": text(), "arguments": text()},
        ("id", "name", "arguments", "server_label"),
    ),
    "mcp_approval_response": Obj(
        {
            **_ITEM_COMMON,
            "approval_request_id": text(),
            "approve": boolean,
            "reason": text(),
        },
        ("id", "approval_request_id", "approve"),
    ),
}
ITEM = Tagged(_ITEM_VARIANTS)
INPUT_ITEM = Tagged(
    {**_ITEM_VARIANTS, "item_reference": Obj({"type": literal, "id": text()}, ("id",))}
)
