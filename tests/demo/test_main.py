"""What is refused before the curtain rises."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from satellite.core.errors import SettingsError
from satellite.demo.main import main


@pytest.mark.parametrize("name", ["", "no-such-folder/scene.wav"])
def test_a_recording_that_cannot_be_written_is_refused_before_the_scene(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        main(argparse.Namespace(wav=tmp_path / name))
