"""The home without socket and clock: messages and calls in, effects out.

Discovery messages become entities (``homeassistant.registry``), entities become functions
(``tools.catalog``), calls become commands and results (``tools.call_handler``). The catalog is
built once the changes have settled, or when a call comes before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from satellite.home.effects import HomeEffect
from satellite.home.log_limit import LogLimit
from satellite.home.subscription_batch import SubscriptionBatch
from satellite.homeassistant.effects import Problem, Subscribe
from satellite.homeassistant.entities.spec import HomeContext
from satellite.homeassistant.inbound import InboundMessage
from satellite.homeassistant.registry.change import Change
from satellite.homeassistant.registry.registry import Registry
from satellite.tools.call_handler import ToolCallHandler
from satellite.tools.catalog import Catalog, reserved
from satellite.tools.confirmation.attempts import Attempts
from satellite.tools.effects import FunctionsChanged, KeepAttempts
from satellite.tools.execution.plan import ModelCall
from satellite.tools.execution.turn_context import TurnContext
from satellite.tools.names.labels import NameAssigner
from satellite.tools.policy.rules import Rules
from satellite.tools.tool import HomeTool
from satellite.tools.vocabulary import vocabulary

CATALOG_DELAY_S = 0.3
"""The catalog is built so long after the last change of devices ..."""
MAX_CATALOG_DELAY_S = 3.0
"""... or so long after the first one, if changes continue."""


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
        context: HomeContext | None = None,
        attempts: Attempts | None = None,
    ) -> None:
        """``attempts``: wrong codes of earlier runs, as ``KeepAttempts`` told them."""
        hidden = tuple(f"topic:{topic.replace('#', '*').replace('+', '*')}" for topic in own_topics)
        taken = reserved(rules)
        own = tuple(one for one in rules.own_functions if one.name not in taken)
        self.rules = replace(rules, exclude=(*rules.exclude, *hidden), own_functions=own)
        self.registry = Registry(discovery_prefix, context, own_topics)
        self._names = NameAssigner()
        self._answer_topics = frozenset(
            function.answer_topic for function in own if function.answer_topic
        )
        catalog = Catalog.of(self.registry, self.rules, self._names)
        self._call_handler = ToolCallHandler(self.rules, catalog, attempts or Attempts())
        self._outdated = False
        """Devices have changed since the catalog was made."""
        self._announced: list[HomeTool] = []
        self.vocabulary: tuple[str, ...] = ()
        """Names that people may say, as of the last ``FunctionsChanged``."""
        self._first_change_s: float | None = None
        self._last_change_s = 0.0
        self._subscriptions = SubscriptionBatch()
        self._timed_s: float | None = None
        self._log_limit = LogLimit()
        self._names.problems += [
            f"The function {one.name!r} of the settings has the name of a built-in one; "
            "it is left out. Rename it."
            for one in rules.own_functions
            if one.name in taken
        ]

    # What its process asks ---------------------------------------------------------------------

    @property
    def discovery_topics(self) -> tuple[str, ...]:
        """Filters to subscribe at the start, with the topics on which own functions answer and
        cameras send their pictures."""
        own = self._answer_topics | self._call_handler.cameras.topics
        return (*self.registry.discovery_topics, *sorted(own))

    @property
    def deadline_s(self) -> float | None:
        """When ``tick`` has something to do; None when nothing is due."""
        due = (
            self._call_handler.calls.deadline_s,
            self._call_handler.lockout.deadline_s,
            self._timed_s,
            self._catalog_due_s(),
            self._subscriptions.due_s,
        )
        return min((moment for moment in due if moment is not None), default=None)

    @property
    def announced(self) -> tuple[HomeTool, ...]:
        """What the last ``FunctionsChanged`` was about."""
        return tuple(self._announced)

    def functions(self) -> list[HomeTool]:
        """What the model may call at this very moment, in a fixed order."""
        return list(self.catalog.functions)

    @property
    def catalog(self) -> Catalog:
        """Functions with their devices, names and areas, at this very moment."""
        self._update_catalog()
        return self._call_handler.catalog

    def _update_catalog(self) -> None:
        """Make the catalog anew if it does not know of every change."""
        if not self._outdated:
            return
        catalog = Catalog.of(self.registry, self.rules, self._names)
        gone = self._call_handler.name_index.by_key.keys() - catalog.name_index.by_key.keys()
        self._call_handler.calls.commander.rate.forget_devices(gone)
        self._call_handler.catalog = catalog
        self._outdated = False

    # What happens ------------------------------------------------------------------------------

    def on_message(
        self, topic: str, payload: bytes, retained: bool, now_s: float
    ) -> list[HomeEffect]:
        """Take a message of the broker; whatever it holds, this never raises."""
        if topic in self._call_handler.cameras.topics:
            self._call_handler.cameras.take(topic, payload, retained, now_s)
        change = self.registry.on_message(topic, payload, now_s, retained)
        effects = self._take_change(change, now_s)
        if self._call_handler.calls.awaits_report:
            message = InboundMessage.of(topic, payload, now_s, retained)
            for entity in change.heard:
                effects += self._call_handler.calls.on_report(entity, message)
        if topic in self._answer_topics and not retained:  # a retained message confirms nothing
            effects += self._call_handler.calls.on_answer(topic, payload, now_s)
        return self._attempts_first(effects)

    def call(
        self,
        call_id: str,
        name: str,
        arguments: str,
        turn: int,
        now_s: float,
        *,
        exchange: TurnContext | None = None,
    ) -> list[HomeEffect]:
        """Run a function call of the model; its ``CallDone`` comes now or later, once.

        ``arguments`` is the model's JSON text; ``turn`` counts the user's turns, and ``exchange``
        is what is known of the person's side: without it the caller vouches that a later turn is a
        person's answer to a question that was heard. Devices that have just changed are known.
        """
        self._update_catalog()
        call = ModelCall(call_id, name, turn, now_s, exchange=exchange)
        return self._attempts_first(self._call_handler.call(call, arguments))

    def _attempts_first(self, effects: Sequence[HomeEffect]) -> list[HomeEffect]:
        """Wrong codes go to the disk before anybody hears that they were wrong."""
        changed = self._call_handler.lockout.changed()
        if changed is None:
            return list(effects)
        return [KeepAttempts(changed.wrong, changed.pauses, changed.paused), *effects]

    def on_broker(self, connected: bool, now_s: float) -> list[HomeEffect]:
        """The broker came or went. Calls that were under way end; nothing is sent again."""
        self._subscriptions.clear()
        self._call_handler.lockout.paused(now_s)  # a pause of an earlier run begins anew
        effects: list[HomeEffect] = [*self._call_handler.calls.broker(connected, now_s)]
        if connected and (topics := self.registry.begin_connection()):
            effects.append(Subscribe(topics))
        if connected:
            self._schedule_catalog(now_s)  # functions of the settings are there without any device
        return self._attempts_first(effects)

    def tick(self, now_s: float) -> list[HomeEffect]:
        """Let time pass."""
        self._call_handler.lockout.paused(now_s)
        if self._timed_s is not None and now_s >= self._timed_s:
            self.registry.tick(now_s)
            self._timed_s = self.registry.deadline_s
        effects = self._call_handler.calls.tick(now_s) + self._subscriptions.tick(now_s)
        settles_s = self._catalog_due_s()
        if settles_s is not None and now_s >= settles_s:
            self._first_change_s = None
            effects += self._announce(now_s)
        return self._attempts_first(effects)

    def _announce(self, now_s: float) -> list[HomeEffect]:
        """Tell what the model may call now, if it is anything else."""
        functions = self.catalog.functions
        problems, self._names.problems = self._names.problems, []
        effects = self._problems(problems, now_s)
        words = vocabulary(self.catalog)
        if functions != self._announced or words != self.vocabulary:
            self._announced, self.vocabulary = functions, words
            effects.append(FunctionsChanged())
        return effects

    # Devices -----------------------------------------------------------------------------------

    def _take_change(self, change: Change, now_s: float) -> list[HomeEffect]:
        effects: list[HomeEffect] = []
        if change.devices:
            self._outdated = True
            self._schedule_catalog(now_s)
        for entity in change.states:
            due_s = entity.deadline_s
            if due_s is not None and (self._timed_s is None or due_s < self._timed_s):
                self._timed_s = due_s
        if change.subscribe or change.unsubscribe:
            effects += self._subscriptions.add(change.subscribe, change.unsubscribe, now_s)
        if change.refused:
            effects += self._problems((change.refused,), now_s)
        reports = self.registry.context.take_reports()
        return effects + self._problems(reports, now_s) if reports else effects

    def _schedule_catalog(self, now_s: float) -> None:
        """Look at the functions when things have settled."""
        self._last_change_s = now_s
        if self._first_change_s is None:
            self._first_change_s = now_s

    def _catalog_due_s(self) -> float | None:
        if self._first_change_s is None:
            return None
        return min(
            self._last_change_s + CATALOG_DELAY_S, self._first_change_s + MAX_CATALOG_DELAY_S
        )

    def _problems(self, texts: Iterable[str], now_s: float) -> list[HomeEffect]:
        return [Problem(text) for text in self._log_limit.pass_on(texts, now_s)]
