"""Encodes ``conversation.commands`` as JSON objects that all dialects share.

What differs between servers is data in ``dialect.Dialect``.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from satellite.conversation import commands

_APPEND_HEAD = '{"type":"input_audio_buffer.append","audio":"'
_APPEND_TAIL = '"}'


def append_frame(audio: bytes) -> str:
    """The message for microphone audio that is coded as the session says.

    Fifty of these are sent each second, so no JSON encoder looks at the base64.
    """
    return _APPEND_HEAD + binascii.b2a_base64(audio, newline=False).decode("ascii") + _APPEND_TAIL


def tools_object(tools: Iterable[commands.Tool], *, nested: bool = False) -> list[dict[str, Any]]:
    """The list of function tools; ``nested`` is the shape of the Chat API (Qwen)."""
    listed: list[dict[str, Any]] = []
    for tool in tools:
        function = {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        }
        listed.append(
            {"type": "function", "function": function}
            if nested
            else {"type": "function", **function}
        )
    return listed


def _message(role: str, words: str) -> dict[str, Any]:
    return {
        "type": "message",
        "role": role,
        "content": [{"type": "input_text", "text": words}],
    }


def _response(command: commands.CreateResponse) -> dict[str, Any]:
    response: dict[str, Any] = {}
    if command.instructions:
        response["instructions"] = command.instructions
    if command.out_of_band:
        response["conversation"] = "none"
        response["tools"] = []
        response["tool_choice"] = "none"
        response["input"] = []
    if command.input_text:
        response["input"] = [_message("user", command.input_text)]
    if command.tool_choice:
        response["tool_choice"] = command.tool_choice
    if command.metadata:
        response["metadata"] = dict(command.metadata)
    return response


def command_object(command: commands.Command) -> dict[str, Any]:
    """The client event for a command, without ``event_id``."""
    body: Mapping[str, Any]
    match command:
        case commands.CreateResponse():
            response = _response(command)
            kind, body = "response.create", {"response": response} if response else {}
        case commands.CancelResponse():
            named = {"response_id": command.response_id} if command.response_id else {}
            kind, body = "response.cancel", named
        case commands.TruncateItem():
            kind = "conversation.item.truncate"
            body = {
                "item_id": command.item_id,
                "content_index": 0,
                "audio_end_ms": command.audio_end_ms,
            }
        case commands.DeleteItem():
            kind, body = "conversation.item.delete", {"item_id": command.item_id}
        case commands.SendUserText():
            kind, body = "conversation.item.create", {"item": _message("user", command.text)}
        case commands.SendCallOutput():
            kind = "conversation.item.create"
            body = {
                "item": {
                    "type": "function_call_output",
                    "call_id": command.call_id,
                    "output": command.output,
                }
            }
        case commands.SendSystemText():
            kind, body = "conversation.item.create", {"item": _message("system", command.text)}
        case commands.SendApproval():
            item = {
                "type": "mcp_approval_response",
                "id": f"appr_{command.event_id}",
                "approval_request_id": command.request_id,
                "approve": command.approve,
            }
            if command.reason:
                item["reason"] = command.reason
            kind, body = "conversation.item.create", {"item": item}
        case commands.CommitInput():
            kind, body = "input_audio_buffer.commit", {}
        case commands.ClearInput():
            kind, body = "input_audio_buffer.clear", {}
    return {"type": kind, **body}
