"""One thing in the home: what every platform shares.

An ``Entity`` is built from one validated discovery config, takes the messages of its topics, and
turns a service call of Home Assistant (``turn_on`` with ``{"brightness_pct": 40}``) into the
messages that Home Assistant would publish. It never opens a socket and never reads a clock:
``now_s`` comes with each message and is any steadily rising number of seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from satellite.home.discovery.schema import Schema
from satellite.home.effects import Publish
from satellite.home.entities.attributes import read_attributes
from satellite.home.entities.availability import Availability
from satellite.home.entities.description import Description
from satellite.home.entities.spec import Spec
from satellite.home.inbound import Message
from satellite.home.services.limits import Limit
from satellite.home.services.outbox import CommandTemplate, Outbox
from satellite.home.services.service import CallError, Service, check_data
from satellite.home.templates.this import ThisState
from satellite.home.templates.value import MessageDropped, ValueTemplate
from satellite.home.topics import filter_matches, has_wildcard

Handler = Callable[[Message], None]

_ALWAYS_KEPT = ("_json_attributes", "last_changed_s", "last_reported_s", "retained_only")

NOT_UNDERSTOOD = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a hostile value could cause where no check foresaw it. The message is dropped and a person
is told; the tests hold that this never happens."""

MAX_TEXT_STATE = 255
"""Home Assistant refuses longer states; texts beyond that are cut."""


class Entity(Description):
    """One entity of Home Assistant.

    Reading it:
      ``key`` (platform, unique id), ``platform``, ``unique_id``, ``name`` (as a person says it),
      ``friendly_name`` (as Home Assistant shows it), ``entity_name`` (None: named like its
      device), ``device_name``, ``area``, ``category`` (None, "config", "diagnostic"),
      ``enabled``, ``hidden``, ``device_class``, ``origin`` (name of the publishing program),
      ``available``, ``state`` (None: unknown), ``attributes``, ``assumed_state``,
      ``last_changed_s``, ``last_reported_s``, ``retained_only`` (known only from a retained
      message), ``deadline_s`` (when ``tick`` has something to do).

    Doing with it:
      ``topics()``, ``receive()``, ``call()``, ``features()``, ``supports()``, ``limits()``.
    """

    platform: ClassVar[str] = ""
    feature_bits: ClassVar[Mapping[str, int] | None] = None
    services: ClassVar[Mapping[str, Service]] = {}
    is_entity: ClassVar[bool] = True
    """False for device triggers and tags: they hear messages but are nothing to see or call."""

    schema: ClassVar[Schema] = Schema({})

    @classmethod
    def variant(cls, config: Mapping[str, Any]) -> type[Entity]:  # noqa: ARG003
        """The class for this very config; lights have three."""
        return cls

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.last_changed_s: float | None = None
        self.last_reported_s: float | None = None
        self.retained_only = False
        self._exact: dict[str, list[Handler]] = {}
        self._wild: list[tuple[str, Handler]] = []
        self._json_attributes: dict[str, Any] = {}
        self._out = Outbox(spec)
        self._plain_value = ValueTemplate(None, self)
        self._plain_command = CommandTemplate(None, self)
        self._availability = Availability(self, spec)
        self.setup()
        self._listen_attributes()

    # What a platform fills in -------------------------------------------------------------

    def setup(self) -> None:
        """Read the config, start values, ``self.listen(topic, handler)`` for each topic."""

    def features(self) -> frozenset[str]:
        """What this very device can do, in the words of its platform's ``feature_bits``."""
        return frozenset()

    def limits(self) -> Mapping[str, Limit]:
        """For each data field of a call: its range, step, unit or choices."""
        return {}

    @property
    def state(self) -> str | None:
        """The state as Home Assistant writes it, whether available or not; None is unknown."""
        return None

    def capabilities(self) -> dict[str, Any]:
        """Attributes that never change: modes, limits, effect lists."""
        return {}

    def state_attributes(self) -> dict[str, Any]:
        """Attributes that change with the state."""
        return {}

    @property
    def assumed_state(self) -> bool:
        """True when the device never reports back: its state is what was sent last."""
        return False

    @property
    def deadline_s(self) -> float | None:
        """When ``tick`` must be called: a state expires, a pulse ends."""
        return None

    def tick(self, now_s: float) -> bool:  # noqa: ARG002
        """Let time pass; true when state, attributes or availability changed."""
        return False

    # State ---------------------------------------------------------------------------------

    kept: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that hold this platform's state."""

    def resume(self, known: Entity) -> None:
        """Take over the state of the same entity, whose config was announced anew."""
        if type(known) is type(self):
            for name in (*self.kept, *_ALWAYS_KEPT):
                setattr(self, name, getattr(known, name))
        self._availability.resume(known._availability)

    @property
    def available(self) -> bool:
        return self._availability.available

    @property
    def attributes(self) -> dict[str, Any]:
        """Everything but the state, as Home Assistant shows it; less while unavailable."""
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

    def _group(self) -> list[str]:
        """Entity ids of the members, when this is a group that its publisher made."""
        find = self.spec.surroundings.entity_id_of
        members = (find(unique_id) for unique_id in self.config.get("group", ()))
        return [member for member in members if member is not None]

    def snapshot(self) -> tuple[str, dict[str, Any]]:
        """State and attributes as the state machine of Home Assistant holds them."""
        state = (self.state if self.available else "unavailable") if self.enabled else "disabled"
        return ("unknown" if state is None else state), self.attributes

    # Messages ------------------------------------------------------------------------------

    def listen(self, topic: str | None, handler: Handler) -> bool:
        """Hear a topic (may hold wildcards); False when the config has no such topic."""
        if not topic:
            return False
        if has_wildcard(topic):
            self._wild.append((topic, handler))
        else:
            self._exact.setdefault(topic, []).append(handler)
        return True

    def topics(self) -> set[str]:
        """Every topic (or filter) that this entity needs to hear."""
        return {*self._exact, *(pattern for pattern, _ in self._wild)}

    def receive(self, topic: str, payload: bytes, now_s: float, retained: bool = False) -> bool:
        """Take one message.

        Returns whether state, attributes or availability are different now. Never raises for
        what a payload holds: bad ones are dropped, templates that fail are reported once.
        """
        handlers = list(self._exact.get(topic, ()))
        handlers += [handler for pattern, handler in self._wild if filter_matches(pattern, topic)]
        if not handlers:
            return False
        message = Message.of(topic, payload, now_s, retained)
        before = self._outlook()
        for handler in handlers:
            try:
                handler(message)
            except MessageDropped as dropped:
                self.report(str(dropped))
            except NOT_UNDERSTOOD as wrong:
                self.report(f"a message on {topic[:80]!r} is not understood: {wrong!r}"[:300])
        return self._note(before, message)

    def _outlook(self) -> tuple[object, ...]:
        """All that a message can change."""
        return self.available, self.state, self.state_attributes(), self._json_attributes

    def _note(self, before: tuple[object, ...], message: Message) -> bool:
        first = self.last_reported_s is None
        self.last_reported_s = message.now_s
        self.retained_only = message.retained and (first or self.retained_only)
        changed = before != self._outlook()
        if changed or first:
            self.last_changed_s = message.now_s
        return changed

    def report(self, text: str) -> None:
        """Tell a person once that something about this entity is wrong."""
        if text:
            self.spec.surroundings.report(self.key, f"{self.friendly_name[:80]!r}: {text}")

    # Templates -----------------------------------------------------------------------------

    def value(self, *keys: str) -> ValueTemplate:
        """The value template under the first of ``keys`` that the config has; else the payload."""
        text = next((self.config[key] for key in keys if self.config.get(key) is not None), None)
        return self.template(text)

    def template(self, text: str | None) -> ValueTemplate:
        """A value template with this entity's names in it."""
        if text is None:
            return self._plain_value
        return ValueTemplate(text, self)

    def template_names(self) -> dict[str, Any]:
        """What templates may know about their entity."""
        return {
            "entity_id": self.spec.entity_id,
            "name": self.friendly_name,
            "this": ThisState(self),
        }

    def command(self, key: str) -> CommandTemplate:
        """The command template under ``key``; without one values are sent as they are."""
        text = self.config.get(key)
        return self._plain_command if text is None else CommandTemplate(text, self)

    def _listen_attributes(self) -> None:
        template = self.value("json_attributes_template")

        def take(message: Message) -> None:
            read = read_attributes(message, template, self.own_attributes)
            if read is not None:
                self._json_attributes = read

        self.listen(self.config.get("json_attributes_topic"), take)

    own_attributes: ClassVar[frozenset[str]] = frozenset()
    """Attribute names that this platform writes itself; messages cannot overwrite them."""

    # Commands ------------------------------------------------------------------------------

    def supports(self, service: str) -> bool:
        """True when this device offers the service (``"set_cover_position"``)."""
        offered = self.services.get(service)
        return offered is not None and offered.offered_by(self.features())

    def call(self, service: str, data: Mapping[str, Any] | None = None) -> list[Publish]:
        """Turn a service call into messages to publish, in order.

        Returns nothing where Home Assistant silently drops a call: the entity is unavailable,
        disabled, or the value is one that it ignores. Optimistic entities take the new state.

        Raises:
            CallError: where Home Assistant refuses; its ``code`` and ``key`` are Home
                Assistant's, its message is for the person who asked.
        """
        offered = self.services.get(service)
        if offered is None:
            raise CallError("service_not_found", f"{self.name} has no service {service!r}")
        checked = check_data(offered, data or {})
        if not self.enabled or not self.available:
            return []
        if not offered.offered_by(self.features()):
            raise CallError(
                "service_validation_error",
                f"{self.name} does not support {service}",
                "service_not_supported",
            )
        self._out.take()  # what a call left that was refused half-way is never sent
        try:
            offered.run(self, checked)
        except MessageDropped as dropped:
            raise CallError(
                "home_assistant_error", f"The command template of {self.name} fails: {dropped}"
            ) from dropped
        except NOT_UNDERSTOOD as wrong:
            self.report(f"{service} cannot be done: {wrong!r}"[:300])
            raise CallError("unknown_error", f"{self.name} cannot do that") from wrong
        return self._out.take()

    def send(self, topic: str | None, payload: str | bytes | None) -> None:
        """Queue one command; nothing happens without a topic or without a payload."""
        self._out.add(topic, payload)
