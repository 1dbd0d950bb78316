"""Names of ALSA and of people, on cards as PortAudio and the kernel of a Raspberry Pi list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from satellite.audio.backend import AudioDevice, Direction
from satellite.audio.cards.devices import choose
from satellite.audio.portaudio import inventory
from satellite.audio.portaudio.inventory import listed_devices

CARDS = """\
 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 1 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 2 [vc4hdmi1       ]: vc4-hdmi - vc4-hdmi-1
                      vc4-hdmi-1
 3 [sndrpihifiberry]: HifiberryDac - snd_rpi_hifiberry_dac
                      snd_rpi_hifiberry_dac
 4 [Device         ]: USB-Audio - USB PnP Sound Device
                      C-Media Electronics Inc. USB PnP Sound Device at usb-3f980000.usb-1.5, full
 5 [Device_1       ]: USB-Audio - USB PnP Sound Device
                      C-Media Electronics Inc. USB PnP Sound Device at usb-3f980000.usb-1.3, full
 6 [ArrayUAC10     ]: USB-Audio - ReSpeaker 4 Mic Array (UAC1.0)
                      SEEED ReSpeaker 4 Mic Array (UAC1.0) at usb-3f980000.usb-1.2, high speed
"""
USB_PATHS = {4: "usb-3f980000.usb-1.5", 5: "usb-3f980000.usb-1.3", 6: "usb-3f980000.usb-1.2"}
LISTED = [
    ("bcm2835 Headphones: - (hw:0,0)", 0, 8),
    ("vc4-hdmi-0: MAI PCM i2s-hifi-0 (hw:1,0)", 0, 8),
    ("vc4-hdmi-1: MAI PCM i2s-hifi-0 (hw:2,0)", 0, 8),
    ("snd_rpi_hifiberry_dac: HifiBerry DAC HiFi pcm5102a-hifi-0 (hw:3,0)", 0, 2),
    ("USB PnP Sound Device: Audio (hw:4,0)", 1, 2),
    ("USB PnP Sound Device: Audio (hw:5,0)", 1, 2),
    ("ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:6,0)", 6, 2),
    ("sysdefault", 0, 128),
    ("dmix", 0, 2),
    ("default", 128, 128),
]


@dataclass
class PyAudioOfAPi:
    """What is used of ``pyaudio.PyAudio`` for its list."""

    def get_device_count(self) -> int:
        return len(LISTED)

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        name, inputs, outputs = LISTED[index]
        return {
            "index": index,
            "name": name,
            "maxInputChannels": inputs,
            "maxOutputChannels": outputs,
        }

    def get_default_input_device_info(self) -> dict[str, Any]:
        return self.get_device_info_by_index(9)

    def get_default_output_device_info(self) -> dict[str, Any]:
        return self.get_device_info_by_index(9)


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> list[AudioDevice]:
    monkeypatch.setattr(inventory, "listed_cards", lambda: CARDS)
    monkeypatch.setattr(inventory, "usb_paths", lambda: USB_PATHS)
    return listed_devices(PyAudioOfAPi())


@pytest.mark.parametrize(
    ("wanted", "direction", "index"),
    [
        ("", "input", 9),
        ("hw:CARD=Device,DEV=0", "input", 4),
        ("hw:CARD=Device_1,DEV=0", "input", 5),
        ("plughw:CARD=Device_1,DEV=0", "output", 5),
        ("sysdefault:CARD=Device", "input", 4),
        ("hw:ArrayUAC10", "input", 6),
        ("ReSpeaker", "input", 6),
        ("usb-3f980000.usb-1.5", "input", 4),
        ("hw:CARD=Headphones,DEV=0", "output", 0),
        ("headphones", "output", 0),
        ("hdmi:CARD=vc4hdmi1,DEV=0", "output", 2),
        ("vc4-hdmi-0", "output", 1),
        ("hw:CARD=sndrpihifiberry,DEV=0", "output", 3),
        ("HifiBerry", "output", 3),
        ("hw:3", "output", 3),
        ("hw:3,0", "output", 3),
        ("default", "output", 9),
    ],
)
def test_each_name_of_a_card_finds_it(
    devices: list[AudioDevice], wanted: str, direction: Direction, index: int
) -> None:
    choice = choose(devices, wanted, direction)
    assert choice.device.index == index
    assert choice.others == ()
    assert ("by its number" in choice.note) == wanted.startswith("hw:3")


def test_an_id_that_is_not_there_is_not_taken_for_a_longer_one(devices: list[AudioDevice]) -> None:
    with pytest.raises(Exception, match="No microphone is called “hw:CARD=Dev”"):
        choose(devices, "hw:CARD=Dev", "input")
    with pytest.raises(Exception, match="No microphone is called “hw:CARD=Device,DEV=1”"):
        choose(devices, "hw:CARD=Device,DEV=1", "input")


def test_of_two_equal_cards_the_lower_socket_is_taken_whatever_their_numbers(
    devices: list[AudioDevice], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower = choose(devices, "USB PnP", "input")
    assert lower.device.usb_path == "usb-3f980000.usb-1.3"
    assert "usb-3f980000.usb-1.3" in lower.note
    swapped = {4: USB_PATHS[5], 5: USB_PATHS[4]}
    monkeypatch.setattr(inventory, "usb_paths", lambda: swapped)
    after_a_restart = choose(listed_devices(PyAudioOfAPi()), "USB PnP", "input")
    assert after_a_restart.device.usb_path == lower.device.usb_path
    assert after_a_restart.device.name != lower.device.name


def test_where_the_kernels_list_is_hidden_names_still_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a container; an id cannot be known there."""
    monkeypatch.setattr(inventory, "listed_cards", str)
    monkeypatch.setattr(inventory, "usb_paths", dict)
    devices = listed_devices(PyAudioOfAPi())
    assert choose(devices, "USB PnP", "input").device.index == 4
    with pytest.raises(Exception, match="“ReSpeaker 4 Mic Array"):
        choose(devices, "hw:CARD=Device", "input")
