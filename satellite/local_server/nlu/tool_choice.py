"""``tool_choice``: which functions a response may call, and whether it must. Pure.

No call is made up: where one is required and the words ask for none, the response fails. Only a
named function without arguments is called whatever was said.
"""

from __future__ import annotations

from collections.abc import Sequence

from satellite.local_server.interpretation import (
    Context,
    Fail,
    Spoken,
    Step,
    ToolCall,
    ToolCalled,
    Turn,
    UserMessage,
)

NO_TOOLS = "I cannot do that right now."
NOT_MET = "tool_choice_not_met"


def within(context: Context, steps: Sequence[Step]) -> Sequence[Step]:
    """``steps`` if the context's ``tool_choice`` allows them, or what replaces them.

    ``required`` and a named function are met by one call for the user's latest message; the
    response after it may tell the result.
    """
    calls = [step for step in steps if isinstance(step, ToolCall)]
    choice = context.tool_choice
    if choice == "none":
        return [Spoken(NO_TOOLS)] if calls else steps
    if choice in (None, "auto"):
        return steps
    name = "" if choice == "required" else str(choice.get("name") or "")
    if choice in ("required", {"type": "function", "name": name}):
        if calls and all(name in ("", call.name) for call in calls):
            return steps
        if not calls and _called_for_these_words(name, context.turns):
            return steps
        if _takes_no_arguments(name, context):
            return [ToolCall(name, {})]
    wanted = f"the function {name!r}" if name else "a function"
    why = f"tool_choice asks for a call of {wanted}, and nothing that was said stands for one."
    return [Fail(NOT_MET, why)]


def _called_for_these_words(name: str, turns: Sequence[Turn]) -> bool:
    for turn in reversed(turns):
        if isinstance(turn, UserMessage) and turn.role == "user":
            return False
        if isinstance(turn, ToolCalled) and name in ("", turn.name):
            return True
    return False


def _takes_no_arguments(name: str, context: Context) -> bool:
    tools = (tool for tool in context.tools if tool.get("type", "function") == "function")
    schemas = [tool.get("parameters") or {} for tool in tools if tool.get("name") == name]
    return bool(schemas) and not schemas[0].get("properties")
