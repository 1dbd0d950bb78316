"""Settings files of a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.refused import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "satellite.toml"
        path.write_text(text)
        return path

    return to_file
