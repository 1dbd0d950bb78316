"""One call on its way: who has not answered yet, and what came of the rest."""

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
    """A command to give. ``place`` is that of its outcome."""

    place: int
    plan: PlanStep | OwnStep
    code: str | None


@dataclass(slots=True)
class RunningCall:
    """One call. ``outcomes`` hold None where something is still to come."""

    call: ModelCall
    deadline_s: float
    """When it ends, at the latest."""
    patience_s: float
    """So long devices may take to answer, counted from the last command."""
    extra: Mapping[str, Any]
    outcomes: list[DeviceOutcome | None] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)
    _waiting: dict[Hashable, list[tuple[int, StateWatch]]] = field(default_factory=dict)
    """Device -> what was asked of it and not seen yet, with the place of its outcome."""
    _answers: dict[str, int] = field(default_factory=dict)
    """Topic of an own function's answer -> place of its outcome."""

    def take(
        self, plans: Sequence[Plan], codes: Mapping[Hashable, str], there: bool
    ) -> list[PlannedCommand]:
        """All that is to be done -> the commands of it, to be given now. ``there``: the broker can
        be reached; else there are none."""
        orders = []
        for place, plan in enumerate(plans):
            if isinstance(plan, DeviceOutcome):
                self.outcomes.append(plan)
            elif there:
                self.outcomes.append(None)
                code = codes.get(plan.target.key) if isinstance(plan, PlanStep) else None
                orders.append(PlannedCommand(place, plan, code))
            else:
                self.outcomes.append(DeviceOutcome(plan.name, Status.UNAVAILABLE, AWAY))
        return orders

    @property
    def complete(self) -> bool:
        """Whether there is nothing more to come."""
        return not (self._waiting or self._answers)

    # What happens ------------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether a device is to say something."""
        return bool(self._waiting)

    def wait_for(self, entity: Entity, place: int, watch: StateWatch) -> None:
        """A command is out, and its device will say what came of it."""
        self._waiting.setdefault(entity.key, []).append((place, watch))

    def await_answer(self, order: PlannedCommand, topic: str, patience_s: float) -> None:
        """An own function answers on a topic."""
        self._answers[topic] = order.place
        self.patience_s = max(self.patience_s, patience_s)

    def heard(self, entity: Entity, message: InboundMessage) -> bool:
        """A device said something, or the broker remembers it; whether that settled anything."""
        waiting = self._waiting.get(entity.key)
        if not waiting:
            return False
        still = []
        for place, watch in waiting:
            if message.retained:
                watch.remembered(entity)
                outcome = None
            else:
                outcome = watch.heard(entity, message)
            self.outcomes[place] = outcome
            if outcome is None:
                still.append((place, watch))
        if still:
            self._waiting[entity.key] = still
        else:
            del self._waiting[entity.key]
        return len(still) < len(waiting)

    def answered(self, topic: str, payload: bytes) -> bool:
        """An own function answered; whether this call waited for it."""
        place = self._answers.pop(topic, None)
        if place is None:
            return False
        text = clean(payload.decode(errors="replace"), ANSWER_CHARS)
        self.outcomes[place] = DeviceOutcome(self.call.name, Status.DONE, facts={"answer": text})
        return True

    def code_taken(self) -> bool | None:
        """Whether the devices took the code that was said; None when they were not reached, or are
        still about it."""
        outcomes = [outcome for outcome in self.outcomes if outcome is not None]
        if any(outcome.status is Status.DONE for outcome in outcomes):
            return True
        silent = (Status.NOT_CONFIRMED, Status.FAILED)
        if any(one.status in silent and "underway" not in one.facts for one in outcomes):
            return False
        return None

    # The end -----------------------------------------------------------------------------------

    def end(self, now_s: float, lost: str = "") -> dict[str, Any]:
        """The result, with what is known now. ``lost``: why no answer can come any more."""
        for place, watch in (one for several in self._waiting.values() for one in several):
            name = watch.step.name
            gone = DeviceOutcome(name, Status.UNAVAILABLE, lost) if lost else None
            self.outcomes[place] = gone or watch.at_last(now_s)
        status = Status.UNAVAILABLE if lost else Status.NOT_CONFIRMED
        for place in self._answers.values():
            self.outcomes[place] = DeviceOutcome(self.call.name, status, lost or "No answer came.")
        outcomes = [outcome for outcome in self.outcomes if outcome is not None]
        return result_of(outcomes, self.extra)
