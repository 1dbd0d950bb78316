"""The whole ``Settings``, and reading them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from satellite.errors import SettingsError
from satellite.settings import keys
from satellite.settings.explain import explain, is_secret, unknown_variables
from satellite.settings.home import HomeSection
from satellite.settings.sections import (
    AudioSection,
    ListenSection,
    MqttSection,
    RealtimeSection,
    SatelliteSection,
    SpendingSection,
)
from satellite.settings.sources import (
    CredentialFiles,
    EmptySections,
    Environment,
    Flags,
    Source,
    TomlFile,
    credentials_folder,
    leaves,
)

DEFAULT_CONFIG = Path("/etc/satellite/satellite.toml")

_sources: ContextVar[tuple[Source, ...]] = ContextVar("sources", default=())


class Settings(BaseSettings):
    """Everything that a person can set. Made by ``load_settings``; plain ``Settings()`` reads
    nothing and holds the defaults."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    satellite: SatelliteSection = Field(default_factory=SatelliteSection)
    realtime: RealtimeSection = Field(default_factory=RealtimeSection)
    audio: AudioSection = Field(default_factory=AudioSection)
    listen: ListenSection = Field(default_factory=ListenSection)
    mqtt: MqttSection = Field(default_factory=MqttSection)
    home: HomeSection = Field(default_factory=HomeSection)
    spending: SpendingSection = Field(default_factory=SpendingSection)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ours, which remember where each value stands, in place of the built-in ones."""
        return (init_settings, *_sources.get(), EmptySections(settings_cls))


def load_settings(
    config: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    key_needed: bool = True,
) -> Settings:
    """Reads all sources.

    ``config`` is a file that must exist, or None for ``DEFAULT_CONFIG`` if there is one;
    ``overrides`` are nested dictionaries of section and name. With ``key_needed`` a cloud
    server without a key is an error too (commands that never call the server do without).

    Raises ``SettingsError`` with everything that is wrong.
    """
    flags = dict(overrides or {})
    if secrets := [".".join(at) for at in leaves(flags) if is_secret(at, Settings)]:
        raise SettingsError(
            f"{secrets[0]} is a secret, and every user of this machine can read command lines.",
            do="Give it in the environment or as a credential file.",
        )
    environment = Environment(Settings, os.environ)
    sources = (
        Flags(Settings, flags),
        environment,
        CredentialFiles(Settings, credentials_folder()),
        TomlFile(Settings, config or DEFAULT_CONFIG, named=config is not None),
    )
    kept_back = keys.assign(sources)
    problems = list(unknown_variables(environment, Settings))
    token = _sources.set(sources)
    try:
        settings = Settings()
    except ValidationError as error:
        problems += explain(error, Settings, sources)
    finally:
        _sources.reset(token)
    if problems:
        raise SettingsError(_together(problems))
    settings.realtime.keep_back(kept_back)
    if key_needed:
        check_key(settings)
    return settings


def secrets_of(settings: Settings) -> list[str]:
    """The values that no log line may show."""
    return list(_secrets(settings))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets(inner)


def check_key(settings: Settings) -> None:
    """Raises ``SettingsError`` when the server surely wants a key and there is none for it."""
    keys.check(settings.realtime)


def _together(problems: list[str]) -> str:
    if len(problems) == 1:
        return f"The settings are wrong: {problems[0]}"
    listed = "".join(f"\n  - {problem}" for problem in problems)
    return f"The settings are wrong in {len(problems)} places:{listed}"
