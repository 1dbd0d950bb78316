"""The tables ``realtime.mcp``: servers whose tools the Realtime server may call."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from satellite.settings.base import Check, Names, Secret, Section
from satellite.settings.checks import FUNCTION, key_only, web_address_or_none


class McpServerSection(Section, frozen=True, kw_only=True):
    """One MCP server or connector. Has either ``url`` or ``connector``."""

    label: Annotated[str, FUNCTION]
    url: Annotated[str, Check(web_address_or_none)] = ""
    connector: Annotated[str, Meta(max_length=100)] = ""
    description: Annotated[str, Meta(max_length=1_000)] = ""
    authorization: Annotated[Secret, Check(key_only)] = Secret("")
    allowed_tools: Names = ()
    approval: Literal["always", "never"] = "always"
    without_approval: Names = ()

    def complete(self) -> None:
        if bool(self.url) == bool(self.connector):
            what = f"realtime.mcp {self.label!r} needs an url or a connector, and not both"
            raise ValueError(what)


def no_label_twice(value: tuple[Any, ...]) -> tuple[Any, ...]:
    labels = [one.label for one in value]
    if doubled := sorted({label for label in labels if labels.count(label) > 1}):
        raise ValueError(f"has the same label twice: {', '.join(doubled)}")
    return value
