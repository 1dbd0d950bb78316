"""What a call consists of: steps to take, and outcomes that are known at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from satellite.homeassistant.effects import Publish
from satellite.tools.execution.expected_state import Expectation
from satellite.tools.execution.turn_context import TurnContext
from satellite.tools.names.targets import Target
from satellite.tools.policy.rules import OwnFunctionRule


class Status(StrEnum):
    """What became of a call, or of one device in it."""

    DONE = "done"
    """The device has reported so since the command."""
    ALREADY = "already"
    """Sent; the device had reported this state before, and nothing since."""
    NOT_CONFIRMED = "not_confirmed"
    """Sent, but the device did not report in time, or reports something else."""
    FAILED = "failed"
    """Sent, and the device reports that it could not."""
    SENT = "sent"
    """Sent to a device that never reports."""
    UNAVAILABLE = "unavailable"
    UNKNOWN_DEVICE = "unknown_device"
    REFUSED = "refused"
    CONFIRMATION_REQUIRED = "confirmation_required"
    INVALID_ARGUMENTS = "invalid_arguments"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of the model."""

    call_id: str
    name: str
    turn: int
    """Counts what the user said."""
    now_s: float
    arguments: dict[str, Any] = field(default_factory=dict)
    code_tried: bool = False
    """A code that was said is sent to a device that alone can tell whether it is right."""
    exchange: TurnContext | None = None
    """What the person heard and said before; None where there is no conversation, and the caller
    vouches for the person."""

    @property
    def person_turn(self) -> int:
        """The number of the person's turn that led to the call."""
        return self.turn if self.exchange is None else self.exchange.turn


@dataclass(frozen=True, slots=True)
class PlanStep:
    """Service calls for one device, and the state that it reports afterwards.

    ``expectation`` is None for devices that report no state (button, scene). ``phrase`` completes
    "Shall I … <name>?"; ``…`` in it stands for the name. ``needs_confirmation``: the person was
    asked first.
    """

    target: Target
    commands: tuple[tuple[str, Mapping[str, Any]], ...]
    expectation: Expectation | None
    phrase: str
    needs_confirmation: bool = False

    def question(self) -> str:
        if "…" in self.phrase:
            return self.phrase.replace("…", self.target.name)
        return f"{self.phrase} {self.target.name}"

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(service for service, _ in self.commands)


@dataclass(frozen=True, slots=True)
class OwnStep:
    """The message of one of the person's own functions."""

    function: OwnFunctionRule
    message: Publish

    @property
    def name(self) -> str:
        return self.function.name

    def question(self) -> str:
        return f"run {self.function.name.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """A tool of an MCP server, which the Realtime server calls once it is approved."""

    request_id: str
    server: str
    """The label of the MCP server in the settings."""
    tool: str

    @property
    def name(self) -> str:
        return f"{self.tool.replace('_', ' ')} of {self.server.replace('_', ' ')}"

    def question(self) -> str:
        return f"use {self.name}"


@dataclass(slots=True)
class DeviceOutcome:
    """What became of one device. ``facts`` are its state, as ``state_reports`` has it."""

    device: str
    status: Status
    message: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"device": self.device, "status": self.status.value, **self.facts}
        if self.nearest:
            data["nearest"] = list(self.nearest)
        if self.message:
            data["message"] = self.message
        return data


Plan = PlanStep | OwnStep | DeviceOutcome


def refused(target: Target, why: str) -> DeviceOutcome:
    return DeviceOutcome(target.name, Status.REFUSED, why)


def overall(outcomes: Iterable[DeviceOutcome]) -> Status:
    """One word for several devices; ``partial`` when some came true and others did not."""
    found = {outcome.status for outcome in outcomes}
    if not found:
        return Status.DONE
    if Status.CONFIRMATION_REQUIRED in found:
        return Status.CONFIRMATION_REQUIRED
    if len(found) == 1:
        return found.pop()
    if found == {Status.DONE, Status.SENT}:
        return Status.SENT
    return Status.PARTIAL
