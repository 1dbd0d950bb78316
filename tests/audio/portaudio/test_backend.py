"""PortAudio as a sound system: which card it opens, and how its streams end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from satellite.audio.backend import AudioDevice, CardError, Format
from satellite.audio.portaudio import backend
from satellite.audio.portaudio.backend import PortAudio
from satellite.audio.portaudio.input import CONTINUE, InputCallback, PortAudioInput

CARDS = """\
 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                      vc4-hdmi
 1 [Device         ]: USB-Audio - USB Audio Device
                      C-Media Inc. USB Audio Device at usb-0000:01:00.0-1.2, full speed
"""


@dataclass
class Shelf:
    """PyAudio with two cards, as PortAudio saw them when it was initialised."""

    names: tuple[str | bytes, ...] = ("vc4-hdmi: - (hw:0,0)", "USB Audio Device: - (hw:1,0)")
    opened: list[object] = field(default_factory=list)

    def get_device_count(self) -> int:
        return len(self.names)

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        name = self.names[index]
        return {"index": index, "name": name, "maxInputChannels": 1, "maxOutputChannels": 2}

    def get_default_input_device_info(self) -> dict[str, Any]:
        raise OSError("No Default Input Device Available")

    get_default_output_device_info = get_default_input_device_info

    def open(self, **wish: object) -> object:
        self.opened.append(wish["input_device_index"])
        return object()


TIMES = {"current_time": 1.0, "input_buffer_adc_time": 0.9}


class Sounding:
    """A stream whose thread calls back until it is told that this was the last time."""

    def __init__(self, callback: InputCallback, *, dead: bool = False) -> None:
        self.closed_while_active = False
        self._callback = callback
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._call, daemon=True)
        if not dead:
            self._thread.start()
        self._dead = dead

    def _call(self) -> None:
        while self._callback(b"", 240, TIMES, 0)[1] == CONTINUE:
            time.sleep(0.005)
        self._over.set()

    def is_active(self) -> bool:
        return not self._over.is_set()

    def close(self) -> None:
        self.closed_while_active = self.is_active()


@pytest.mark.parametrize("by_the_end", [False, True], ids=["closed", "ended"])
@pytest.mark.parametrize("dead", [False, True], ids=["alive", "dead"])
def test_a_thread_that_calls_back_is_not_cancelled_in_the_middle(
    monkeypatch: pytest.MonkeyPatch, dead: bool, by_the_end: bool
) -> None:
    """With a lock of the interpreter in its hands all others would wait for ever."""
    opened: list[Sounding] = []

    class Cards(Shelf):
        def open(self, **wish: Any) -> Sounding:  # noqa: ANN401 - PyAudio's
            opened.append(Sounding(wish["stream_callback"], dead=dead))
            return opened[-1]

        def terminate(self) -> None:
            assert [one.closed_while_active for one in opened] == [dead]

    audio = PortAudio()
    audio._pyaudio, audio._cards = Cards(), CARDS
    monkeypatch.setattr(backend, "listed_cards", lambda: CARDS)
    fmt = Format(AudioDevice(0, "vc4-hdmi: - (hw:0,0)", outputs=2), 48_000, 2, 240)
    stream = audio.open_input(fmt, lambda *_: None)
    if not by_the_end:
        stream.close()
    audio.close()
    assert [one.closed_while_active for one in opened] == [dead]


def test_a_block_comes_with_its_times_and_with_what_was_lost_before_it() -> None:
    blocks: list[tuple[object, ...]] = []
    callback = InputCallback(lambda *block: blocks.append(block))
    for flags in (0, 2):
        assert callback(b"\1\0", 1, TIMES, flags) == (None, CONTINUE)
    callback.ending = True
    assert callback(None, 0, TIMES, 0)[1] != CONTINUE
    assert blocks == [(b"\1\0", 1.0, 0.9, False), (b"\1\0", 1.0, 0.9, True), (b"", 1.0, 0.9, False)]


class Broken:
    """A stream that PortAudio no longer knows."""

    def is_active(self) -> bool:
        raise OSError("Stream closed")

    start_stream = close = is_active


def test_a_stream_that_portaudio_no_longer_knows_is_not_active_and_can_be_closed() -> None:
    """Asked whether it runs, it raised, and that ended the process."""
    stream = PortAudioInput(Broken(), InputCallback(lambda *_: None))  # type: ignore[arg-type]
    assert not stream.active()
    stream.close()


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> tuple[PortAudio, Shelf]:
    audio, library = PortAudio(), Shelf()
    audio._pyaudio, audio._cards = library, CARDS
    monkeypatch.setattr(backend, "listed_cards", lambda: CARDS)
    return audio, library


def open_usb(audio: PortAudio) -> object:
    device = next(device for device in audio.devices() if "USB" in device.name)
    fmt = Format(device, 48_000, 1, 480)
    return audio.open_input(fmt, lambda *_: None)


def test_another_card_that_got_the_number_of_a_pulled_one_is_not_opened(
    shelf: tuple[PortAudio, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PortAudio reads its list once, and would open a webcam under the microphone's name."""
    audio, library = shelf
    open_usb(audio)
    assert library.opened == [1]
    webcam = CARDS.replace("C-Media Inc. USB Audio Device", "HD Webcam C270")
    for now in (webcam, CARDS.replace("-1.2", "-1.3"), CARDS.partition(" 1 [")[0], ""):
        monkeypatch.setattr(backend, "listed_cards", lambda now=now: now)
        with pytest.raises(CardError, match="has just changed"):
            open_usb(audio)
        assert not audio.present(Format(audio.devices()[1], 48_000, 1, 480), "input")
    assert library.opened == [1]


def test_another_card_more_or_less_is_no_matter(
    shelf: tuple[PortAudio, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    audio, library = shelf
    more = (
        CARDS
        + " 2 [C270           ]: USB-Audio - Webcam C270\n     Webcam at usb-0000:01:00.0-1.4\n"
    )
    monkeypatch.setattr(backend, "listed_cards", lambda: more)
    open_usb(audio)
    assert library.opened == [1]


def test_where_the_kernels_list_is_hidden_a_card_is_taken_to_be_there(
    shelf: tuple[PortAudio, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker hides /proc/asound; an idle loudspeaker was told to be gone every three seconds."""
    audio, _ = shelf
    audio._cards = ""
    monkeypatch.setattr(backend, "listed_cards", lambda: "")
    assert audio.present(Format(audio.devices()[1], 48_000, 2, 240), "output")


def test_a_name_in_another_encoding_can_be_shown_chosen_and_opened(
    shelf: tuple[PortAudio, Shelf],
) -> None:
    audio, library = shelf
    library.names = (*library.names[:1], "USB Ger\xe4t: - (hw:1,0)".encode("latin-1"))
    assert audio.devices()[1].name == "USB Ger\ufffdt: - (hw:1,0)"
    open_usb(audio)
    assert library.opened == [1]
