"""PyAudio's list of devices as ``AudioDevice``s."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from satellite.audio.backend import AudioDevice
from satellite.audio.cards.kernel import card_ids, card_number, listed_cards, usb_paths


def listed_devices(audio: Any) -> list[AudioDevice]:  # noqa: ANN401 - PyAudio has no types
    """The devices that a ``pyaudio.PyAudio`` found when it was made."""
    default_input = _default(audio.get_default_input_device_info)
    default_output = _default(audio.get_default_output_device_info)
    paths = usb_paths()
    ids = card_ids(listed_cards())
    found = []
    for index in range(audio.get_device_count()):
        info = audio.get_device_info_by_index(index)
        name = device_name(info)
        number = card_number(name)
        found.append(
            AudioDevice(
                index=index,
                name=name,
                inputs=int(info["maxInputChannels"]),
                outputs=int(info["maxOutputChannels"]),
                default_input=index == default_input,
                default_output=index == default_output,
                usb_path=paths.get(number, ""),
                card_id=ids.get(number, ""),
            )
        )
    return found


def device_name(info: dict[str, Any]) -> str:
    """The name as text: PyAudio gives bytes that are neither in the locale's encoding nor UTF-8."""
    name = info["name"]
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _default(info: Callable[[], dict[str, Any]]) -> int:
    try:
        return int(info()["index"])
    except OSError:
        return -1
