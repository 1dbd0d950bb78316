"""With which rate and how many channels a card is opened."""

from __future__ import annotations

import pytest

from satellite.audio.backend import AudioDevice, CardError
from satellite.audio.cards.format import find_format
from tests.audio.made_up import MadeUpCards, Rates


def opened(can: Rates, *, inputs: int, channel: int = 0) -> tuple[int, int]:
    """At how many Hz and with how many channels."""
    cards = MadeUpCards([AudioDevice(0, "array", inputs=inputs)], {"array": can})
    found = find_format(cards, "array", "input", rate_hz=0, block_ms=20, channel=channel)
    assert found.frames == found.rate_hz // 50
    return found.rate_hz, found.channels


@pytest.mark.parametrize(
    ("can", "inputs", "channel", "expected"),
    [
        (Rates((48_000,), 1, 1), 1, 0, (48_000, 1)),
        (Rates((44_100,), 2, 2), 2, 0, (44_100, 2)),
        (Rates((16_000,), 1, 6), 6, 0, (16_000, 1)),
        (Rates((16_000,), 6, 6), 6, 0, (16_000, 6)),
        (Rates((16_000,), 1, 6), 6, 5, (16_000, 5)),
        (Rates((16_000,), 6, 6), 6, 2, (16_000, 6)),
        (Rates((24_000, 48_000), 1, 2), 2, 2, (24_000, 2)),
    ],
)
def test_as_few_channels_as_hold_the_one_that_is_heard(
    can: Rates, inputs: int, channel: int, expected: tuple[int, int]
) -> None:
    assert opened(can, inputs=inputs, channel=channel) == expected


def test_a_channel_that_the_card_has_not_is_told() -> None:
    with pytest.raises(CardError, match=r"“array” has no channel 7 .*, only 6"):
        opened(Rates((16_000,), 1, 6), inputs=6, channel=7)


def test_a_card_that_does_nothing_of_it_is_told() -> None:
    with pytest.raises(CardError, match="cannot be opened"):
        opened(Rates((11_025,), 1, 6), inputs=6)
