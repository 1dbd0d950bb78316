"""Handles the model's calls: checks arguments, finds devices, applies the policy, executes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from satellite.core.mcp_approval import MCP_APPROVAL
from satellite.tools import own_functions, schema
from satellite.tools.cameras import LOOK, Cameras
from satellite.tools.capabilities import find_devices, get_state
from satellite.tools.capabilities.all import BY_NAME
from satellite.tools.capabilities.capability import Capability
from satellite.tools.catalog import Catalog
from satellite.tools.coercion import coerced
from satellite.tools.confirmation import confirm
from satellite.tools.confirmation.attempts import Attempts
from satellite.tools.confirmation.requirement import ConfirmationRequirement, approvals
from satellite.tools.effects import CallEffect
from satellite.tools.execution.calls import CallExecution
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
from satellite.tools.execution.running import AWAY
from satellite.tools.names.areas import EVERYWHERE
from satellite.tools.names.name_index import NameIndex, UnknownArea
from satellite.tools.names.targets import Target, in_area
from satellite.tools.policy.rules import Rules
from satellite.tools.resolver import Resolver
from satellite.tools.text.cleaning import clean, safe, spoken_list
from satellite.tools.text.masking import Mask
from satellite.tools.tool import Arguments

MAX_REMEMBERED_CALLS = 2_048
ALLOWED = "It is allowed and on its way. The result comes by itself."
NOT_BY_AREA = "It needs a request of its own, by name."
UNSPEAKABLE = "The name of this tool cannot be said, so nobody can be asked about it."


class ToolCallHandler:
    """Handles calls for the home that ``catalog`` describes; replace ``catalog`` as it changes."""

    def __init__(self, rules: Rules, catalog: Catalog, attempts: Attempts) -> None:
        self.rules = rules
        self.catalog = catalog
        self._mask = Mask((rules.pin, *rules.codes.values()))
        self._confirmation = ConfirmationRequirement(rules, attempts)
        self.calls = CallExecution(rules, self._mask, self._confirmation.code_judged)
        self.lockout = self._confirmation.lockout
        self.cameras = Cameras(rules.cameras)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._own = {function.name: function for function in rules.own_functions}

    @property
    def name_index(self) -> NameIndex:
        return self.catalog.name_index

    def call(self, call: ModelCall, arguments: str) -> list[CallEffect]:
        """Runs a call. ``arguments`` is a JSON text; a known ``call_id`` does nothing.

        Never raises.
        """
        if call.call_id in self._seen:
            return []
        self._seen[call.call_id] = None
        if len(self._seen) > MAX_REMEMBERED_CALLS:
            self._seen.popitem(last=False)
        if call.name.startswith(MCP_APPROVAL):
            return self._approve(call)
        expected = self.catalog.arguments_schema(call.name)
        if expected is None:
            name = clean(call.name)
            known = spoken_list((function.name for function in self.catalog.functions), 20)
            return self._invalid(call, f"There is no function {name!r}; there are {known}.")
        parsed = schema.parse_arguments(arguments)
        if isinstance(parsed, str):
            return self._invalid(call, parsed)
        parsed = coerced(parsed, expected)
        call = replace(call, arguments=parsed)
        mine = self._own.get(call.name)
        problem = (
            schema.check(parsed, expected)
            if mine is None
            else own_functions.problem_with(mine, parsed)
        )
        if problem:
            return self._invalid(call, problem)
        return self._run(call)

    def _approve(self, call: ModelCall) -> list[CallEffect]:
        """The Realtime server asks whether it may call a tool of an MCP server: the person
        decides."""
        server, _, tool = call.name.removeprefix(MCP_APPROVAL).partition("/")
        server, tool = safe(server.replace("_", " ")), safe(tool.replace("_", " "))
        if not server or not tool:
            return self._answer(call, {"status": Status.REFUSED.value, "message": UNSPEAKABLE})
        step = ApprovalStep(call.call_id, server, tool)
        outcomes, extra = self._confirmation.ask(call, [step])
        return self.calls.start(call, outcomes, extra=extra, codes={})

    def _run(self, call: ModelCall) -> list[CallEffect]:
        if call.name in BY_NAME:
            return self._command(call, BY_NAME[call.name])
        if call.name == get_state.NAME:
            return self._question(call)
        if call.name == find_devices.NAME:
            return self._find(call)
        if call.name == confirm.NAME:
            return self._confirm(call)
        if call.name == LOOK and self.rules.cameras:
            result, picture = self.cameras.look(call.arguments["camera"], call.now_s)
            return [replace(self.calls.done(call, result), picture=picture)]
        return self._act(call, [own_functions.plan(self._own[call.name], call.arguments)])

    def _invalid(self, call: ModelCall, problem: str) -> list[CallEffect]:
        result = {"status": Status.INVALID_ARGUMENTS.value, "message": self._mask.text(problem)}
        return self._answer(call, result)

    def _answer(self, call: ModelCall, result: Mapping[str, Any]) -> list[CallEffect]:
        return [self.calls.done(call, result)]

    # Commands --------------------------------------------------------------------------------

    def _command(self, call: ModelCall, capability: Capability) -> list[CallEffect]:
        arguments = call.arguments
        if not arguments.get("devices") and not arguments.get("area"):
            return self._invalid(call, "Say which: give devices or area.")
        problem = capability.check(arguments)
        if problem:
            return self._invalid(call, problem)
        candidates = self.catalog.targets[capability.name]
        resolver = self._resolver(call)
        if arguments.get("devices"):
            chosen, unknown = resolver.named(candidates)
            return self._act(call, [*_plans(capability, chosen, arguments), *unknown])
        area = resolver.area()
        if isinstance(area, UnknownArea):
            return self._answer(call, resolver.no_such_area(area))
        chosen = [
            target
            for target in candidates
            if in_area(target, area or EVERYWHERE)
            and _is_of(target, arguments.get("kind"))
            and capability.applies_by_area(target, arguments)
        ]
        if not chosen:
            return self._answer(call, resolver.nothing_there(area))
        plans = _plans(capability, _without_groups(chosen), arguments)
        return self._act(call, plans, by_area=True)

    def _resolver(self, call: ModelCall) -> Resolver:
        return Resolver(self.name_index, self._mask, call.name, call.arguments)

    # Policy ----------------------------------------------------------------------------------

    def _act(
        self, call: ModelCall, plans: Sequence[Plan], by_area: bool = False
    ) -> list[CallEffect]:
        """Takes the steps that need no confirmation, and asks about the others.

        ``by_area``: the call was for an area; steps that need confirmation are then refused.
        """
        free: list[Plan] = []
        held: list[PlanStep | OwnStep] = []
        for plan in plans:
            if isinstance(plan, DeviceOutcome):
                free.append(plan)
                continue
            asks = self._confirmation.applies_to(plan, self.catalog.sharing_topics)
            if by_area and asks and isinstance(plan, PlanStep):
                free.append(refused(plan.target, NOT_BY_AREA))
            elif (why := self._why_not(plan)) is not None:
                free.append(DeviceOutcome(plan.name, Status.UNAVAILABLE, why))
            elif asks:
                held.append(
                    replace(plan, needs_confirmation=True) if isinstance(plan, PlanStep) else plan
                )
            else:
                free.append(self._confirmation.with_code_or_refused(plan))
        extra: dict[str, Any] = {}
        if held:
            asked, extra = self._confirmation.ask(call, held)
            free += asked
        return self.calls.start(call, free, extra=extra, codes=self._confirmation.codes(free))

    def _why_not(self, plan: PlanStep | OwnStep) -> str | None:
        """Why a command cannot reach its device; None when it can."""
        if not self.calls.connected:
            return AWAY
        return None if isinstance(plan, OwnStep) or plan.target.entity.available else ""

    def _confirm(self, call: ModelCall) -> list[CallEffect]:
        answered = self._confirmation.answer(call)
        if not isinstance(answered, confirm.Pending):
            return self._answer(call, answered)
        if approved := approvals(answered.steps, approve=True):
            return self._answer(call, {"status": Status.DONE.value, "message": ALLOWED, **approved})
        plans = [
            self._still_allowed(step)
            for step in answered.steps
            if not isinstance(step, ApprovalStep)
        ]
        commander = self.calls.commander
        wrong = commander.wrong_codes
        spoken = call.arguments.get("pin")
        tried = self._confirmation.tried(plans, spoken)
        by_device = any(target.entity.judges_code for target in tried)
        effects = self.calls.start(
            replace(call, code_tried=by_device),
            plans,
            codes=self._confirmation.codes(plans, spoken),
        )
        if tried and (commander.wrong_codes > wrong or not by_device):
            self._confirmation.code_judged(commander.wrong_codes == wrong, call.now_s)
        return effects

    def _still_allowed(self, step: PlanStep | OwnStep) -> Plan:
        """The step for the device as it is now: it may have changed since the question."""
        if (why := self._why_not(step)) is not None:
            return DeviceOutcome(step.name, Status.UNAVAILABLE, why)
        if isinstance(step, OwnStep):
            return step
        now = self.name_index.by_key.get(step.target.key)
        before = step.target.entity.spec
        if now is None or now.read_only or now.entity.spec.config != before.config:
            return refused(step.target, "It has changed since the question; ask again.")
        return replace(step, target=now)

    # Questions -------------------------------------------------------------------------------

    def _question(self, call: ModelCall) -> list[CallEffect]:
        arguments, resolver = call.arguments, self._resolver(call)
        candidates = self.catalog.targets[get_state.NAME]
        area = resolver.area()
        unknown: list[DeviceOutcome] = []
        if arguments.get("devices"):
            chosen, unknown = resolver.named(candidates)
        elif isinstance(area, UnknownArea):
            return self._answer(call, resolver.no_such_area(area))
        elif area is None and not arguments.get("kind"):
            return self._invalid(call, "Say which: give devices, area or kind.")
        else:
            chosen = get_state.chosen(candidates, area, arguments.get("kind"))
            if not chosen:
                return self._answer(call, resolver.nothing_there(area))
        return self._answer(call, get_state.answer(chosen, unknown, arguments, call.now_s))

    def _find(self, call: ModelCall) -> list[CallEffect]:
        resolver = self._resolver(call)
        area = resolver.area()
        if isinstance(area, UnknownArea):
            return self._answer(call, resolver.no_such_area(area))
        return self._answer(call, find_devices.answer(self.name_index, call.arguments, area))


def _plans(capability: Capability, targets: Sequence[Target], arguments: Arguments) -> list[Plan]:
    return [capability.plan(target, arguments) for target in targets]


def _without_groups(targets: Sequence[Target]) -> list[Target]:
    """The targets without groups of which all members are there: they would be switched twice."""
    alone = {one.entity.unique_id for one in targets if not one.entity.config.get("group")}
    return [
        target
        for target in targets
        if not (members := target.entity.config.get("group")) or not alone.issuperset(members)
    ]


def _is_of(target: Target, kind: str | None) -> bool:
    return kind is None or target.entity.platform == kind
