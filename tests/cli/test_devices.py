"""What ``satellite devices`` tells of a card: all that it may be named by, and its channels."""

from __future__ import annotations

import re

import pytest

from satellite.audio.backend import AudioDevice, Direction
from satellite.audio.cards.devices import choose
from satellite.cli.devices import describe
from tests.audio.made_up import MadeUpCards, Rates

ARRAY = AudioDevice(
    0,
    "ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:6,0)",
    inputs=6,
    default_input=True,
    usb_path="usb-3f980000.usb-1.2",
    card_id="ArrayUAC10",
)
SERVER = AudioDevice(1, "pulse", inputs=32)


def test_each_thing_that_is_shown_names_the_card() -> None:
    can = {ARRAY.name: Rates((16_000,), 1, 6), SERVER.name: Rates((24_000, 48_000), 1, 32)}
    told = describe(MadeUpCards([ARRAY, SERVER], can))
    assert told == (
        "Microphones (audio.input)\n"
        "* ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:6,0)\n"
        "      mono 16 kHz; stereo 16 kHz; 6 channels 16 kHz\n"
        "      hw:CARD=ArrayUAC10,DEV=0\n"
        "      usb-3f980000.usb-1.2\n"
        "  pulse\n"
        "      mono 24, 48 kHz; stereo 24, 48 kHz\n"
        "\n"
        "Loudspeakers (audio.output)\n"
        "  none found"
    )
    for name in told.splitlines()[1:5:1]:
        if "kHz" not in name:
            assert choose([SERVER, ARRAY], name.strip("* "), "input").device is ARRAY


PI = [
    AudioDevice(0, "vc4-hdmi-0: MAI PCM i2s-hifi-0 (hw:0,0)", outputs=2, card_id="vc4hdmi0"),
    AudioDevice(1, "vc4-hdmi-1: MAI PCM i2s-hifi-0 (hw:1,0)", outputs=2, card_id="vc4hdmi1"),
    AudioDevice(2, "bcm2835 Headphones: - (hw:2,0)", outputs=8, card_id="Headphones"),
    AudioDevice(3, "USB Audio Device: - (hw:3,0)", 1, 2, usb_path="usb-x-1.2", card_id="Device"),
    AudioDevice(4, "USB Audio Device: - (hw:4,0)", 1, 2, usb_path="usb-x-1.1", card_id="Device_1"),
    AudioDevice(5, "default", 32, 32, default_input=True, default_output=True),
]
RATES = re.compile(r"mono|stereo|busy|[0-9]+ channels")


@pytest.mark.parametrize(("direction", "section"), [("input", 0), ("output", 1)])
def test_every_name_it_shows_finds_its_device_word_for_word(
    direction: Direction, section: int
) -> None:
    """Also of two equal cards: what a person copies from here is what they get."""
    _, *lines = describe(MadeUpCards(PI)).split("\n\n")[section].splitlines()
    found: dict[int, list[AudioDevice]] = {}
    at = -1
    for line in lines:
        at += not line.startswith("      ")
        name = line[2:].strip()
        if not RATES.match(name):
            found.setdefault(at, []).append(choose(PI, name, direction).device)
    meant = [device for device in PI if device.serves(direction)]
    names = [1 + bool(device.alsa_name) + bool(device.usb_path) for device in meant]
    assert list(found.values()) == [[device] * n for device, n in zip(meant, names, strict=True)]
