"""What is said aloud of a message that was written to be read."""

from __future__ import annotations

import pytest

from satellite.conversation.spoken_texts import for_speech


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        (
            "wss://api.openai.com/v1/realtime refuses the connection.",
            "api.openai.com refuses the connection.",
        ),
        ("ws://me:pa55@10.0.0.2:8000/?token=t is away.", "10.0.0.2 is away."),
        ("Set OPENAI_API_KEY or `realtime.model`.", "Set OPENAI API KEY or realtime.model."),
        ("The key is wrong (HTTP 401).", "The key is wrong (HTTP 401)."),
    ],
)
def test_addresses_and_names_are_made_speakable(written: str, spoken: str) -> None:
    assert for_speech(written) == spoken
