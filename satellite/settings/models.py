"""The sections as models of pydantic-settings, for whatever ``plain`` does not take.

They take every spelling of a number, and report all that is wrong at once, each with its place.
Loading pydantic and making the models would take a third of each start, so it is done only when it
is needed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Annotated, Any, get_args, get_origin

import msgspec

# The search for pydantic plugins reads the metadata of every installed package: tens of
# milliseconds on a Raspberry Pi for something that we do not have.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic import create_model as create
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from satellite.settings.base import Check, FromText, Secret, hints_of, section_at
from satellite.settings.sections import Settings
from satellite.settings.sources import Nested, SettingsSource


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _SettingsSourceAdapter(PydanticBaseSettingsSource):
    """One of our sources, for pydantic-settings."""

    def __init__(self, settings_cls: type[BaseSettings], source: SettingsSource) -> None:
        super().__init__(settings_cls)
        self._source = source

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Required by pydantic-settings, and not used: ``__call__`` gives whole trees."""
        return self._source.values.get(field_name), field_name, False

    def __call__(self) -> Nested:
        return self._source.values


_sources: ContextVar[tuple[SettingsSource, ...]] = ContextVar("sources", default=())


class _Sourced(BaseSettings):
    model_config = SettingsConfigDict(
        extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Our sources, which know where each value stands, instead of the built-in ones."""
        return tuple(_SettingsSourceAdapter(settings_cls, source) for source in _sources.get())


def validated(sources: Sequence[SettingsSource]) -> Settings:
    """The settings. Raises pydantic's ``ValidationError`` with all that is wrong."""

    token = _sources.set(tuple(sources))
    try:
        model = create("Settings", __base__=_Sourced, **_fields(Settings))
        return Settings(**vars(model()))
    finally:
        _sources.reset(token)


def _fields(section: type[msgspec.Struct]) -> dict[str, Any]:
    hints = hints_of(section)
    return {
        field.name: (_hint(hints[field.name]), _default(field))
        for field in msgspec.structs.fields(section)
    }


def _default(field: msgspec.structs.FieldInfo) -> Any:  # noqa: ANN401
    if field.default_factory is not msgspec.NODEFAULT:
        return Field(default_factory=field.default_factory)
    return ... if field.required else field.default


def _hint(hint: Any) -> Any:  # noqa: ANN401
    """The annotation in the terms of pydantic."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[_hint(arguments[0]), *map(_mark, arguments[1:])]
    if hint is Secret:
        return Annotated[SecretStr, AfterValidator(lambda text: Secret(text.get_secret_value()))]
    if section := section_at(hint):
        model = create(section.__name__, __base__=_Table, **_fields(section))
        return Annotated[model, AfterValidator(lambda table: section(**vars(table)))]
    return origin[tuple(map(_hint, arguments))] if origin in (tuple, dict) else hint


def _mark(mark: object) -> object:
    match mark:
        case Check(run):
            return AfterValidator(run)
        case FromText(read):
            return BeforeValidator(read)
        case msgspec.Meta():
            limits = ("ge", "le", "multiple_of", "min_length", "max_length")
            return Field(**{name: getattr(mark, name) for name in limits})
        case _:
            raise TypeError(mark)
