"""The state of an entity, which it reads from the messages of its topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from satellite.core.mqtt_topics import filter_matches, has_wildcard
from satellite.homeassistant.entities.attributes import read_attributes
from satellite.homeassistant.entities.availability import EntityAvailability
from satellite.homeassistant.entities.description import Description
from satellite.homeassistant.entities.spec import Spec
from satellite.homeassistant.entities.traits import PlatformTraits
from satellite.homeassistant.inbound import InboundMessage, MessageDropped
from satellite.homeassistant.templates.command import AS_IT_IS, CommandTemplate
from satellite.homeassistant.templates.value import ValueTemplate, payload_as_text
from satellite.homeassistant.values import Value

Handler = Callable[[InboundMessage], None]

_NONE: Mapping[str, Any] = MappingProxyType({})
COMMON_STATE_FIELDS = (
    "_json_attributes",
    "last_changed_s",
    "last_reported_s",
    "last_state_s",
    "retained_only",
    "state_retained",
)

NOT_UNDERSTOOD = (ArithmeticError, LookupError, TypeError, ValueError)
"""What an untrusted value could raise where a check is missing. The message is dropped and
reported; property tests hold that this does not happen."""


class Observed(Description):
    """An entity with its state. Each platform defines what its messages mean.

    ``last_changed_s`` and ``last_reported_s`` are seconds of the clock of the messages (``now_s``).
    ``retained_only``: only retained messages have come so far. ``last_state_s`` is the time of the
    last message about the state (not of availability or JSON attributes), and ``state_retained``
    says whether that one was retained.
    """

    platform: ClassVar[str] = ""
    traits: ClassVar[PlatformTraits] = PlatformTraits()
    feature_bits: ClassVar[Mapping[str, int] | None] = None
    state_fields: ClassVar[tuple[str, ...]] = ()
    """Names of the instance fields that hold this platform's state."""
    attribute_fields: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Attribute (``""``: the state) -> those of ``state_fields`` that hold it; by default all."""
    _state: str | None = None
    _optimistic = False
    _patterns = False
    """Whether some of its topics have wildcards."""
    quick = False
    """Whether it took little time for its last message."""
    gone = False
    """True after it was removed, or replaced by a new announcement."""
    own_attributes: ClassVar[frozenset[str]] = frozenset()
    """Attributes that this platform sets; JSON attributes cannot overwrite them."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.last_changed_s: float | None = None
        self.last_reported_s: float | None = None
        self.retained_only = False
        self.last_state_s: float | None = None
        self.state_retained = False
        # There may be thousands of entities, mostly with two topics: two tuples take the least
        # memory.
        self._topics: tuple[str, ...] = ()
        self._handlers: tuple[Handler, ...] = ()
        self._json_attributes: Mapping[str, Any] = _NONE
        self._availability = EntityAvailability(spec.config, self.template)
        for source in self._availability.sources:
            self.subscribe(source.topic, source)
        self._state_begins = len(self._topics)
        self.setup()
        self._state_ends = len(self._topics)
        if topic := self.config.get("json_attributes_topic"):
            self._subscribe_attributes(topic)

    # What a platform fills in -------------------------------------------------------------

    def setup(self) -> None:
        """Read the config, set the first values, and subscribe to each topic."""

    def features(self) -> frozenset[str]:
        """What this device can do, by the names in ``feature_bits`` of its platform."""
        return frozenset()

    @property
    def state(self) -> str | None:
        """The state as Home Assistant writes it, also while unavailable; None: unknown."""
        return self._state

    def capabilities(self) -> dict[str, Any]:
        """Attributes that never change: modes, limits, effect lists."""
        return {}

    def state_attributes(self) -> dict[str, Any]:
        """Attributes that change with the state."""
        return {}

    @property
    def assumed_state(self) -> bool:
        """Whether the device never reports its state, which then is what was sent last."""
        return self._optimistic

    @property
    def deadline_s(self) -> float | None:
        """When ``tick`` must be called: a state expires, a pulse ends."""
        return None

    def tick(self, now_s: float) -> bool:  # noqa: ARG002
        """Advance to ``now_s``; true when state, attributes or availability changed."""
        return False

    # State ---------------------------------------------------------------------------------

    def resume(self, known: Observed) -> None:
        """Take over the state of the same entity with its former config."""
        if type(known) is type(self):
            for name in (*self.state_fields, *COMMON_STATE_FIELDS):
                setattr(self, name, getattr(known, name))
        self._availability.resume(known._availability)

    def share_availability(self, known: Observed) -> None:
        """Use the availability of another entity."""
        self._availability = known._availability

    @property
    def available(self) -> bool:
        return self._availability.available

    @property
    def attributes(self) -> dict[str, Any]:
        """All attributes as Home Assistant shows them; fewer while unavailable."""
        merged = self.capabilities()
        if self.available:
            merged.update(self.state_attributes())
            merged.update(self._json_attributes)
        if self.assumed_state:
            merged["assumed_state"] = True
        if self.device_class is not None:
            merged["device_class"] = self.device_class
        group = self._group()
        if group:
            merged["group_entities"] = group
        bits = self.feature_bits
        if bits is not None:
            merged["supported_features"] = sum(bits.get(feature, 0) for feature in self.features())
        return merged

    def reported(self, attribute: str) -> Value:
        """An attribute (``""``: the state) as the device reported it, also where Home Assistant
        shows less."""
        return self.attributes.get(attribute) if attribute else self.state

    def _group(self) -> list[str]:
        """The entity ids of the members, if this is a group."""
        find = self.spec.context.entity_id_of
        members = (find(unique_id) for unique_id in self.config.get("group", ()))
        return [member for member in members if member is not None]

    def snapshot(self) -> tuple[str, dict[str, Any]]:
        """State and attributes as the state machine of Home Assistant holds them."""
        state = (self.state if self.available else "unavailable") if self.enabled else "disabled"
        return ("unknown" if state is None else state), self.attributes

    # Messages ------------------------------------------------------------------------------

    def subscribe(self, topic: str | None, handler: Handler) -> bool:
        """Register ``handler`` for a topic or filter; False when there is no topic."""
        if not topic:
            return False
        self._topics += (topic,)
        self._handlers += (handler,)
        if has_wildcard(topic):
            self._patterns = True
        return True

    def topics(self) -> set[str]:
        """Every topic and filter that this entity needs."""
        return set(self._topics)

    def is_subscribed(self, topic: str) -> bool:
        """Whether a message on this topic would be handled."""
        return topic in self._topics or (
            self._patterns and any(filter_matches(own, topic) for own in self._topics)
        )

    def receive(self, topic: str, payload: bytes, now_s: float, retained: bool = False) -> bool:
        """Take one message.

        Returns whether state, attributes or availability are different now. Never raises because
        of a payload: bad ones are dropped, failing templates are reported once.
        """
        if self._patterns:
            places = [at for at, own in enumerate(self._topics) if filter_matches(own, topic)]
        else:
            places = [at for at, own in enumerate(self._topics) if own == topic]
        if not places:
            return False
        message = InboundMessage.of(topic, payload, now_s, retained)
        before = self._visible_state()
        about_state = False
        for place in places:
            about_state = about_state or self._state_begins <= place < self._state_ends
            try:
                self._handlers[place](message)
            except MessageDropped as dropped:
                self.report(str(dropped))
            except NOT_UNDERSTOOD as wrong:
                self.report(f"a message on {topic[:80]!r} is not understood: {wrong!r}"[:300])
        changed = self._note(before, message)
        if about_state and (changed or not retained or self.last_state_s is None):
            self.last_state_s, self.state_retained = now_s, retained
        return changed

    def _visible_state(self) -> tuple[object, ...]:
        """All that a message may change."""
        return self.available, self.state, self.state_attributes(), self._json_attributes

    def _note(self, before: tuple[object, ...], message: InboundMessage) -> bool:
        first = self.last_reported_s is None
        self.last_reported_s = message.now_s
        self.retained_only = message.retained and (first or self.retained_only)
        changed = before != self._visible_state()
        if changed or first:
            self.last_changed_s = message.now_s
        return changed

    def _subscribe_attributes(self, topic: str) -> None:
        template = self.value("json_attributes_template")

        def take(message: InboundMessage) -> None:
            read = read_attributes(message, template, self.own_attributes)
            if read is not None:
                self._json_attributes = read

        self.subscribe(topic, take)

    def report(self, text: str) -> None:
        """Report once that something is wrong with this entity."""
        if text:
            self.spec.context.report(self.key, f"{self.friendly_name[:80]!r}: {text}")

    # Templates -----------------------------------------------------------------------------

    def value(self, *keys: str) -> ValueTemplate:
        """The value template under the first of ``keys`` that the config has; else the payload."""
        text = next((self.config[key] for key in keys if self.config.get(key) is not None), None)
        return self.template(text)

    def template(self, text: str | None) -> ValueTemplate:
        """A value template with this entity's names in it."""
        encoding: str = self.config.get("encoding", "utf-8")
        return payload_as_text(encoding) if text is None else ValueTemplate(text, self, encoding)

    def command(self, key: str) -> CommandTemplate:
        """The command template under ``key``; without one values are sent as they are."""
        text = self.config.get(key)
        return AS_IT_IS if text is None else CommandTemplate(text, self)
