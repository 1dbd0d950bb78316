"""Decides which commands need the person's confirmation, and which codes they need."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Any

from satellite.core.mcp_approval import APPROVALS
from satellite.homeassistant.values import Key
from satellite.tools.confirmation.attempts import Attempts, Lockout
from satellite.tools.confirmation.confirm import Confirmations, HeldStep, Pending
from satellite.tools.execution.plan import (
    ApprovalStep,
    DeviceOutcome,
    ModelCall,
    OwnStep,
    Plan,
    PlanStep,
    Status,
    refused,
)
from satellite.tools.names.targets import Target
from satellite.tools.policy.patterns import glob
from satellite.tools.policy.risk import needs_confirmation
from satellite.tools.policy.rules import Rules
from satellite.tools.text.cleaning import fold

HOW_TO_CONFIRM = (
    "Ask the user this question aloud, with the name of the device, and say nothing else. Only "
    "after they answered in their next turn, call confirm with this confirmation_id and their "
    "answer."
)


class ConfirmationRequirement:
    """Decides by the settings which commands need confirmation, and keeps those, complete."""

    def __init__(self, rules: Rules, attempts: Attempts) -> None:
        self._rules = rules
        self.lockout = Lockout(attempts)
        self._confirmations = Confirmations(rules, self.lockout)

    def applies_to(self, plan: PlanStep | OwnStep, sharing: Collection[Key]) -> bool:
        """Whether it never runs on the model's word alone.

        ``sharing``: devices that publish where a risky one listens.
        """
        if isinstance(plan, OwnStep):
            return plan.function.confirm
        target = plan.target
        if target.entity.key in sharing:
            return True
        return needs_confirmation(target.facts, target.every_name, plan.services, self._rules)

    def ask(
        self, call: ModelCall, held: Sequence[HeldStep]
    ) -> tuple[list[DeviceOutcome], dict[str, Any]]:
        """Keeps the commands; their outcomes, and what the model is to ask the person."""
        code = any(isinstance(plan, PlanStep) and self._needs_spoken_code(plan) for plan in held)
        pending = self._confirmations.ask(call, tuple(held), code=code)
        question = f"Shall I {pending.question()}?"
        if pending.needs_pin:
            question += " Please say the code."
        outcomes = [DeviceOutcome(plan.name, Status.CONFIRMATION_REQUIRED) for plan in held]
        extra = {
            "confirmation_id": pending.confirmation_id,
            "question": question,
            "message": question,
            "next": HOW_TO_CONFIRM,
        }
        return outcomes, extra

    def answer(self, call: ModelCall) -> Pending | dict[str, Any]:
        """The question whose commands may be sent now, or the result that says why not.

        The result of a question that is still open has its id, as when it was asked.
        """
        answered = self._confirmations.answer(call)
        if isinstance(answered, Pending):
            return answered
        again = {"confirmation_id": call.arguments["confirmation_id"], "next": HOW_TO_CONFIRM}
        result = {"status": Status.REFUSED.value, "devices": [], "message": answered.message}
        return {**result, **(again if answered.still_open else {}), **approvals(answered.closed)}

    def code_judged(self, taken: bool, now_s: float) -> None:
        """A device has accepted the code that was said, or refused it."""
        if taken:
            self.lockout.right()
        else:
            self._confirmations.wrong_code(now_s)

    # Codes -----------------------------------------------------------------------------------

    def with_code_or_refused(self, plan: PlanStep | OwnStep) -> Plan:
        """Refuses a command whose code nobody can say, because no question is asked."""
        if isinstance(plan, PlanStep) and self._needs_spoken_code(plan):
            return refused(plan.target, "It asks for a code, and the settings hold none for it.")
        return plan

    def codes(self, plans: Iterable[Plan], spoken: str | None = None) -> dict[Hashable, str]:
        """Key of a device -> its code: from the settings, else the one that was said."""
        if self._rules.pin:
            spoken = None  # what was said is the person's PIN and no code of a device
        found = {}
        for plan in plans:
            if isinstance(plan, PlanStep) and plan.target.entity.needs_code(plan.services):
                code = configured_code(plan.target, self._rules) or spoken
                if code:
                    found[plan.target.key] = code
        return found

    def tried(self, plans: Iterable[Plan], spoken: str | None) -> list[Target]:
        """The devices to which the code that was said is sent."""
        if self._rules.pin or not spoken:
            return []
        return [
            plan.target
            for plan in plans
            if isinstance(plan, PlanStep) and self._needs_spoken_code(plan)
        ]

    def _needs_spoken_code(self, step: PlanStep) -> bool:
        return (
            step.target.entity.needs_code(step.services)
            and configured_code(step.target, self._rules) is None
        )


def approvals(steps: Iterable[HeldStep], *, approve: bool = False) -> dict[str, Any]:
    """What the Realtime server is to be told of tools of MCP servers, as a part of the result:
    empty where the question was about none."""
    told = [
        {"id": step.request_id, "approve": approve}
        for step in steps
        if isinstance(step, ApprovalStep)
    ]
    return {APPROVALS: told} if told else {}


def configured_code(target: Target, rules: Rules) -> str | None:
    """The code of a device in the settings, by its name or unique id."""
    for pattern, code in rules.codes.items():
        for name in (*target.names, target.entity.unique_id or ""):
            if name and (fold(pattern) == fold(name) or glob(pattern)(name)):
                return code
    return None
