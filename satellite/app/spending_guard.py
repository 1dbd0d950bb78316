"""Counts what is spent, and does what a limit asks for: says it, shows it, changes the server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from satellite.conversation import spoken_texts
from satellite.conversation.events import Event, local
from satellite.conversation.spending_steps import ServerTarget, SpendingStep

if TYPE_CHECKING:
    from satellite.app.server_switch import ServerSwitch
    from satellite.app.spending_notices import SpendingNotices
    from satellite.app.spending_store import SpendingStore, Standing
    from satellite.app.status import StatusReporter
    from satellite.audio.capture.gate import Gate
    from satellite.conversation.events.server import AnyUsage

log = logging.getLogger(__name__)

WORDS = {
    (SpendingStep.WARNED, "daily"): spoken_texts.LIMIT_NEAR_TODAY,
    (SpendingStep.WARNED, "monthly"): spoken_texts.LIMIT_NEAR_THIS_MONTH,
    (SpendingStep.CHEAPER_MODEL, "daily"): spoken_texts.CHEAPER_TODAY,
    (SpendingStep.CHEAPER_MODEL, "monthly"): spoken_texts.CHEAPER_THIS_MONTH,
    (SpendingStep.LIMIT_REACHED, "daily"): spoken_texts.LOCAL_TODAY,
    (SpendingStep.LIMIT_REACHED, "monthly"): spoken_texts.LOCAL_THIS_MONTH,
}
EVENTS = {
    SpendingStep.WARNED: "limit_near",
    SpendingStep.CHEAPER_MODEL: "cheaper_model",
    SpendingStep.LIMIT_REACHED: "limit_reached",
}


class SpendingGuard:
    """Each step is said once, shown while it lasts, and acted upon before anything more is sent.

    ``warn_at`` is the part of a limit with which the steps begin.
    """

    def __init__(
        self,
        store: SpendingStore,
        *,
        warn_at: float,
        notices: SpendingNotices,
        switch: ServerSwitch,
        gate: Gate,
        status: StatusReporter,
        on_event: Callable[[Event], None],
    ) -> None:
        self._store = store
        self._warn_at = warn_at
        self._notices = notices
        self._switch = switch
        self._gate = gate
        self._status = status
        self._on_event = on_event
        self._standing: Standing | None = None
        self._target = ServerTarget.CLOUD

    @property
    def step(self) -> SpendingStep:
        return self._standing.step if self._standing is not None else SpendingStep.NORMAL

    def tell_default_limit(self, limit_usd: float) -> None:
        """Says which daily limit counts where nobody has set one (else 0): in the journal at each
        start, aloud at the first."""
        if not limit_usd:
            return
        log.info(
            "At most %.2f USD are spent in a day: spending.daily_limit_usd, which is not set.",
            limit_usd,
        )
        if self._notices.limit_is_new(limit_usd):
            usd = f"{limit_usd:g}"
            self._on_event(local.NoticeDue(spoken_texts.DEFAULT_LIMIT, {"usd": usd}))

    def spent(self, usage: AnyUsage) -> None:
        self._store.add(usage)
        self.check()

    def check(self) -> None:
        """Looks how near the limits are; also to be called where time alone may have changed it."""
        cheaper = bool(self._switch.cheaper_model)
        standing = self._store.standing(self._warn_at, cheaper_model=cheaper)
        target = self._switch.spending(standing.step)
        before, self._standing = self._standing, standing
        known = before is not None and (before.step, before.period) == (
            standing.step,
            standing.period,
        )
        if known and target is self._target:
            return
        self._target = target
        stopped = target is ServerTarget.NONE
        self._show(standing, stopped=stopped)
        if standing.step is not SpendingStep.NORMAL and self._notices.is_new(
            standing.step, standing.period
        ):
            self._tell(standing, aloud=not stopped)  # the conversation tells what stopped it
        reason = standing.reason if stopped else ""
        if reason != self._gate.locked:
            self._gate.locked = reason
            self._on_event(local.PartFailed("spending", reason))

    def _show(self, standing: Standing, *, stopped: bool) -> None:
        how = {
            SpendingStep.NORMAL: "",
            SpendingStep.WARNED: "",
            SpendingStep.CHEAPER_MODEL: f" The cheaper model {self._switch.cheaper_model} is used.",
            SpendingStep.LIMIT_REACHED: " Until it begins anew the server on this machine answers.",
        }[standing.step]
        if stopped:
            problem = f"Nothing is sent: {standing.reason}."
        elif standing.reason:
            problem = f"{standing.reason[:1].upper()}{standing.reason[1:]}.{how}"
        else:
            problem = ""
        if problem:
            log.log(logging.ERROR if stopped else logging.WARNING, "%s", problem)
        self._status.problem("spending", problem)

    def _tell(self, standing: Standing, *, aloud: bool) -> None:
        limit = standing.nearest
        assert limit is not None, "a step is one of a limit"
        facts = {
            "limit": limit.name,
            "limit_usd": limit.limit_usd,
            "spent_usd": round(limit.spent_usd, 4),
        }
        self._status.event(EVENTS[standing.step], facts)
        if aloud:
            percent = f"{min(100, int(100 * limit.part))}"
            words = WORDS[standing.step, limit.name]
            self._on_event(local.NoticeDue(words, {"percent": percent}))
