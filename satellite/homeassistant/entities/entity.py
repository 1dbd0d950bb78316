"""An entity of Home Assistant: what every platform shares.

An ``Entity`` is built from one validated discovery config, takes the messages of its topics, and
turns a service call of Home Assistant (``turn_on`` with ``{"brightness_pct": 40}``) into the
messages that Home Assistant would publish. It never opens a socket and never reads a clock:
``now_s`` comes with each message and is any steadily rising number of seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from satellite.homeassistant.config_schema import Schema
from satellite.homeassistant.crash_record import working_at
from satellite.homeassistant.effects import Publish
from satellite.homeassistant.entities.observed import NOT_UNDERSTOOD, Observed
from satellite.homeassistant.services.commands import CommandList
from satellite.homeassistant.services.service import CallError, Service, check_data
from satellite.homeassistant.templates.errors import TemplateFailed
from satellite.homeassistant.templates.value import MessageDropped

MAX_TEXT_STATE = 255
"""Home Assistant refuses longer states; texts beyond that are cut."""


class Entity(Observed):
    """One entity of Home Assistant.

    Reading it:
      who it is: ``key`` (platform, unique id), ``platform``, ``unique_id``, ``name`` (as a person
      says it), ``friendly_name`` (as Home Assistant shows it), ``entity_name`` (None: named like
      its device), ``device_name``, ``area``, ``category`` (None, "config", "diagnostic"),
      ``enabled``, ``hidden``, ``device_class``, ``origin`` (name of the publishing program);
      what is known of it: ``available``, ``state`` (None: unknown), ``attributes``,
      ``assumed_state``, ``last_changed_s``, ``last_reported_s``, ``retained_only`` (known only
      from a retained message), ``deadline_s`` (when ``tick`` has something to do).

    Using it:
      ``topics()``, ``receive()``, ``call()``, ``features()``, ``supports()``.
    """

    schema: ClassVar[Schema] = Schema({})
    services: ClassVar[Mapping[str, Service]] = {}
    is_entity: ClassVar[bool] = True
    """False for device triggers and tags: they take messages, but have no entity in Home
    Assistant."""
    needs_device: ClassVar[bool] = False
    """Whether it is refused without a device block."""
    _out: CommandList
    """The commands of the call in progress; the attribute exists only during a call."""

    @classmethod
    def variant(cls, config: Mapping[str, Any]) -> type[Entity]:  # noqa: ARG003
        """The class for this config: lights have three, infrared two."""
        return cls

    def needs_code(self, services: Iterable[str]) -> bool:  # noqa: ARG002
        """Whether the device refuses one of these services without a code."""
        return False

    @property
    def judges_code(self) -> bool:
        """Whether only the device can tell if a code is right; otherwise it is compared here."""
        return False

    def command_topics(self) -> tuple[str, ...]:
        """Every topic to which commands of this entity are published."""
        return tuple(
            topic for key in self.schema.command_keys if (topic := self.config.get(key)) is not None
        )

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
                Assistant's, its message is for the user.
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
        with working_at(self.spec.context.crash_record, self.spec.mark, CallError):
            return self._run(offered, service, checked)

    def _run(self, offered: Service, service: str, checked: dict[str, Any]) -> list[Publish]:
        out = self._out = CommandList(self.config, self.spec.context.blocked_topic)
        try:
            offered.run(self, checked)
        except (MessageDropped, TemplateFailed) as failed:
            raise self._template_failed(failed) from failed
        except NOT_UNDERSTOOD as wrong:
            self.report(f"{service} cannot be done: {wrong!r}"[:300])
            raise CallError("unknown_error", f"{self.name} cannot do that") from wrong
        finally:
            del self._out  # a call that was refused half-way sends nothing
        return out.messages

    def _template_failed(self, failed: Exception) -> CallError:
        said = f"The command template of {self.name} fails: {failed}"
        if isinstance(failed, MessageDropped):
            return CallError("home_assistant_error", said)
        self.report(f"a command template fails: {failed}")
        return CallError("service_validation_error", said, "command_template_error")

    def send(self, topic: str | None, payload: str | bytes | None) -> None:
        """Queue one command of the call; nothing happens without a topic or without a payload."""
        self._out.add(topic, payload)
