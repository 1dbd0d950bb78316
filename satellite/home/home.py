"""The home as the daemon sees it: messages in, effects out, no socket and no clock.

Discovery messages become entities (`registry`), entities become functions
(`functions.catalog`), calls become commands and results (`functions.desk`). What costs time is
never done per message: after a change the functions are built anew once, when the changes have
settled, and in pieces, so that nothing here holds the thread for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from satellite.home.backlog import OVERFLOWS, Backlog
from satellite.home.effects import (
    FunctionsChanged,
    HomeEffect,
    KeepAttempts,
    Problem,
    Subscribe,
)
from satellite.home.entities.spec import Surroundings
from satellite.home.functions.calls.plan import Call
from satellite.home.functions.catalog import RESERVED, Catalog
from satellite.home.functions.consent.attempts import Attempts
from satellite.home.functions.consent.exchange import Exchange
from satellite.home.functions.desk import Desk
from satellite.home.functions.function import Function
from satellite.home.functions.policy.rules import OwnFunction, Rules
from satellite.home.functions.workshop import Workshop
from satellite.home.gathering import Gathering
from satellite.home.inbound import Message
from satellite.home.quiet import Quiet
from satellite.home.registry.change import Change
from satellite.home.registry.registry import Registry
from satellite.home.work import EFFORT, Job, Work

__all__ = ["Function", "Home", "OwnFunction", "Rules"]

SETTLED_S = 0.3
"""So long after the last change of devices the functions are looked at again ..."""
LATEST_S = 3.0
"""... and so long after the first one, even if devices keep coming."""

Wish = Callable[[], Work[list[HomeEffect]]]
"""Begins some work when it is called."""


class Home:
    """Devices, functions and calls of one home.

    ``own_topics`` are filters of the satellite's own topics: no device may command them, and
    entities that live there are not offered. Every method returns what is to be done, in order;
    ``tick`` has to be called at ``deadline_s`` (seconds of the clock that ``now_s`` comes from).
    """

    def __init__(
        self,
        rules: Rules,
        discovery_prefix: str = "homeassistant",
        own_topics: tuple[str, ...] = (),
        surroundings: Surroundings | None = None,
        attempts: Attempts | None = None,
    ) -> None:
        """``attempts``: wrong codes of earlier runs, as ``KeepAttempts`` told them."""
        hidden = tuple(f"topic:{topic.replace('#', '*').replace('+', '*')}" for topic in own_topics)
        own = tuple(one for one in rules.own_functions if one.name not in RESERVED)
        self.rules = replace(rules, exclude=(*rules.exclude, *hidden), own_functions=own)
        self.registry = Registry(discovery_prefix, surroundings, own_topics)
        self._workshop = Workshop(self.registry, self.rules)
        self._inbox: Backlog[Job[list[HomeEffect]] | Wish] = Backlog()
        self._waiting: deque[tuple[int, Wish]] = deque()
        """What waits for a catalog that knows of so many changes, in order."""
        self._doing: Job[list[HomeEffect]] | None = None
        """What is being done of it."""
        self._resume_s = 0.0
        self._answers = frozenset(
            function.answer_topic for function in own if function.answer_topic
        )
        self._desk = Desk(self.rules, self._workshop.catalog, attempts or Attempts())
        self._announced: list[Function] = []
        self._first_change_s: float | None = None
        self._last_change_s = 0.0
        self._topics = Gathering()
        self._timed_s: float | None = None
        self._quiet = Quiet()
        self._workshop.names.problems += [
            f"The function {one.name!r} of the settings has the name of a built-in one; "
            "it is left out. Rename it."
            for one in rules.own_functions
            if one.name in RESERVED
        ]

    # What the daemon asks ----------------------------------------------------------------------

    @property
    def discovery_topics(self) -> tuple[str, ...]:
        """Filters to subscribe at the start, with the topics on which own functions answer."""
        return (*self.registry.discovery_topics, *sorted(self._answers))

    @property
    def deadline_s(self) -> float | None:
        """When ``tick`` has something to do; None when nothing is due."""
        due = (
            self._desk.calls.deadline_s,
            self._desk.lockout.deadline_s,
            self._timed_s,
            self._settles_s(),
            self._topics.due_s,
            self._resume_s if self._inbox or self._waiting or self._doing else None,
        )
        return min((moment for moment in due if moment is not None), default=None)

    @property
    def announced(self) -> tuple[Function, ...]:
        """What the last ``FunctionsChanged`` was about."""
        return tuple(self._announced)

    def functions(self) -> list[Function]:
        """What the model may call at this very moment, in a fixed order; may take a while."""
        return list(self.catalog.functions)

    @property
    def catalog(self) -> Catalog:
        """Functions with their devices, names and areas, at this very moment; may take a while."""
        self._workshop.complete()
        self._adopt()
        return self._desk.catalog

    # What happens ------------------------------------------------------------------------------

    def on_message(
        self, topic: str, payload: bytes, retained: bool, now_s: float
    ) -> list[HomeEffect]:
        """Take a message of the broker; whatever it holds, this never raises.

        What concerns very many entities is taken in pieces, and everything that comes meanwhile
        waits for its turn.
        """
        job = Job(self._take(topic, payload, retained, now_s))
        if not self._inbox:
            job.go_on(EFFORT)
            if job.done:  # as nearly all are
                return self._kept(job.result)
            self._resume_s = now_s
        if not self._inbox.has_room(len(payload)):
            return self._kept(self._read(now_s) + self._problems((OVERFLOWS,), now_s))
        self._inbox.append(job, len(payload))
        return self._kept(self._read(now_s)) if len(self._inbox) > 1 else []

    def _take(
        self, topic: str, payload: bytes, retained: bool, now_s: float
    ) -> Work[list[HomeEffect]]:
        change = yield from self.registry.take(topic, payload, now_s, retained)
        effects = self._note(change, now_s)
        if self._desk.calls.waits:
            message = Message.of(topic, payload, now_s, retained)
            for entity in change.heard:
                effects += self._desk.calls.heard(entity, message)
        if topic in self._answers and not retained:  # the broker's memory confirms nothing
            effects += self._desk.calls.answered(topic, payload, now_s)
        return effects

    def _read(self, now_s: float) -> list[HomeEffect]:
        """Go on with what has come in: one thing after the other, in order."""
        effects: list[HomeEffect] = []
        effort = EFFORT
        while self._inbox and effort > 0:
            first = self._inbox.first
            if isinstance(first, Job):
                effort = first.go_on(effort)
                if not first.done:
                    break
                effects += first.result
            else:
                self._waiting.append((self._workshop.changes, first))
            self._inbox.pop()
        self._resume_s = now_s
        return effects

    def call(
        self,
        call_id: str,
        name: str,
        arguments: str,
        turn: int,
        now_s: float,
        *,
        exchange: Exchange | None = None,
    ) -> list[HomeEffect]:
        """Run a function call of the model; its ``CallDone`` comes now or later, once.

        ``arguments`` is the model's JSON text; ``turn`` counts the user's turns, and ``exchange``
        is what is known of the person's side: without it the caller vouches that a later turn is a
        person's answer to a question that was heard. Where devices have just changed the call
        waits for the catalog that knows of it.
        """
        call = Call(call_id, name, turn, now_s, self._desk.calls.epoch, exchange=exchange)
        return self._kept(self._when_known(lambda: self._desk.call(call, arguments), now_s))

    def _kept(self, effects: list[HomeEffect]) -> list[HomeEffect]:
        """Wrong codes go to the disk before anybody hears that they were wrong."""
        changed = self._desk.lockout.changed()
        if changed is None:
            return effects
        return [KeepAttempts(changed.wrong, changed.pauses, changed.paused), *effects]

    def on_broker(self, connected: bool, now_s: float) -> list[HomeEffect]:
        """The broker came or went. Calls that were under way end; nothing is sent again."""
        self._topics.clear()
        self._desk.lockout.paused(now_s)  # a pause of an earlier run begins anew
        effects = self._desk.calls.broker(connected, now_s)
        if connected and (topics := self.registry.begin_anew()):
            effects.append(Subscribe(topics))
        if connected:
            self._look_again(now_s)  # functions of the settings are there without any device
        return effects

    def tick(self, now_s: float) -> list[HomeEffect]:
        """Let time pass."""
        self._desk.lockout.paused(now_s)
        return self._kept(self._tick(now_s))

    def _tick(self, now_s: float) -> list[HomeEffect]:
        effects = self._read(now_s)
        if self._timed_s is not None and now_s >= self._timed_s:
            self.registry.tick(now_s)
            self._timed_s = self.registry.deadline_s
        effects += self._desk.calls.tick(now_s)
        effects += self._topics.tick(now_s)
        settles_s = self._settles_s()
        if settles_s is not None and now_s >= settles_s:
            self._first_change_s = None
            return effects + self._when_known(lambda: self._announce(now_s), now_s)
        return effects + self._go_on(now_s)

    # The catalog -------------------------------------------------------------------------------

    def _when_known(self, wish: Wish, now_s: float) -> list[HomeEffect]:
        """Do it at once, or as soon as the catalog knows of everything that has changed so far."""
        self._inbox.append(wish)  # behind what was heard before
        effects = self._read(now_s)
        return effects + self._go_on(now_s)

    def _go_on(self, now_s: float) -> list[HomeEffect]:
        """Do a piece of the work that others wait for: one thing after the other, in order."""
        self._resume_s = now_s
        effects: list[HomeEffect] = []
        effort = EFFORT
        while effort > 0 and not self._inbox and (self._doing or self._waiting):
            if self._doing is None and self._workshop.knows(self._waiting[0][0]):
                self._adopt()
                _, wish = self._waiting.popleft()
                self._doing = Job(wish())
            if self._doing is None:
                effort = self._workshop.go_on(effort)
                continue
            effort = self._doing.go_on(effort)
            if self._doing.done:
                effects += self._doing.result
                self._doing = None
        return effects

    def _adopt(self) -> None:
        """Use the catalog that is the newest."""
        catalog = self._workshop.catalog
        if catalog is not self._desk.catalog:
            gone = self._desk.directory.by_key.keys() - catalog.directory.by_key.keys()
            self._desk.calls.commander.rate.forget_devices(gone)
            self._desk.catalog = catalog

    def _announce(self, now_s: float) -> Work[list[HomeEffect]]:
        yield 1
        names = self._workshop.names
        problems, names.problems = names.problems, []
        effects = self._problems(problems, now_s)
        functions = self._desk.catalog.functions
        if functions != self._announced:
            self._announced = functions
            effects.append(FunctionsChanged())
        return effects

    # Devices -----------------------------------------------------------------------------------

    def _note(self, change: Change, now_s: float) -> list[HomeEffect]:
        effects: list[HomeEffect] = []
        if change.devices:
            self._workshop.changed()
            self._look_again(now_s)
        for entity in change.states:
            due_s = entity.deadline_s
            if due_s is not None and (self._timed_s is None or due_s < self._timed_s):
                self._timed_s = due_s
        if change.subscribe or change.unsubscribe:
            effects += self._topics.add(change.subscribe, change.unsubscribe, now_s)
        if change.refused:
            effects += self._problems((change.refused,), now_s)
        reports = self.registry.surroundings.take_reports()
        return effects + self._problems(reports, now_s) if reports else effects

    def _look_again(self, now_s: float) -> None:
        """Look at the functions when things have settled."""
        self._last_change_s = now_s
        if self._first_change_s is None:
            self._first_change_s = now_s

    def _settles_s(self) -> float | None:
        if self._first_change_s is None:
            return None
        return min(self._last_change_s + SETTLED_S, self._first_change_s + LATEST_S)

    def _problems(self, texts: Iterable[str] | Sequence[str], now_s: float) -> list[HomeEffect]:
        return [Problem(text) for text in self._quiet.pass_on(texts, now_s)]
