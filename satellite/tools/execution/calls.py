"""Executes calls: publishes their commands once, and compares what the devices report with them.

Every call that is started ends with exactly one ``CallDone``: when all of its devices have
reported, at its deadline, or when the broker is lost. Nothing is published twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.inbound import InboundMessage
from satellite.tools.effects import CallDone, CallEffect
from satellite.tools.execution.commander import Commander
from satellite.tools.execution.plan import ModelCall, Plan
from satellite.tools.execution.running import RunningCall
from satellite.tools.policy.rules import Rules
from satellite.tools.text.masking import Mask

LOST = "The connection to the home was lost before the answer came."


class CallExecution:
    """The calls that are being executed. Of the policy only the rate limit is applied here."""

    def __init__(self, rules: Rules, mask: Mask, on_code: Callable[[bool, float], None]) -> None:
        """``on_code(accepted, now_s)`` is told whether a device accepted the code that was said."""
        self._rules = rules
        self._on_code = on_code
        self._mask = mask
        self._running: dict[str, RunningCall] = {}
        self.connected = False
        """Whether there is a connection to the broker."""
        self.commander = Commander(mask, rules.rate_limit_per_minute)

    @property
    def deadline_s(self) -> float | None:
        return min((running.deadline_s for running in self._running.values()), default=None)

    def start(
        self,
        call: ModelCall,
        plans: Sequence[Plan],
        *,
        codes: Mapping[Hashable, str],
        extra: Mapping[str, Any] | None = None,
    ) -> list[CallEffect]:
        """Publishes the commands of the plans; the call may end at once.

        ``codes``: key of a device -> the code to send to it. ``extra`` is added to the result.
        Nothing is published while there is no connection.
        """
        running = RunningCall(call, call.now_s, self._rules.answer_timeout_s, extra or {})
        self._running[call.call_id] = running
        effects: list[CallEffect] = []
        for command in running.take(plans, codes, self.connected):
            effects += self.commander.send(running, command, call.now_s)
        running.deadline_s = call.now_s + running.timeout_s
        return effects + self._end_if_complete(running, call.now_s)

    # Events ------------------------------------------------------------------------------------

    @property
    def awaits_report(self) -> bool:
        """Whether any call waits for the report of a device."""
        return any(running.awaits_report for running in self._running.values())

    def on_report(self, entity: Entity, message: InboundMessage) -> list[CallEffect]:
        """A device sent a message, or the broker a retained one of it."""
        effects: list[CallEffect] = []
        for running in list(self._running.values()):
            if running.on_report(entity, message):
                effects += self._end_if_complete(running, message.now_s)
        return effects

    def on_answer(self, topic: str, payload: bytes, now_s: float) -> list[CallEffect]:
        """A message came on a topic on which the person's own functions are answered."""
        effects: list[CallEffect] = []
        for running in list(self._running.values()):
            if running.on_answer(topic, payload):
                effects += self._end_if_complete(running, now_s)
        return effects

    def tick(self, now_s: float) -> list[CallEffect]:
        """Ends the calls whose deadline has passed, with what is known then."""
        effects: list[CallEffect] = []
        for running in [one for one in self._running.values() if now_s >= one.deadline_s]:
            effects += self._end(running, now_s)
        return effects

    def broker(self, connected: bool, now_s: float) -> list[CallEffect]:
        """The connection came or went. All calls end when it goes; nothing is sent again."""
        self.connected = connected
        effects: list[CallEffect] = []
        for running in [] if connected else list(self._running.values()):
            effects += self._end(running, now_s, LOST)
        return effects

    # The end -----------------------------------------------------------------------------------

    def _end_if_complete(self, running: RunningCall, now_s: float) -> list[CallEffect]:
        return self._end(running, now_s) if running.complete else []

    def _end(self, running: RunningCall, now_s: float, lost: str = "") -> list[CallEffect]:
        call = running.call
        result = running.end(now_s, lost)
        if call.code_tried and (taken := running.code_taken()) is not None:
            self._on_code(taken, now_s)
        del self._running[call.call_id]
        took_s = now_s - call.now_s
        return [self.done(call, result, took_s=took_s, published=tuple(running.published))]

    def done(
        self,
        call: ModelCall,
        result: Mapping[str, Any],
        *,
        took_s: float = 0.0,
        published: tuple[tuple[str, str], ...] = (),
    ) -> CallDone:
        """The end of a call, with secrets masked in its arguments."""
        return CallDone(
            call_id=call.call_id,
            name=call.name,
            arguments=self._mask.arguments(call.arguments),
            result=dict(result),
            published=published,
            took_ms=round(took_s * 1000, 1),
        )
