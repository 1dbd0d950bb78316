"""Commands that wait for the person's own yes.

A guarded command is kept here, complete, until the person answers in a later turn. The model
carries the answer, but it cannot answer in the turn in which it asked, nor twice, nor late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from satellite.home.functions import schema
from satellite.home.functions.calls.plan import OwnStep, Step
from satellite.home.functions.consent.pin import same_pin
from satellite.home.functions.function import Function
from satellite.home.functions.policy.rules import Rules

NAME = "confirm"
DESCRIPTION = (
    "Pass on the user's answer to a confirmation_required result. Ask the question aloud, wait "
    "for the user's next turn, then call this once with what they said. Never answer for them."
)
MAX_PENDING = 8
MAX_WRONG_PINS = 3
PIN_PAUSE_S = 300.0


def function(with_pin: bool) -> Function:
    properties = {
        "confirmation_id": schema.text("From the result that asked", max_length=32),
        "answer": schema.choice(("yes", "no"), "What the user answered"),
    }
    if with_pin:
        properties["pin"] = schema.text("The code the user has just said, digits", max_length=32)
    return Function(NAME, DESCRIPTION, schema.table(properties, ("confirmation_id", "answer")))


@dataclass(slots=True)
class Pending:
    """Steps that wait. ``code`` is filled in by the answer when a device asks for one."""

    confirmation_id: str
    name: str
    steps: tuple[Step | OwnStep, ...]
    asked_in_turn: int
    expires_s: float
    needs_pin: bool

    def question(self) -> str:
        return " and ".join(step.question() for step in self.steps)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done; ``still_open`` when the person may answer the same question again."""

    message: str
    still_open: bool = False


@dataclass(slots=True)
class Confirmations:
    """All questions that are open."""

    rules: Rules
    _pending: dict[str, Pending] = field(default_factory=dict)
    _count: int = 0
    _wrong: int = 0
    _blocked_until_s: float = float("-inf")

    def ask(
        self, name: str, steps: tuple[Step | OwnStep, ...], turn: int, now_s: float, *, code: bool
    ) -> Pending:
        """Keep the steps and return the question. The same request again replaces the first."""
        about = _about(steps)
        for known in [k for k, old in self._pending.items() if _about(old.steps) == about]:
            del self._pending[known]
        while len(self._pending) >= MAX_PENDING:
            del self._pending[next(iter(self._pending))]
        self._count += 1
        pending = Pending(
            confirmation_id=f"c{self._count}",
            name=name,
            steps=steps,
            asked_in_turn=turn,
            expires_s=now_s + self.rules.confirm_timeout_s,
            needs_pin=bool(self.rules.pin) or code,
        )
        self._pending[pending.confirmation_id] = pending
        return pending

    def answer(self, arguments: Mapping[str, Any], turn: int, now_s: float) -> Pending | Refusal:
        """The steps that may be taken now, or why not."""
        self.expire(now_s)
        pending = self._pending.get(arguments["confirmation_id"].strip())
        if pending is None:
            return Refusal(
                "There is nothing to confirm: it was answered already, or too late. Ask again."
            )
        if turn <= pending.asked_in_turn:
            return Refusal(
                "The user has not answered yet. Ask them aloud and wait for their next turn.", True
            )
        if arguments["answer"] != "yes":
            del self._pending[pending.confirmation_id]
            return Refusal("Nothing was changed.")
        problem = self._check_pin(pending, arguments.get("pin"), turn, now_s)
        if problem is not None:
            return problem
        del self._pending[pending.confirmation_id]
        return pending

    def _check_pin(
        self, pending: Pending, spoken: str | None, turn: int, now_s: float
    ) -> Refusal | None:
        if not pending.needs_pin:
            return None
        if now_s < self._blocked_until_s:
            return Refusal("Too many wrong codes. Codes are not accepted for some minutes.")
        if not spoken:
            return Refusal("This needs a code. Please say it.", True)
        if not self.rules.pin:
            return None  # the device itself will judge it
        if same_pin(spoken, self.rules.pin):
            self._wrong = 0
            return None
        pending.asked_in_turn = turn  # the next try needs the user to speak again
        if self.wrong_code(now_s):
            return Refusal("The code was wrong three times. Nothing was changed; try again later.")
        return Refusal("The code is wrong. Please say it again.", True)

    def wrong_code(self, now_s: float) -> bool:
        """Count a wrong code; true when it was one too many and no code is taken for a while."""
        self._wrong += 1
        if self._wrong < MAX_WRONG_PINS:
            return False
        self._wrong = 0
        self._blocked_until_s = now_s + PIN_PAUSE_S
        self._pending.clear()
        return True

    def expire(self, now_s: float) -> None:
        for known in [k for k, old in self._pending.items() if now_s > old.expires_s]:
            del self._pending[known]


def _about(steps: tuple[Step | OwnStep, ...]) -> frozenset[object]:
    return frozenset(
        step.target.key if isinstance(step, Step) else step.function.name for step in steps
    )
