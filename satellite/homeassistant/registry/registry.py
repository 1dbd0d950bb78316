"""All entities of the home, kept up to date by the messages of the broker.

It keeps entities by platform and unique id (the first topic that announces one wins), passes each
message to the entities that subscribed to its topic, and knows which topics to subscribe. Its size
is bounded: what goes beyond is dropped and reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from satellite.homeassistant.config_schema import ConfigRefused
from satellite.homeassistant.crash_record import Mark, mark_of, working_at
from satellite.homeassistant.discovery.announcement import (
    MAX_COMPONENTS,
    Component,
    DiscoveryPayload,
    DiscoveryTopic,
)
from satellite.homeassistant.discovery.parse import parse, parse_topic
from satellite.homeassistant.entities.entity import Entity
from satellite.homeassistant.entities.spec import HomeContext, Spec
from satellite.homeassistant.platforms import build, check_config, platform_class, platform_names
from satellite.homeassistant.registry.announced import AnnouncedTopics, ComponentId
from satellite.homeassistant.registry.bounds import check_templates, check_topics, why_not_written
from satellite.homeassistant.registry.change import Change
from satellite.homeassistant.registry.devices import Devices
from satellite.homeassistant.registry.entity_ids import EntityIds
from satellite.homeassistant.registry.subscriptions import Subscriptions
from satellite.homeassistant.values import Key

MAX_ENTITIES = 4_000
MAX_MIGRATING = 1_000
MAX_MESSAGE_S = 3.0
"""For all that listen to one topic; after that, a message goes only to those that were quick with
their last one. 2,000 entities take a fiftieth of it on a PC."""
QUICK_S = 0.01
"""The usual templates take a hundredth of it on a PC."""
TOO_SLOW = (
    f"a message was dropped: those who hear the same topic need more than {MAX_MESSAGE_S:.0f} s for"
    " it. Make their templates simpler."
)


class Registry:
    """All entities of the home.

    ``prefix`` is the discovery prefix of Home Assistant. ``own_topics`` are filters that no
    discovered entity may command (the satellite's own).
    """

    def __init__(
        self,
        prefix: str = "homeassistant",
        context: HomeContext | None = None,
        own_topics: tuple[str, ...] = (),
        max_entities: int = MAX_ENTITIES,
    ) -> None:
        self.prefix = prefix
        self.context = context or HomeContext()
        self.context.blocked_topic = self._blocked
        self.context.entity_id_of = self._entity_id_of
        self._own_topics = own_topics
        self._max_entities = max_entities
        self._entities: dict[Key, Entity] = {}
        self._components: dict[ComponentId, Entity] = {}
        self._migrating: dict[ComponentId, tuple[Key, str]] = {}
        self._announced = AnnouncedTopics()
        self._entity_ids = EntityIds()
        self._devices = Devices()
        self._subscriptions = Subscriptions()

    # Reading -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._entities)

    def __iter__(self) -> Iterator[Entity]:
        """Every entity, disabled ones too; triggers and tags are not entities."""
        return (entity for entity in self._entities.values() if entity.is_entity)

    def get(self, key: Key) -> Entity | None:
        return self._entities.get(key)

    def triggers(self) -> list[Entity]:
        """Device triggers and tags."""
        return [entity for entity in self._entities.values() if not entity.is_entity]

    @property
    def migrating(self) -> frozenset[Key]:
        """Removed entities that another topic is about to announce again."""
        return frozenset(key for key, _ in self._migrating.values())

    @property
    def discovery_topics(self) -> tuple[str, ...]:
        """The filters to subscribe at the start."""
        return f"{self.prefix}/+/+/config", f"{self.prefix}/+/+/+/config"

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that some entity needs."""
        return self._subscriptions.topics

    def begin_connection(self) -> tuple[str, ...]:
        """Every topic to subscribe on a new connection; their retained messages are for all
        entities."""
        self._subscriptions.begin_connection()
        return self._subscriptions.topics

    @property
    def deadline_s(self) -> float | None:
        """When ``tick`` has something to do."""
        due = [entity.deadline_s for entity in self._timed()]
        return min((moment for moment in due if moment is not None), default=None)

    def _timed(self) -> list[Entity]:
        return [entity for entity in self._entities.values() if entity.deadline_s is not None]

    def tick(self, now_s: float) -> list[Entity]:
        """Advance to ``now_s``; the entities that changed."""
        return [entity for entity in self._timed() if entity.tick(now_s)]

    # Messages ------------------------------------------------------------------------------

    def on_message(
        self, topic: str, payload: bytes, now_s: float, retained: bool = False
    ) -> Change:
        """Take any message: discovery, state, availability, attributes.

        Never raises because of its content.
        """
        change = Change()
        try:
            discovery_topic = parse_topic(topic, self.prefix)
        except ConfigRefused as refused:
            change.refused = str(refused)
            discovery_topic = None
        if discovery_topic is not None:
            self._discover(topic, discovery_topic, payload, change)
            change.subscribe, change.unsubscribe = self._subscriptions.changes()
        record = self.context.crash_record
        clock_s = perf_counter()
        until_s = clock_s + MAX_MESSAGE_S
        for entity in self._subscriptions.listeners_of(topic, retained):
            if not entity.enabled:
                continue
            if clock_s > until_s and not entity.quick:
                entity.report(TOO_SLOW)
                continue
            record.begin(entity.spec.mark)
            change.heard.append(entity)
            if entity.receive(topic, payload, now_s, retained):
                change.states.append(entity)
            record.end()
            begun_s, clock_s = clock_s, perf_counter()
            entity.quick = clock_s - begun_s < QUICK_S
        return change

    def _discover(
        self, topic: str, discovery_topic: DiscoveryTopic, payload: bytes, change: Change
    ) -> None:
        """Take a discovery message. The same again changes nothing: publishers repeat them all
        whenever Home Assistant starts."""
        if payload and self._announced.repeats(topic, payload):
            return
        mark = mark_of(topic, payload)
        record = self.context.crash_record
        try:
            if why := record.why_set_aside(mark):
                raise ConfigRefused(why)
            self._announced.check_room(topic, payload)
            with working_at(record, mark, ConfigRefused):
                announcement = parse(discovery_topic, payload)
        except ConfigRefused as refused:
            change.refused = str(refused)
            return
        if not announcement.components:
            self._withdraw(topic, announcement, change)
            return
        reasons = []
        for component in announcement.components:
            part = mark._replace(component=component.key or "")
            try:
                if component.key and (why := record.why_set_aside(part)):
                    raise ConfigRefused(why)
                with working_at(record, part, ConfigRefused):
                    self._announce(topic, component, part, change)
            except ConfigRefused as refused:
                reasons.append(f"{component.key}: {refused}" if component.key else str(refused))
        change.refused = "; ".join(reasons)[:500] or None
        self._announced.remember(topic, payload, complete=not reasons)

    def _withdraw(self, topic: str, announcement: DiscoveryPayload, change: Change) -> None:
        """Remove everything that a topic announced, for good or until another topic announces
        it."""
        gone = [one for one, (_, old_topic) in self._migrating.items() if old_topic == topic]
        for component_id in gone:
            del self._migrating[component_id]
        for component_id in sorted(self._announced.forget(topic)):
            entity = self._components[component_id]
            if announcement.migrating and len(self._migrating) < MAX_MIGRATING:
                self._migrating[component_id] = entity.key, topic
            self._remove(component_id, entity)
            change.removed.append(entity)

    def _announce(self, topic: str, component: Component, mark: Mark, change: Change) -> None:
        component_id = (component.platform, component.discovery_id)
        known = self._components.get(component_id)
        if known is not None and known.spec.topic != topic:
            raise ConfigRefused(f"already announced on {known.spec.topic[:100]}")
        if component.config is None:
            if known is not None:
                self._announced.remove(topic, component_id)
                self._remove(component_id, known)
                change.removed.append(known)
            return
        check_templates(component.config)
        config = check_config(component.platform, component.config)
        if component.device is None and platform_class(component.platform).needs_device:
            raise ConfigRefused("a device trigger needs a device")
        spec = Spec(
            platform=component.platform,
            discovery_id=component.discovery_id,
            topic=topic,
            config=config,
            context=self.context,
            unique_id=_unique_id(component, config),
            origin=component.origin,
            component_key=component.key,
            mark=mark,
        )
        self._check_room(spec, component, known)
        self._join_device(spec, component)
        entity = build(spec)
        try:
            check_topics(entity)
        except ConfigRefused:
            if spec.device is not None and (known is None or known.spec.device is not spec.device):
                self._devices.leave(spec.device, spec.key)
            raise
        self._replace(component_id, known, entity)
        (change.updated if known is not None else change.added).append(entity)

    def _check_room(self, spec: Spec, component: Component, known: Entity | None) -> None:
        holder = self._entities.get(spec.key)
        if holder is not None and holder is not known:
            raise ConfigRefused(f"the unique id {str(spec.unique_id)[:60]!r} is already in use")
        if known is None and len(self._entities) >= self._max_entities:
            raise ConfigRefused(f"there are already {self._max_entities} entities")
        if component.device is not None and known is None:
            device = self._devices.find(component.device)
            if device is not None and len(device.entities) >= MAX_COMPONENTS:
                raise ConfigRefused(f"its device already has {MAX_COMPONENTS} entities")

    def _join_device(self, spec: Spec, component: Component) -> None:
        if component.device is None or spec.unique_id is None:
            return
        via_device = self._devices.join(component.via_device) if component.via_device else None
        spec.device = self._devices.join(component.device, via_device)

    # Bookkeeping ---------------------------------------------------------------------------

    def _replace(self, component_id: ComponentId, known: Entity | None, entity: Entity) -> None:
        """Add a new entity, or replace the one with its former config."""
        if known is not None:
            self._drop(component_id, known)
            entity.resume(known)
        device = entity.spec.device
        if device is not None and entity.key not in device.entities:
            device.entities.append(entity.key)
        if known is not None and known.spec.device not in (None, device):
            self._devices.leave(known.spec.device, known.key)
        entity.spec.entity_id = self._entity_ids.take(entity)
        self._entities[entity.key] = entity
        self._components[component_id] = entity
        self._migrating.pop(component_id, None)
        self._announced.add(entity.spec.topic, component_id)
        if entity.enabled:
            self._subscriptions.add(entity)

    def _remove(self, component_id: ComponentId, entity: Entity) -> None:
        self._drop(component_id, entity)
        if entity.spec.device is not None:
            self._devices.leave(entity.spec.device, entity.key)
        self.context.forget(entity.key)

    def _drop(self, component_id: ComponentId, entity: Entity) -> None:
        entity.gone = True
        self._components.pop(component_id, None)
        self._entities.pop(entity.key, None)
        self._entity_ids.give_back(entity.spec.entity_id)
        self._subscriptions.remove(entity)

    def _entity_id_of(self, unique_id: str) -> str | None:
        """The entity id of a device, for groups; the lowest rank where several have this id."""
        named = (self._entities.get((platform, unique_id)) for platform in platform_names())
        found = [one for one in named if one is not None and one.traits.is_device]
        if not found:
            return None
        return min(found, key=lambda entity: entity.traits.rank).spec.entity_id

    def _blocked(self, topic: str) -> str | None:
        return why_not_written(topic, self.prefix, self._own_topics)


def _unique_id(component: Component, config: dict[str, object]) -> str | None:
    unique_id = config.get("unique_id")
    if unique_id is not None:
        return str(unique_id)
    if not platform_class(component.platform).is_entity:
        return component.discovery_id
    return None
