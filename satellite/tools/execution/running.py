"""One call that is being executed: the outcomes so far, and the devices that have yet to report."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.inbound import InboundMessage
from satellite.tools.execution.plan import DeviceOutcome, ModelCall, OwnStep, Plan, PlanStep, Status
from satellite.tools.execution.results import result_of
from satellite.tools.execution.state_watch import StateWatch
from satellite.tools.text.cleaning import clean

ANSWER_CHARS = 2_000
AWAY = "The connection to the home is down; nothing was sent."


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """A command to send. ``place`` is the index of its outcome."""

    place: int
    plan: PlanStep | OwnStep
    code: str | None


@dataclass(slots=True)
class RunningCall:
    """``outcomes`` hold None where a device has yet to report."""

    call: ModelCall
    deadline_s: float
    """When the call ends at the latest."""
    timeout_s: float
    """How long devices may take to report, counted from the last command."""
    extra: Mapping[str, Any]
    outcomes: list[DeviceOutcome | None] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)
    _waiting: dict[Hashable, list[tuple[int, StateWatch]]] = field(default_factory=dict)
    """Key of a device -> its commands that are not confirmed, with the places of their outcomes."""
    _answer_topics: dict[str, int] = field(default_factory=dict)
    """Topic of an own function's answer -> place of its outcome."""

    def take(
        self, plans: Sequence[Plan], codes: Mapping[Hashable, str], connected: bool
    ) -> list[PlannedCommand]:
        """Adds an outcome for each plan, and returns the commands to send now.

        ``connected``: the broker can be reached; else there are no commands.
        """
        commands = []
        for place, plan in enumerate(plans):
            if isinstance(plan, DeviceOutcome):
                self.outcomes.append(plan)
            elif connected:
                self.outcomes.append(None)
                code = codes.get(plan.target.key) if isinstance(plan, PlanStep) else None
                commands.append(PlannedCommand(place, plan, code))
            else:
                self.outcomes.append(DeviceOutcome(plan.name, Status.UNAVAILABLE, AWAY))
        return commands

    @property
    def complete(self) -> bool:
        """Whether nothing more can come."""
        return not (self._waiting or self._answer_topics)

    # Events ------------------------------------------------------------------------------------

    @property
    def awaits_report(self) -> bool:
        """Whether a device has yet to report."""
        return bool(self._waiting)

    def wait_for(self, entity: Entity, place: int, watch: StateWatch) -> None:
        """The command was sent, and its device will report."""
        self._waiting.setdefault(entity.key, []).append((place, watch))

    def await_answer(self, command: PlannedCommand, topic: str, timeout_s: float) -> None:
        """The person's own function will answer on a topic."""
        self._answer_topics[topic] = command.place
        self.timeout_s = max(self.timeout_s, timeout_s)

    def on_report(self, entity: Entity, message: InboundMessage) -> bool:
        """A device sent a message, or the broker a retained one; True when a command is settled."""
        waiting = self._waiting.get(entity.key)
        if not waiting:
            return False
        still = []
        for place, watch in waiting:
            if message.retained:
                watch.on_retained(entity)
                outcome = None
            else:
                outcome = watch.on_report(entity, message)
            self.outcomes[place] = outcome
            if outcome is None:
                still.append((place, watch))
        if still:
            self._waiting[entity.key] = still
        else:
            del self._waiting[entity.key]
        return len(still) < len(waiting)

    def on_answer(self, topic: str, payload: bytes) -> bool:
        """The answer of the person's own function; True when this call waited for it."""
        place = self._answer_topics.pop(topic, None)
        if place is None:
            return False
        text = clean(payload.decode(errors="replace"), ANSWER_CHARS)
        self.outcomes[place] = DeviceOutcome(self.call.name, Status.DONE, facts={"answer": text})
        return True

    def code_taken(self) -> bool | None:
        """Whether the devices accepted the code that was said; None when they were not reached or
        are still moving."""
        outcomes = [outcome for outcome in self.outcomes if outcome is not None]
        if any(outcome.status is Status.DONE for outcome in outcomes):
            return True
        silent = (Status.NOT_CONFIRMED, Status.FAILED)
        if any(one.status in silent and "underway" not in one.facts for one in outcomes):
            return False
        return None

    # The end -----------------------------------------------------------------------------------

    def end(self, now_s: float, lost: str = "") -> dict[str, Any]:
        """The result, by what is known now. ``lost``: why no report can come any more."""
        for place, watch in (one for several in self._waiting.values() for one in several):
            name = watch.step.name
            gone = DeviceOutcome(name, Status.UNAVAILABLE, lost) if lost else None
            self.outcomes[place] = gone or watch.on_timeout(now_s)
        status = Status.UNAVAILABLE if lost else Status.NOT_CONFIRMED
        for place in self._answer_topics.values():
            self.outcomes[place] = DeviceOutcome(self.call.name, status, lost or "No answer came.")
        outcomes = [outcome for outcome in self.outcomes if outcome is not None]
        return result_of(outcomes, self.extra)
