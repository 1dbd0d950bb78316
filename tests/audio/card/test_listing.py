"""What ``satellite devices`` tells of a card: all that it may be named by, and its channels."""

from __future__ import annotations

from satellite.audio.card.devices import Device, choose
from satellite.audio.card.listing import describe
from tests.audio.made_up import MadeUpCards, Rates

ARRAY = Device(
    0,
    "ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:6,0)",
    inputs=6,
    default_input=True,
    usb_path="usb-3f980000.usb-1.2",
    card_id="ArrayUAC10",
)
SERVER = Device(1, "pulse", inputs=32)


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
