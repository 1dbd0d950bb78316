"""Reads the settings from all sources."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from satellite.core.errors import SettingsError
from satellite.settings import keys
from satellite.settings.base import Secret, Section, secret_at
from satellite.settings.plain import plain
from satellite.settings.sections import Settings
from satellite.settings.sources import (
    CredentialFiles,
    Environment,
    Flags,
    Nested,
    SettingsSource,
    TomlFile,
    credentials_folder,
    leaves,
    merged,
)

DEFAULT_CONFIG = Path("/etc/satellite/satellite.toml")


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
    if secrets := [".".join(at) for at in leaves(flags) if secret_at(at, Settings)]:
        raise SettingsError(
            f"{secrets[0]} is a secret, and every user of this machine can read command lines.",
            do="Give it in the environment or as a credential file.",
        )
    environment = Environment(os.environ)
    credentials = CredentialFiles(credentials_folder())
    sources = (
        Flags(flags),
        environment,
        credentials,
        TomlFile(config or DEFAULT_CONFIG, named=config is not None),
    )
    withheld_key = keys.assign(sources)
    tree = merged(sources)
    settings = plain(tree)
    if settings is None or environment.without_section:
        settings = _validated(sources, environment)
    _note_given(settings, tree)
    settings.realtime.withhold_key(withheld_key)
    for server in settings.realtime.mcp:
        if not server.authorization.get_secret_value():
            server.choose("authorization", Secret(credentials.mcp_authorization(server.label)))
    if key_needed:
        check_key(settings)
    return settings


def _validated(sources: Sequence[SettingsSource], environment: Environment) -> Settings:
    """The settings by pydantic, or ``SettingsError`` with everything that is wrong."""
    from pydantic import ValidationError

    from satellite.settings.explain import explain, unknown_variables
    from satellite.settings.models import validated

    problems = list(unknown_variables(environment, Settings))
    try:
        settings = validated(sources)
    except ValidationError as error:
        problems += explain(error, Settings, sources)
    if problems:
        raise SettingsError(_message(problems))
    return settings


def _note_given(section: Section, tree: Nested) -> None:
    section.note_given(tree)
    for name in tree:
        below = getattr(section, name)
        if isinstance(below, Section):
            _note_given(below, tree[name])


def secrets_of(settings: Settings) -> list[str]:
    """The values that no log line may show."""
    return list(_secrets(settings))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.get_secret_value()
    elif isinstance(value, Section):
        for name in value.__struct_fields__:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _secrets(inner)


def check_key(settings: Settings) -> None:
    """Raises ``SettingsError`` when the server surely wants a key and there is none for it."""
    keys.check(settings.realtime)


def _message(problems: list[str]) -> str:
    if len(problems) == 1:
        return f"The settings are wrong: {problems[0]}"
    listed = "".join(f"\n  - {problem}" for problem in problems)
    return f"The settings are wrong in {len(problems)} places:{listed}"
