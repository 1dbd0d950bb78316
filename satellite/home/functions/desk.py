"""Where calls arrive: read, checked, resolved, held against the policy, and sent on their way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from satellite.home.effects import HomeEffect
from satellite.home.entities.entity import Entity
from satellite.home.functions import own, schema
from satellite.home.functions.calls.plan import Outcome, OwnStep, Plan, Status, Step, refused
from satellite.home.functions.calls.running import AWAY, Calls
from satellite.home.functions.capabilities.capability import Arguments, Capability
from satellite.home.functions.catalog import BY_NAME, Catalog
from satellite.home.functions.consent import codes, confirm
from satellite.home.functions.consent.guard import guard
from satellite.home.functions.consent.masking import Mask
from satellite.home.functions.naming.choosing import Choosing
from satellite.home.functions.naming.directory import Directory, Unknown
from satellite.home.functions.naming.labels import EVERYWHERE
from satellite.home.functions.naming.targets import Target, in_area
from satellite.home.functions.naming.text import clean, spoken_list
from satellite.home.functions.policy.rules import Rules
from satellite.home.functions.reading import find, state

MAX_REMEMBERED_CALLS = 2_048
NOT_SWEPT = "It needs a request of its own, by name."
HOW_TO_CONFIRM = (
    "Ask the user this question aloud. Only after they answered in their next turn, call confirm "
    "with this confirmation_id and their answer."
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model, as it came."""

    call_id: str
    name: str
    turn: int
    now_s: float
    arguments: Arguments = field(default_factory=dict)


class Desk:
    """Takes calls for the home that ``catalog`` describes; replace ``catalog`` as it changes."""

    def __init__(self, rules: Rules, catalog: Catalog) -> None:
        self.rules = rules
        self.catalog = catalog
        self.connected = False
        self._mask = Mask((rules.pin, *rules.codes.values()))
        self.calls = Calls(rules, self._mask)
        self._confirmations = confirm.Confirmations(rules)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._own = {function.name: function for function in rules.own_functions}

    @property
    def directory(self) -> Directory:
        return self.catalog.directory

    def call(
        self, call_id: str, name: str, arguments: str, turn: int, now_s: float
    ) -> list[HomeEffect]:
        """Run a call; the same ``call_id`` again does nothing. Never raises."""
        if call_id in self._seen:
            return []
        self._seen[call_id] = None
        if len(self._seen) > MAX_REMEMBERED_CALLS:
            self._seen.popitem(last=False)
        call = Call(call_id, name, turn, now_s)
        expected = self.catalog.arguments_schema(name)
        if expected is None:
            known = spoken_list((function.name for function in self.catalog.functions), 20)
            return self._invalid(call, f"There is no function {clean(name)!r}; there are {known}.")
        parsed = schema.parse_arguments(arguments)
        if isinstance(parsed, str):
            return self._invalid(call, parsed)
        call = Call(call_id, name, turn, now_s, parsed)
        problem = schema.check(parsed, expected)
        if problem:
            return self._invalid(call, problem)
        return self._run(call)

    def _run(self, call: Call) -> list[HomeEffect]:
        if call.name in BY_NAME:
            return self._command(call, BY_NAME[call.name])
        if call.name == state.NAME:
            return self._question(call)
        if call.name == find.NAME:
            return self._find(call)
        if call.name == confirm.NAME:
            return self._confirm(call)
        return self._act(call, [own.plan(self._own[call.name], call.arguments)])

    def _invalid(self, call: Call, problem: str) -> list[HomeEffect]:
        result = {"status": Status.INVALID_ARGUMENTS.value, "message": self._mask.text(problem)}
        return [self.calls.done(call.call_id, call.name, call.arguments, result)]

    def _answer(self, call: Call, result: Mapping[str, Any]) -> list[HomeEffect]:
        return [self.calls.done(call.call_id, call.name, call.arguments, result)]

    # Commands --------------------------------------------------------------------------------

    def _command(self, call: Call, capability: Capability) -> list[HomeEffect]:
        arguments = call.arguments
        if not arguments.get("devices") and not arguments.get("area"):
            return self._invalid(call, "Say which: give devices or area.")
        problem = capability.check(arguments)
        if problem:
            return self._invalid(call, problem)
        candidates = self.catalog.targets[capability.name]
        choosing = self._choosing(call)
        if arguments.get("devices"):
            chosen, unknown = choosing.named(candidates)
            plans: list[Plan] = [capability.plan(target, arguments) for target in chosen]
            return self._act(call, [*plans, *unknown])
        area = choosing.area()
        if isinstance(area, Unknown):
            return self._answer(call, choosing.no_such_area(area))
        plans = [
            self._sweep(capability, target, arguments)
            for target in candidates
            if in_area(target, area or EVERYWHERE)
            and _is_of(target, arguments.get("kind"))
            and capability.swept(target, arguments)
        ]
        if not plans:
            return self._answer(call, choosing.nothing_there(area))
        return self._act(call, plans)

    def _choosing(self, call: Call) -> Choosing:
        return Choosing(self.directory, self._mask, call.name, call.arguments)

    def _sweep(self, capability: Capability, target: Target, arguments: Arguments) -> Plan:
        """One device of an area; what is guarded stays where it is."""
        plan = capability.plan(target, arguments)
        if isinstance(plan, Step) and guard(target, plan.services, self.rules):
            return refused(target, NOT_SWEPT)
        return plan

    # Policy ----------------------------------------------------------------------------------

    def _act(self, call: Call, plans: Sequence[Plan]) -> list[HomeEffect]:
        """Take the steps that are free, and ask about those that are guarded."""
        free: list[Plan] = []
        held: list[Step | OwnStep] = []
        for plan in plans:
            if isinstance(plan, Outcome):
                free.append(plan)
            elif not self._reachable(plan):
                free.append(Outcome(plan_name(plan), Status.UNAVAILABLE, self._why_not()))
            elif self._is_held(plan):
                held.append(plan)
            else:
                free.append(self._with_code_or_refused(plan))
        extra: dict[str, Any] = {}
        if held:
            asked, extra = self._ask(call, held)
            free += asked
        steps = [plan for plan in free if isinstance(plan, Step)]
        return self.calls.start(
            call.call_id,
            call.name,
            call.arguments,
            free,
            call.now_s,
            extra=extra,
            codes=self._codes(steps),
        )

    def _reachable(self, plan: Step | OwnStep) -> bool:
        return self.connected and (isinstance(plan, OwnStep) or plan.target.entity.available)

    def _why_not(self) -> str:
        return "" if self.connected else AWAY

    def _is_held(self, plan: Step | OwnStep) -> bool:
        if isinstance(plan, OwnStep):
            return plan.function.confirm
        return guard(plan.target, plan.services, self.rules)

    def _ask(
        self, call: Call, held: Sequence[Step | OwnStep]
    ) -> tuple[list[Outcome], dict[str, Any]]:
        code = any(isinstance(plan, Step) and self._needs_spoken_code(plan) for plan in held)
        pending = self._confirmations.ask(call.name, tuple(held), call.turn, call.now_s, code=code)
        question = f"Shall I {pending.question()}?"
        if pending.needs_pin:
            question += " Please say the code."
        outcomes = [Outcome(plan_name(plan), Status.CONFIRMATION_REQUIRED) for plan in held]
        extra = {
            "confirmation_id": pending.confirmation_id,
            "question": question,
            "message": question,
            "next": HOW_TO_CONFIRM,
        }
        return outcomes, extra

    def _confirm(self, call: Call) -> list[HomeEffect]:
        answered = self._confirmations.answer(call.arguments, call.turn, call.now_s)
        if isinstance(answered, str):
            return self._answer(
                call, {"status": Status.REFUSED.value, "devices": [], "message": answered}
            )
        plans = [self._still_allowed(step) for step in answered.steps]
        steps = [plan for plan in plans if isinstance(plan, Step)]
        spoken = None if self.rules.pin else call.arguments.get("pin")
        wrong = self.calls.wrong_codes
        effects = self.calls.start(
            call.call_id,
            call.name,
            call.arguments,
            plans,
            call.now_s,
            codes=self._codes(steps, spoken),
        )
        if self.calls.wrong_codes > wrong:
            self._confirmations.wrong_code(call.now_s)
        return effects

    def _still_allowed(self, step: Step | OwnStep) -> Plan:
        """The home may have changed while the question was open."""
        if not self._reachable(step):
            return Outcome(plan_name(step), Status.UNAVAILABLE, self._why_not())
        if isinstance(step, OwnStep):
            return step
        now = self.directory.by_key.get(step.target.key)
        before = step.target.entity.spec
        if now is None or now.read_only or now.entity.spec.config != before.config:
            return refused(step.target, "It has changed since the question; ask again.")
        return replace(step, target=now)

    # Codes -----------------------------------------------------------------------------------

    def _needs_spoken_code(self, step: Step) -> bool:
        return (
            codes.wanted(step.target, step.services)
            and codes.configured(step.target, self.rules) is None
        )

    def _with_code_or_refused(self, plan: Step | OwnStep) -> Plan:
        if isinstance(plan, Step) and self._needs_spoken_code(plan):
            return refused(plan.target, "It asks for a code, and the settings hold none for it.")
        return plan

    def _codes(self, steps: Sequence[Step], spoken: str | None = None) -> dict[Hashable, str]:
        found = {}
        for step in steps:
            if codes.wanted(step.target, step.services):
                code = codes.configured(step.target, self.rules) or spoken
                if code:
                    found[step.target.key] = code
        return found

    # Questions -------------------------------------------------------------------------------

    def _question(self, call: Call) -> list[HomeEffect]:
        arguments, choosing = call.arguments, self._choosing(call)
        candidates = self.catalog.targets[state.NAME]
        if arguments.get("devices"):
            chosen, unknown = choosing.named(candidates)
            return self._answer(call, state.answer(chosen, unknown, arguments, call.now_s))
        area = choosing.area()
        if isinstance(area, Unknown):
            return self._answer(call, choosing.no_such_area(area))
        if area is None and not arguments.get("kind"):
            return self._invalid(call, "Say which: give devices, area or kind.")
        chosen = state.chosen(candidates, area, arguments.get("kind"))
        if not chosen:
            return self._answer(call, choosing.nothing_there(area))
        return self._answer(call, state.answer(chosen, [], arguments, call.now_s))

    def _find(self, call: Call) -> list[HomeEffect]:
        choosing = self._choosing(call)
        area = choosing.area()
        if isinstance(area, Unknown):
            return self._answer(call, choosing.no_such_area(area))
        return self._answer(call, find.answer(self.directory.targets, call.arguments, area))

    # What happens meanwhile --------------------------------------------------------------------

    def heard(self, entity: Entity, now_s: float) -> list[HomeEffect]:
        return self.calls.heard(entity, now_s)

    def broker(self, connected: bool, now_s: float) -> list[HomeEffect]:
        self.connected = connected
        return [] if connected else self.calls.broker_lost(now_s)


def plan_name(plan: Step | OwnStep) -> str:
    return plan.target.name if isinstance(plan, Step) else plan.function.name


def _is_of(target: Target, kind: str | None) -> bool:
    return kind is None or target.entity.platform == kind
