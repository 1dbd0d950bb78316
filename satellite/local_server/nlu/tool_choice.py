"""Which functions a response may call, and whether it must (``tool_choice``). Pure.

What the words ask for is not made to fit: where a call is asked for and the words are none for
it, the response fails and says so. A named function that takes no argument is called as it is.
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
    """``steps`` as far as the context's ``tool_choice`` allows them.

    ``required`` and a named function ask for a call for what was said. Once it was made, its
    result is told; else each answer would have to be another call.
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
