"""Which device the words of a person mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.backend import AudioDevice
from satellite.audio.cards.devices import DeviceMissingError, choose

CARDS = [
    AudioDevice(
        0, "USB Audio Device: - (hw:1,0)", inputs=1, outputs=2, usb_path="usb-0000:01:00.0-1.2"
    ),
    AudioDevice(
        1, "USB Audio Device: - (hw:2,0)", inputs=1, outputs=2, usb_path="usb-0000:01:00.0-1.3"
    ),
    AudioDevice(2, "bcm2835 Headphones: - (hw:0,0)", outputs=8, default_output=True),
    AudioDevice(3, "usb", inputs=2),
    AudioDevice(4, "default", inputs=32, outputs=32, default_input=True),
]


@pytest.mark.parametrize(
    ("wanted", "direction", "index", "others"),
    [
        ("", "input", 4, 0),
        ("", "output", 2, 0),
        ("  default ", "output", 4, 0),
        ("usb", "input", 3, 0),
        ("USB", "output", 0, 1),
        ("usb audio", "input", 0, 1),
        ("headphones", "output", 2, 0),
        ("usb-0000:01:00.0-1.3", "input", 1, 0),
        ("0000:01:00.0-1.3", "output", 1, 0),
    ],
)
def test_what_words_mean(wanted: str, direction: str, index: int, others: int) -> None:
    choice = choose(CARDS, wanted, direction)  # type: ignore[arg-type]
    assert choice.device.index == index
    assert len(choice.others) == others
    assert bool(choice.note) == bool(others)


def test_an_ambiguous_name_says_which_was_taken() -> None:
    assert "took “USB Audio Device: - (hw:1,0)”" in choose(CARDS, "audio", "input").note


@pytest.mark.parametrize(
    "wanted", ["USB PnP Sound: Audio (hw:1,0)", "usb pnp sound: audio (hw:1,0) "]
)
def test_a_name_from_before_a_reboot_is_not_the_card_that_has_its_number_now(wanted: str) -> None:
    swapped = [
        AudioDevice(0, "HDMI: Audio (hw:1,0)", inputs=1),
        AudioDevice(1, "USB PnP Sound: Mixer (hw:2,1)", inputs=1),
        AudioDevice(2, "USB PnP Sound: Audio (hw:2,0)", inputs=1),
    ]
    choice = choose(swapped, wanted, "input")
    assert choice.device.index == 2
    assert choice.note == ""


def test_of_two_cards_with_one_name_it_is_said_how_to_tell_them_apart() -> None:
    choice = choose(CARDS, "USB Audio Device: - (hw:2,0)", "input")
    assert choice.device.index == 1
    assert "not “USB Audio Device: - (hw:1,0)”" in choice.note
    assert "usb-0000:01:00.0-1.3" in choice.note


def test_a_bare_number_works_and_is_warned_about() -> None:
    choice = choose(CARDS, "hw:0", "output")
    assert choice.device.index == 2
    assert "may be another card's after a restart" in choice.note


def test_a_missing_device_names_those_present() -> None:
    with pytest.raises(DeviceMissingError, match=r"“Jabra”.*“usb”, “default”"):
        choose(CARDS, "Jabra", "input")


def test_an_output_is_no_microphone() -> None:
    with pytest.raises(DeviceMissingError, match="No microphone is called “headphones”"):
        choose(CARDS, "headphones", "input")


def test_no_card_at_all_is_said() -> None:
    with pytest.raises(DeviceMissingError, match="No loudspeaker is here"):
        choose([], "", "output")


@given(st.permutations(CARDS), st.sampled_from(["", "usb", "usb audio", "audio", "hw:"]))
def test_the_order_of_the_list_does_not_matter(cards: list[AudioDevice], wanted: str) -> None:
    assert choose(cards, wanted, "input") == choose(CARDS, wanted, "input")
