"""Calls on their way: published once, then held against what the devices themselves say.

Every call that is started ends exactly once, with one ``CallDone``: when all of its devices have
answered, when their time is over, or when the broker is lost. Nothing is ever published again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satellite.home.effects import CallDone, HomeEffect, Publish
from satellite.home.entities.entity import Entity
from satellite.home.functions.calls.plan import (
    Outcome,
    OwnStep,
    Plan,
    Status,
    Step,
    overall,
    refused,
)
from satellite.home.functions.calls.sentences import tell
from satellite.home.functions.consent.masking import Mask
from satellite.home.functions.naming.text import clean
from satellite.home.functions.policy.rules import RateLimit, Rules
from satellite.home.functions.reading.report import report
from satellite.home.services.service import CallError

AT_ONCE = 50
"""So many devices are commanded in one go; the others follow before anything is waited for."""
OWN_ANSWER_S = 5.0
ANSWER_CHARS = 2_000
LOST = "The connection to the home was lost before the answer came."
AWAY = "The connection to the home is down; nothing was sent."


@dataclass(slots=True)
class Waiting:
    """A device that was commanded and has not shown the new state yet."""

    step: Step
    place: int


@dataclass(slots=True)
class Running:
    """One call. ``outcomes`` hold None where an answer is still awaited.

    ``left`` are the commands that are still to be given, with their places and codes.
    """

    call_id: str
    name: str
    arguments: Mapping[str, Any]
    started_s: float
    deadline_s: float
    patience_s: float
    left: deque[tuple[int, Step | OwnStep, str | None]] = field(default_factory=deque)
    outcomes: list[Outcome | None] = field(default_factory=list)
    waiting: dict[Hashable, list[Waiting]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    """Topic of an own function's answer -> place in ``outcomes``."""
    extra: dict[str, Any] = field(default_factory=dict)
    published: list[tuple[str, str]] = field(default_factory=list)


class Calls:
    """Runs plans. Knows no names and no policy beyond the rate limit."""

    def __init__(self, rules: Rules, mask: Mask) -> None:
        self._rules = rules
        self._mask = mask
        self._running: dict[str, Running] = {}
        self.rate = RateLimit(rules.rate_limit_per_minute)
        self.wrong_codes = 0
        """How many codes devices did not accept so far."""

    @property
    def deadline_s(self) -> float | None:
        return min((call.deadline_s for call in self._running.values()), default=None)

    def start(
        self,
        call_id: str,
        name: str,
        arguments: Mapping[str, Any],
        plans: Sequence[Plan],
        now_s: float,
        *,
        extra: Mapping[str, Any] | None = None,
        codes: Mapping[Hashable, str] | None = None,
    ) -> list[HomeEffect]:
        """Publish what the plans need and wait for the devices; may be done at once."""
        call = Running(
            call_id=call_id,
            name=name,
            arguments=self._mask.arguments(arguments),
            started_s=now_s,
            deadline_s=now_s,
            patience_s=self._rules.answer_timeout_s,
            extra=dict(extra or {}),
        )
        for place, plan in enumerate(plans):
            call.outcomes.append(plan if isinstance(plan, Outcome) else None)
            if not isinstance(plan, Outcome):
                code = codes.get(plan.target.key) if codes and isinstance(plan, Step) else None
                call.left.append((place, plan, code))
        self._running[call_id] = call
        return self._go_on(call, now_s)

    # Commanding ------------------------------------------------------------------------------

    def _go_on(self, call: Running, now_s: float) -> list[HomeEffect]:
        """Give some of the commands that are left; the time to answer begins with the last."""
        effects: list[HomeEffect] = []
        for _ in range(min(AT_ONCE, len(call.left))):
            place, plan, code = call.left.popleft()
            if isinstance(plan, OwnStep):
                effects += self._send_own(call, plan, place, now_s)
            else:
                effects += self._command(call, plan, place, now_s, code)
        call.deadline_s = now_s if call.left else now_s + call.patience_s
        return effects + self._end_if_complete(call, now_s)

    def _command(
        self, call: Running, step: Step, place: int, now_s: float, code: str | None
    ) -> Sequence[Publish]:
        entity = step.target.entity
        if not entity.available:
            call.outcomes[place] = Outcome(step.target.name, Status.UNAVAILABLE)
            return ()
        if not self.rate.allows(entity.key, now_s):
            call.outcomes[place] = refused(step.target, "Too many commands in a minute.")
            return ()
        before = step.expect is not None and step.expect(entity)
        try:
            messages = [
                message
                for service, data in step.commands
                for message in entity.call(service, {**data, **_code(code)})
            ]
        except CallError as error:
            call.outcomes[place] = refused(step.target, clean(error.message, 200))
            return ()
        if not messages and code is not None:
            self.wrong_codes += 1
            call.outcomes[place] = refused(step.target, "The code was not accepted.")
            return ()
        if not messages:
            call.outcomes[place] = refused(step.target, "The device takes no such command now.")
            return ()
        for message in messages:
            call.published.append((message.topic, self._mask.payload(message.payload, code)))
        call.outcomes[place] = _known_at_once(step, messages, before=before)
        if call.outcomes[place] is None:
            call.waiting.setdefault(entity.key, []).append(Waiting(step, place))
        return messages

    def _send_own(
        self, call: Running, step: OwnStep, place: int, now_s: float
    ) -> Sequence[Publish]:
        function, message = step.function, step.message
        if not self.rate.allows(("own", function.name), now_s):
            call.outcomes[place] = Outcome(
                function.name, Status.REFUSED, "Too many calls in a minute."
            )
            return ()
        line = self._mask.text(message.payload.decode(errors="replace"))[:1_000]
        call.published.append((message.topic, line))
        if function.answer_topic:
            call.answers[function.answer_topic] = place
            call.patience_s = max(call.patience_s, OWN_ANSWER_S)
        else:
            call.outcomes[place] = Outcome(function.name, Status.SENT)
        return (message,)

    # What happens meanwhile --------------------------------------------------------------------

    def heard(self, entity: Entity, now_s: float) -> list[HomeEffect]:
        """A device said something new, by itself and not from the broker's memory."""
        effects: list[HomeEffect] = []
        for call in list(self._running.values()):
            waiting = call.waiting.get(entity.key)
            if not waiting:
                continue
            for one in [w for w in waiting if w.step.expect and w.step.expect(entity)]:
                waiting.remove(one)
                call.outcomes[one.place] = Outcome(
                    one.step.target.name, Status.DONE, facts=report(entity)
                )
            if not waiting:
                del call.waiting[entity.key]
            effects += self._end_if_complete(call, now_s)
        return effects

    def answered(self, topic: str, payload: bytes, now_s: float) -> list[HomeEffect]:
        """The answer of an own function."""
        effects: list[HomeEffect] = []
        for call in list(self._running.values()):
            place = call.answers.pop(topic, None)
            if place is not None:
                text = clean(payload.decode(errors="replace"), ANSWER_CHARS)
                call.outcomes[place] = Outcome(call.name, Status.DONE, facts={"answer": text})
                effects += self._end_if_complete(call, now_s)
        return effects

    def tick(self, now_s: float) -> list[HomeEffect]:
        """Go on commanding, and end the calls whose time is over with what is known then."""
        effects: list[HomeEffect] = []
        for call in [c for c in self._running.values() if now_s >= c.deadline_s]:
            if call.left:
                effects += self._go_on(call, now_s)
            else:
                self._give_up(call, Status.NOT_CONFIRMED, "")
                effects.append(self._finish(call, now_s))
        return effects

    def broker_lost(self, now_s: float) -> list[HomeEffect]:
        """End every call; what was sent is not sent again."""
        effects: list[HomeEffect] = []
        for call in list(self._running.values()):
            self._give_up(call, Status.UNAVAILABLE, LOST)
            effects.append(self._finish(call, now_s))
        return effects

    def _give_up(self, call: Running, status: Status, why: str) -> None:
        for waiting in call.waiting.values():
            for one in waiting:
                facts = report(one.step.target.entity) if status is Status.NOT_CONFIRMED else {}
                call.outcomes[one.place] = Outcome(one.step.target.name, status, why, facts)
        for place in call.answers.values():
            call.outcomes[place] = Outcome(call.name, status, why or "No answer came.")
        for place, plan, _ in call.left:
            name = plan.target.name if isinstance(plan, Step) else plan.function.name
            call.outcomes[place] = Outcome(name, Status.UNAVAILABLE, AWAY)

    def _end_if_complete(self, call: Running, now_s: float) -> list[HomeEffect]:
        open_ = call.left or call.waiting or call.answers
        return [] if open_ else [self._finish(call, now_s)]

    def _finish(self, call: Running, now_s: float) -> CallDone:
        del self._running[call.call_id]
        return self._done(call, now_s)

    def _done(self, call: Running, now_s: float) -> CallDone:
        outcomes = [outcome for outcome in call.outcomes if outcome is not None]
        result: dict[str, Any] = {
            "status": overall(outcomes).value,
            "devices": [outcome.as_data() for outcome in outcomes],
            "message": tell(outcomes),
        }
        return self.done(
            call.call_id,
            call.name,
            call.arguments,
            result | call.extra,
            took_s=now_s - call.started_s,
            published=tuple(call.published),
        )

    def done(
        self,
        call_id: str,
        name: str,
        arguments: Mapping[str, Any],
        result: Mapping[str, Any],
        *,
        took_s: float = 0.0,
        published: tuple[tuple[str, str], ...] = (),
    ) -> CallDone:
        """The end of a call, with everything secret masked."""
        return CallDone(
            call_id=call_id,
            name=name,
            arguments=self._mask.arguments(arguments),
            result=dict(result),
            published=published,
            took_ms=round(took_s * 1000, 1),
        )


def _code(code: str | None) -> dict[str, str]:
    return {} if code is None else {"code": code}


def _known_at_once(step: Step, messages: Sequence[Publish], *, before: bool) -> Outcome | None:
    """The outcome when there is nothing to wait for.

    A device that listens on its own state topic would hear the command as its answer, so it
    counts as one that never reports.
    """
    entity, name = step.target.entity, step.target.name
    if step.expect is None:
        return Outcome(name, Status.SENT)
    heard = entity.topics()
    if entity.assumed_state or any(message.topic in heard for message in messages):
        return Outcome(name, Status.SENT, facts={**report(entity), "assumed": True})
    if before:
        return Outcome(name, Status.DONE, facts=report(entity))
    if step.expect(entity):  # the entity assumes this part of its state
        return Outcome(name, Status.SENT, facts={**report(entity), "assumed": True})
    return None
