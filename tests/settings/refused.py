"""What a person is told whose settings cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from satellite.core.errors import EXIT_CONFIG, SettingsError
from satellite.settings import load_settings

Write = Callable[[str], Path]
"""Writes a settings file and says where it is: the fixture ``write``."""


def refusal(config: Path | None = None, overrides: dict[str, Any] | None = None) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(config, overrides)
    assert refused.value.exit_status == EXIT_CONFIG
    return str(refused.value)
