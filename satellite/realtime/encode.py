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
        "content": [
            {"type": "output_text" if role == "assistant" else "input_text", "text": words}
        ],
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


def _item(command: commands.Command) -> dict[str, Any] | None:
    """The conversation item that a command adds; None for commands of other kinds."""
    match command:
        case commands.SendUserText():
            return _with_picture(_message("user", command.text), command.image_url)
        case commands.SendSystemText():
            return _message("system", command.text)
        case commands.AddPastMessage():
            return {"id": command.item_id, **_message(command.role, command.text)}
        case commands.AddPastCall():
            return {
                "type": "function_call",
                "id": command.item_id,
                "call_id": command.call_id,
                "name": command.name,
                "arguments": command.arguments,
            }
        case commands.AddPastOutput():
            return {"id": command.item_id, **_output(command.call_id, command.output)}
        case commands.SendCallOutput():
            return _output(command.call_id, command.output)
        case commands.SendApproval():
            return _approval(command)
        case commands.AddPicture():
            item = _with_picture(_message("user", command.note), command.image_url)
            return {"id": command.item_id, **item}
        case _:
            return None


def _output(call_id: str, output: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def _with_picture(message: dict[str, Any], image_url: str) -> dict[str, Any]:
    if image_url:
        part = {"type": "input_image", "image_url": image_url, "detail": "auto"}
        message["content"].append(part)
    return message


def _approval(command: commands.SendApproval) -> dict[str, Any]:
    item = {
        "type": "mcp_approval_response",
        "id": f"appr_{command.event_id}",
        "approval_request_id": command.request_id,
        "approve": command.approve,
    }
    return item | {"reason": command.reason} if command.reason else item


def command_object(command: commands.Command) -> dict[str, Any]:
    """The client event for a command, without ``event_id``."""
    if (item := _item(command)) is not None:
        return {"type": "conversation.item.create", "item": item}
    body: Mapping[str, Any] = {}
    match command:
        case commands.CreateResponse():
            kind = "response.create"
            if response := _response(command):
                body = {"response": response}
        case commands.CancelResponse():
            kind = "response.cancel"
            if command.response_id:
                body = {"response_id": command.response_id}
        case commands.TruncateItem():
            kind = "conversation.item.truncate"
            body = {
                "item_id": command.item_id,
                "content_index": 0,
                "audio_end_ms": command.audio_end_ms,
            }
        case commands.DeleteItem():
            kind, body = "conversation.item.delete", {"item_id": command.item_id}
        case commands.CommitInput():
            kind = "input_audio_buffer.commit"
        case _:
            assert isinstance(command, commands.ClearInput), command
            kind = "input_audio_buffer.clear"
    return {"type": kind, **body}
