"""Service calls: the data that they take, and the errors that refuse them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from satellite.homeassistant.config_schema import Check


class CallError(Exception):
    """A call that is refused.

    ``code`` and ``key`` are the error code and translation key of Home Assistant
    ("service_validation_error", "temp_out_of_range"); ``message`` is one plain English sentence.
    """

    def __init__(self, code: str, message: str, key: str | None = None) -> None:
        self.code = code
        self.message = message
        self.key = key
        super().__init__(message)


def invalid(message: str, key: str | None = None) -> CallError:
    """A value that Home Assistant refuses after its own checks."""
    return CallError("service_validation_error", message, key)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a platform.

    ``run(entity, data)`` queues the commands. ``fields`` check and convert the data (each raises
    ``ValueError``); ``required`` must be present. Of ``needs`` (sets of features) at least one
    set must be there completely, or the service is not supported by this device.
    """

    run: Callable[[Any, dict[str, Any]], None]
    fields: Mapping[str, Check] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    needs: tuple[frozenset[str], ...] = ()
    exclusive: tuple[frozenset[str], ...] = ()

    def offered_by(self, features: frozenset[str]) -> bool:
        return not self.needs or any(wanted <= features for wanted in self.needs)


def service(
    run: str | Callable[[Any, dict[str, Any]], None],
    *,
    needs: str | tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    exclusive: tuple[tuple[str, ...], ...] = (),
    **fields: Check,
) -> Service:
    """Declare a service in one line; ``"open+close"`` needs both features.

    ``run`` may be the name of a method of the entity that takes the data.
    """
    wanted = (needs,) if isinstance(needs, str) else needs
    return Service(
        _method(run) if isinstance(run, str) else run,
        fields,
        frozenset(required),
        tuple(frozenset(features.split("+")) for features in wanted),
        tuple(frozenset(group) for group in exclusive),
    )


def _method(name: str) -> Callable[[Any, dict[str, Any]], None]:
    return lambda entity, data: getattr(entity, name)(data)


def check_data(offered: Service, data: Mapping[str, Any]) -> dict[str, Any]:
    """Check the data of a call as the service's schema in Home Assistant does.

    Raises:
        CallError: with code ``invalid_format`` for unknown, missing, contradicting or bad values.
    """
    checked: dict[str, Any] = {}
    for name, value in data.items():
        check = offered.fields.get(name)
        if check is None:
            raise CallError("invalid_format", f"{name!r} is not a value of this service")
        try:
            checked[name] = check(value)
        except (ValueError, TypeError, OverflowError) as wrong:
            raise CallError("invalid_format", f"{name}: {wrong}") from wrong
    missing = offered.required - checked.keys()
    if missing:
        raise CallError("invalid_format", f"{', '.join(sorted(missing))} is missing")
    for group in offered.exclusive:
        given = group & checked.keys()
        if len(given) > 1:
            raise CallError("invalid_format", f"Give only one of {', '.join(sorted(given))}")
    return checked
