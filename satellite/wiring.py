"""Turns settings into the plain values that each room takes; the rooms do not know settings."""

from __future__ import annotations

from satellite.home.functions.policy import OwnFunction, Rules
from satellite.settings import Settings


def home_rules(settings: Settings) -> Rules:
    """What the model may see and do, from the section ``home``."""
    home = settings.home
    return Rules(
        include=home.include,
        exclude=home.exclude,
        read_only=home.read_only,
        entity_categories=home.entity_categories,
        aliases=home.aliases,
        areas=home.areas,
        confirm=home.confirm,
        confirm_timeout_s=home.confirm_timeout_s,
        answer_timeout_s=home.answer_timeout_s,
        rate_limit_per_minute=home.rate_limit_per_minute,
        pin=home.pin.get_secret_value(),
        codes={name: code.get_secret_value() for name, code in home.codes.items()},
        own_functions=tuple(
            OwnFunction(
                name=own.name,
                description=own.description,
                topic=own.topic,
                parameters=own.parameters,
                payload=own.payload,
                answer_topic=own.answer_topic,
                qos=own.qos,
                retain=own.retain,
                confirm=own.confirm,
            )
            for own in home.functions
        ),
    )
