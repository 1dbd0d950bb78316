"""Turns a planned command into messages, or into an outcome that is known at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from satellite.homeassistant.effects import Publish
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.services.service import CallError
from satellite.tools.execution.plan import DeviceOutcome, OwnStep, PlanStep, Status, refused
from satellite.tools.execution.running import PlannedCommand, RunningCall
from satellite.tools.execution.state_watch import StateWatch
from satellite.tools.policy.rate import CommandRateLimit
from satellite.tools.state_reports.report import report
from satellite.tools.text.cleaning import clean
from satellite.tools.text.masking import Mask
from satellite.tools.text.prompt_injection import reads_like_an_instruction

OWN_ANSWER_S = 5.0
MAX_REASON = 200


class Commander:
    """Makes the messages of commands, within the rate limit of each device."""

    def __init__(self, mask: Mask, per_minute: int) -> None:
        self._mask = mask
        self.rate = CommandRateLimit(per_minute)
        self.wrong_codes = 0
        """How many codes were refused before anything was sent."""

    def send(
        self, running: RunningCall, command: PlannedCommand, now_s: float
    ) -> Sequence[Publish]:
        """The messages to publish; where there are none, the outcome of the command says why."""
        if isinstance(command.plan, OwnStep):
            return self._send_own(running, command, command.plan, now_s)
        made = self._messages(command.plan, command.code, now_s)
        if isinstance(made, DeviceOutcome):
            running.outcomes[command.place] = made
            return ()
        messages, watch = made
        if not command.plan.target.entity.traits.may_retain:
            messages = [replace(message, retain=False) for message in messages]
        for message in messages:
            line = self._mask.payload(message.payload, command.code)
            running.published.append((message.topic, line))
        entity = command.plan.target.entity
        if watch is not None and _will_report(entity, messages) and watch.on_sent(entity):
            running.wait_for(entity, command.place, watch)
        else:
            facts = {} if watch is None else {**report(entity), "assumed": True}
            running.outcomes[command.place] = DeviceOutcome(
                command.plan.name, Status.SENT, facts=facts
            )
        return messages

    def _messages(
        self, step: PlanStep, code: str | None, now_s: float
    ) -> tuple[list[Publish], StateWatch | None] | DeviceOutcome:
        entity, target = step.target.entity, step.target
        if entity.gone:
            return refused(target, "It has just changed. Ask again.")
        if not entity.available:
            return DeviceOutcome(step.name, Status.UNAVAILABLE)
        if not self.rate.allows(entity.key, now_s):
            return refused(target, "Too many commands in a minute.")
        watch = (
            None if step.expectation is None else StateWatch(step, step.expectation(entity), entity)
        )
        try:
            messages = [
                message
                for service, data in step.commands
                for message in entity.call(service, {**data, **_code(code)})
            ]
        except CallError as error:
            return refused(target, _harmless(error.message.replace(entity.name, step.name)))
        if not messages and code is not None:
            self.wrong_codes += 1
            return refused(target, "The code was not accepted.")
        if not messages:
            return refused(target, "The device takes no such command now.")
        return messages, watch

    def _send_own(
        self, running: RunningCall, command: PlannedCommand, step: OwnStep, now_s: float
    ) -> Sequence[Publish]:
        function, message = step.function, step.message
        if not self.rate.allows(("own", function.name), now_s):
            why = "Too many calls in a minute."
            running.outcomes[command.place] = DeviceOutcome(step.name, Status.REFUSED, why)
            return ()
        line = self._mask.text(message.payload.decode(errors="replace"))[:1_000]
        running.published.append((message.topic, line))
        if function.answer_topic:
            running.await_answer(command, function.answer_topic, OWN_ANSWER_S)
        else:
            running.outcomes[command.place] = DeviceOutcome(step.name, Status.SENT)
        return (message,)


def _harmless(why: str) -> str:
    """The reason of a refusal, unless a text of the publisher in it reads like an instruction."""
    line = clean(why, MAX_REASON)
    return "It does not take that." if reads_like_an_instruction(line) else line


def _code(code: str | None) -> dict[str, str]:
    return {} if code is None else {"code": code}


def _will_report(entity: Entity, messages: Sequence[Publish]) -> bool:
    """Whether the device reports its state after a command.

    A device whose state topic is its command topic would take the command for its report.
    """
    return not entity.assumed_state and not any(entity.is_subscribed(one.topic) for one in messages)
