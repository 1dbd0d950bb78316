"""Calls on their way: published once, then held against what the devices themselves say.

Every call that is started ends exactly once, with one ``CallDone``: when all of its devices have
answered, when their time is over, or when the broker is lost. Nothing is ever published again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from satellite.home.effects import CallDone, HomeEffect
from satellite.home.entities.entity import Entity
from satellite.home.functions.calls.commanding import Commander
from satellite.home.functions.calls.plan import Call, Plan
from satellite.home.functions.calls.running import Running
from satellite.home.functions.consent.masking import Mask
from satellite.home.functions.policy.rules import Rules
from satellite.home.inbound import Message
from satellite.home.work import EFFORT

AT_ONCE = 25
"""So many devices are commanded in one go; the others follow before anything is waited for."""
LOST = "The connection to the home was lost before the answer came."


class Calls:
    """Runs plans. Knows no names and no policy beyond the rate limit."""

    def __init__(self, rules: Rules, mask: Mask, on_code: Callable[[bool, float], None]) -> None:
        """``on_code`` hears whether a device took the code that was said."""
        self._rules = rules
        self._on_code = on_code
        self._mask = mask
        self._running: dict[str, Running] = {}
        self._connected = False
        self.epoch = 0
        """Counts the connections that were lost."""
        self.commander = Commander(mask, rules.rate_limit_per_minute)

    @property
    def deadline_s(self) -> float | None:
        return min((running.deadline_s for running in self._running.values()), default=None)

    def reaches(self, epoch: int) -> bool:
        """Whether the connection on which something was asked for is still there."""
        return self._connected and self.epoch == epoch

    def start(
        self,
        call: Call,
        plans: Sequence[Plan],
        *,
        codes: Mapping[Hashable, str],
        extra: Mapping[str, Any] | None = None,
    ) -> list[HomeEffect]:
        """Publish what the plans need and wait for the devices; may be done at once.

        Nothing is published when the connection on which it was asked for is lost.
        """
        running = Running(call, call.now_s, self._rules.answer_timeout_s, extra or {})
        running.take(plans, codes, self.reaches(call.epoch))
        self._running[call.call_id] = running
        return self._command(running, call.now_s)

    # What happens meanwhile --------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether anybody waits for the word of a device."""
        return any(running.waits for running in self._running.values())

    def heard(self, entity: Entity, message: Message) -> list[HomeEffect]:
        """A device said something, be it the same again; or the broker remembers it."""
        effects: list[HomeEffect] = []
        for running in list(self._running.values()):
            if running.heard(entity, message):
                effects += self._end_if_complete(running, message.now_s)
        return effects

    def answered(self, topic: str, payload: bytes, now_s: float) -> list[HomeEffect]:
        """The answer of an own function."""
        effects: list[HomeEffect] = []
        for running in list(self._running.values()):
            if running.answered(topic, payload):
                effects += self._end_if_complete(running, now_s)
        return effects

    def tick(self, now_s: float) -> list[HomeEffect]:
        """Go on commanding, and end the calls whose time is over with what is known then.

        Of calls that are large only one is taken on at a time.
        """
        effects: list[HomeEffect] = []
        for running in [one for one in self._running.values() if now_s >= one.deadline_s]:
            if running.ending is not None:
                effects += self._go_on_ending(running, now_s)
            elif running.left:
                effects += self._command(running, now_s)
            else:
                effects += self._end(running, now_s)
            if running.left or (running.ending and not running.ending.done):
                break
        return effects

    def broker(self, connected: bool, now_s: float) -> list[HomeEffect]:
        """The broker came or went. Every call ends when it goes; nothing is sent again."""
        self._connected = connected
        self.epoch += not connected
        effects: list[HomeEffect] = []
        for running in [] if connected else list(self._running.values()):
            if running.ending is None:
                effects += self._end(running, now_s, LOST)
        return effects

    # Step by step ------------------------------------------------------------------------------

    def _command(self, running: Running, now_s: float) -> list[HomeEffect]:
        """Give some of the commands that are left; the time to answer begins with the last."""
        effects: list[HomeEffect] = []
        for _ in range(min(AT_ONCE, len(running.left))):
            effects += self.commander.give(running, running.left.popleft(), now_s)
        running.deadline_s = now_s if running.left else now_s + running.patience_s
        return effects + self._end_if_complete(running, now_s)

    def _end_if_complete(self, running: Running, now_s: float) -> list[HomeEffect]:
        return self._end(running, now_s) if running.complete else []

    def _end(self, running: Running, now_s: float, lost: str = "") -> list[HomeEffect]:
        running.end(now_s, lost)
        return self._go_on_ending(running, now_s)

    def _go_on_ending(self, running: Running, now_s: float) -> list[HomeEffect]:
        """Make the result, or a piece of it where there are very many devices."""
        ending = running.ending
        if ending is None:
            return []
        ending.go_on(EFFORT)
        running.deadline_s = now_s
        if not ending.done:
            return []
        call = running.call
        if call.code_tried and (taken := running.code_taken()) is not None:
            self._on_code(taken, now_s)
        del self._running[call.call_id]
        took_s = now_s - call.now_s
        return [self.done(call, ending.result, took_s=took_s, published=tuple(running.published))]

    def done(
        self,
        call: Call,
        result: Mapping[str, Any],
        *,
        took_s: float = 0.0,
        published: tuple[tuple[str, str], ...] = (),
    ) -> CallDone:
        """The end of a call, with everything secret masked."""
        return CallDone(
            call_id=call.call_id,
            name=call.name,
            arguments=self._mask.arguments(call.arguments),
            result=dict(result),
            published=published,
            took_ms=round(took_s * 1000, 1),
        )
