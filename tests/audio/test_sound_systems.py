"""Which modules know which sound system."""

from __future__ import annotations

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "satellite"
ALLOWED = (
    "audio/portaudio/",
    "cli/sound_system.py",  # chooses it
    "cli/doctor/checks.py",  # lists the packages that are installed
    "demo/",  # describes the sound server that stands in for cards
)


def test_a_sound_system_is_known_in_its_own_folder_only() -> None:
    known = re.compile("portaudio|pyaudio|paInt16", re.IGNORECASE)
    knowing = {
        place
        for module in PACKAGE.rglob("*.py")
        if known.search(module.read_text())
        and not (place := module.relative_to(PACKAGE).as_posix()).startswith(ALLOWED)
    }
    assert knowing == set()
