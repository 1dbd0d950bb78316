"""What of the settings reaches which part."""

from __future__ import annotations

import pytest

from satellite.app.wiring import link_config, local_voice
from satellite.settings import load_settings


@pytest.mark.parametrize(
    ("url", "voice", "started_with", "told_in_the_session"),
    [
        ("offline", "auto", "", ""),
        ("offline", "cedar", "", "cedar"),
        ("offline", "espeak", "espeak", ""),
        ("offline", "en_US-joe-medium", "en_US-joe-medium", ""),
        ("ws://127.0.0.1:8765/v1/realtime", "espeak", "", "espeak"),
    ],
)
def test_the_local_server_is_told_who_speaks_in_one_way(
    url: str, voice: str, started_with: str, told_in_the_session: str
) -> None:
    settings = load_settings(None, {"realtime": {"url": url, "voice": voice}})
    assert local_voice(settings) == started_with
    assert link_config(settings).voice == told_in_the_session
