"""What every section of the settings is made of."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

DEEP = "brackets within brackets without an end"
"""What no parser follows down."""


def listed(value: object) -> object:
    """``"a, b"`` and ``'["a", "b"]'`` are how the environment spells a list."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return from_json(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def from_json(value: object) -> object:
    """Tables and lists of tables come as JSON from the environment."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from None
    except RecursionError:
        raise ValueError(f"is not valid JSON: {DEEP}") from None


Names = Annotated[tuple[str, ...], BeforeValidator(listed)]


class Section(BaseModel):
    """One table of the TOML file. Nothing unknown, nothing changed after loading.

    ``defer_build`` saves a validator per section: only the whole ``Settings`` is ever validated.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True
    )

    def choose(self, name: str, value: object) -> None:
        """Fills in what was left to us; the model is frozen for everybody else."""
        object.__setattr__(self, name, value)
