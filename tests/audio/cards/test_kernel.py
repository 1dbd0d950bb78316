"""What the kernel's files say about sound cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from satellite.audio.cards.kernel import (
    _read_usb_paths,
    card_entry,
    card_ids,
    card_number,
)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("USB Audio Device: - (hw:1,0)", 1),
        ("bcm2835 Headphones: - (hw:10,3)", 10),
        ("default", -1),
        ("sysdefault", -1),
        ("odd (hw:x,0)", -1),
    ],
)
def test_a_name_tells_its_card(name: str, number: int) -> None:
    assert card_number(name) == number


def test_the_usb_path_of_each_card(tmp_path: Path) -> None:
    for card, head in {
        "card0": "bcm2835 Headphones at 3f00b840.mailbox",
        "card1": "C-Media USB Audio Device at usb-0000:01:00.0-1.2, full speed : USB Audio",
        "card12": "Jabra, at home at usb-fe9c0000.xhci-1.1.4, high speed : USB Audio",
    }.items():
        (tmp_path / card).mkdir()
        (tmp_path / card / "stream0").write_text(head + "\n\nPlayback:\n")
    (tmp_path / "card3").mkdir()
    assert dict(_read_usb_paths(tmp_path)) == {
        1: "usb-0000:01:00.0-1.2",
        12: "usb-fe9c0000.xhci-1.1.4",
    }


def test_what_the_kernel_tells_of_one_card() -> None:
    cards = (
        " 1 [Device         ]: USB-Audio - USB Audio Device\n"
        "                      C-Media USB Audio Device at usb-0000:01:00.0-1.2, full speed\n"
        "11 [Loopback       ]: Loopback - Loopback\n"
        "                      Loopback 1 [\n"
    )
    assert card_entry(cards, 1).endswith("usb-0000:01:00.0-1.2, full speed")
    assert "Loopback 1 [" in card_entry(cards, 11)
    assert card_entry(cards, 2) == card_entry("", 1) == card_entry(cards, -1) == ""


def test_the_id_of_each_card() -> None:
    cards = """\
 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                      vc4-hdmi
11 [Device_1       ]: USB-Audio - USB Audio [Device]
                      Somebody's USB Audio at usb-0000:01:00.0-1.2, full speed
"""
    assert card_ids(cards) == {0: "vc4hdmi", 11: "Device_1"}
    assert card_ids("--- no soundcards ---\n") == card_ids("") == {}
