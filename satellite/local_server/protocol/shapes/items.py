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


text_part = Obj({"type": literal, "text": text()}, ("text",))
_USER_PARTS = Tagged(
    {
        "input_text": text_part,
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
_ASSISTANT_PARTS = Tagged({"output_text": text_part})


def _message(parts: Check) -> Check:
    return Obj({**_ITEM_COMMON, "role": literal, "content": array(parts)}, ("content",))


def _messages(assistant_parts: Check) -> Check:
    variants = {
        "system": _message(Tagged({"input_text": text_part})),
        "user": _message(_USER_PARTS),
        "assistant": _message(assistant_parts),
    }
    return Tagged(variants, tag="role")


_FUNCTION_CALL = Obj(
    {**_ITEM_COMMON, "call_id": text(64), "name": function_name, "arguments": text()},
    ("name", "arguments"),
)
_FUNCTION_CALL_OUTPUT = Obj(
    {**_ITEM_COMMON, "call_id": text(64), "output": text()}, ("call_id", "output")
)
_MCP_COMMON: dict[str, Check] = {**_ITEM_COMMON, "server_label": text()}
_OTHERS: dict[str, Check] = {
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
_REFERENCE = Obj({"type": literal, "id": text()}, ("id",))


def item_of(assistant_parts: Check) -> Tagged:
    """Any item of a conversation; the dialects differ in the assistant's content."""
    return Tagged({"message": _messages(assistant_parts), **_OTHERS})


def input_item_of(assistant_parts: Check) -> Tagged:
    """An item of the input of a response."""
    return Tagged({**item_of(assistant_parts).variants, "item_reference": _REFERENCE})


ITEM = item_of(_ASSISTANT_PARTS)
INPUT_ITEM = input_item_of(_ASSISTANT_PARTS)
