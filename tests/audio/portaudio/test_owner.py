"""The thread that owns PortAudio, with calls that never return."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from satellite.audio.cards.devices import AudioDevice, Format
from satellite.audio.portaudio import owner
from satellite.audio.portaudio.owner import PortAudio
from satellite.audio.portaudio.stream import CONTINUE, CardError, StreamCallback, StuckError


def test_a_stuck_driver_is_waited_for_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several parts use the card: one after the other they would outlast the watchdog."""
    monkeypatch.setattr(owner, "ANSWER_WITHIN_S", 0.05)
    release = threading.Event()
    audio = PortAudio()

    async def scene() -> None:
        with pytest.raises(StuckError, match="not answered"):
            await audio.call(release.wait)
        audio._patience_s = 60.0
        async with asyncio.timeout(10):
            with pytest.raises(StuckError):
                await audio.call(release.is_set)
        release.set()

    asyncio.run(scene())


def test_a_call_that_ends_as_its_caller_is_cancelled_does_not_swallow_that() -> None:
    """Python 3.11's ``wait_for`` does: a stop in that moment was lost, and the process stayed."""
    audio = PortAudio()
    release = threading.Event()

    async def scene() -> None:
        calling = asyncio.create_task(audio.call(release.wait))
        await asyncio.sleep(0.01)
        release.set()
        audio._worker.submit(bool).result()  # so that its answer waits for this loop
        asyncio.get_running_loop().call_soon(calling.cancel)
        await asyncio.wait({calling})
        assert calling.cancelled()

    asyncio.run(scene())


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
        rate = {"defaultSampleRate": 48000.0}
        return {"index": index, "name": name, "maxInputChannels": 1, "maxOutputChannels": 2, **rate}

    def get_default_input_device_info(self) -> dict[str, Any]:
        raise OSError("No Default Input Device Available")

    get_default_output_device_info = get_default_input_device_info

    def open(self, **wish: object) -> object:
        self.opened.append(wish["input_device_index"])
        return object()


@dataclass(frozen=True)
class Opened:
    """A stream of it."""

    library: Opening = field(hash=False)

    def is_active(self) -> bool:
        return False

    def close(self) -> None:
        self.library.opened.pop()


class Opening(Shelf):
    """PyAudio that takes its time to open, and notes what was open when it was ended."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.open_at_end: list[int] = []

    def open(self, **wish: object) -> object:
        self.begun.set()
        self.go_on.wait(10)
        self.opened.append(wish["output_device_index"])
        return Opened(self)

    def terminate(self) -> None:
        self.open_at_end.append(len(self.opened))


def test_cards_are_not_read_anew_under_a_stream_that_is_just_being_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who misses a microphone asked for it in the very moment in which the loudspeaker was opened:
    PortAudio was ended with that stream, and what was asked of it next ended the process."""
    library, audio = Opening(), PortAudio()
    audio._pyaudio, audio._cards = library, CARDS
    monkeypatch.setattr(owner, "listed_cards", lambda: CARDS)
    monkeypatch.setattr(PortAudio, "start", lambda _self: None)
    wish = Format(AudioDevice(0, "vc4-hdmi: - (hw:0,0)", outputs=2), 48_000, 2, 240)

    async def scene() -> None:
        opening = asyncio.create_task(audio.open_output(wish, 0.3))
        async with asyncio.timeout(10):
            while not library.begun.is_set():
                await asyncio.sleep(0.001)
            looking = asyncio.create_task(audio.look_again())
            await asyncio.sleep(0.01)
            library.go_on.set()
            stream = await opening
            assert audio.wanted_back
            await asyncio.sleep(0.01)
            assert library.open_at_end == []
            await audio.close_stream(stream)
            await looking
            assert not audio.wanted_back

    asyncio.run(scene())
    assert library.open_at_end == [0]


class Sounding:
    """A stream whose thread calls back until it is told that this was the last time."""

    def __init__(self, callback: StreamCallback, *, dead: bool = False) -> None:
        self.closed_while_active = False
        self._callback = callback
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._call, daemon=True)
        if not dead:
            self._thread.start()
        self._dead = dead

    def _call(self) -> None:
        while self._callback(b"", 240, {}, 0)[1] == CONTINUE:
            time.sleep(0.005)
        self._over.set()

    def is_active(self) -> bool:
        return not self._over.is_set()

    def close(self) -> None:
        self.closed_while_active = self.is_active()


@pytest.mark.parametrize("dead", [False, True], ids=["alive", "dead"])
def test_a_thread_that_calls_back_is_not_cancelled_in_the_middle(
    monkeypatch: pytest.MonkeyPatch, dead: bool
) -> None:
    """With a lock of the interpreter in its hands all others would wait for ever."""
    opened: list[Sounding] = []

    class Cards(Shelf):
        def open(self, **wish: Any) -> Sounding:  # noqa: ANN401 - PyAudio's
            opened.append(Sounding(wish["stream_callback"], dead=dead))
            return opened[-1]

    audio = PortAudio()
    audio._pyaudio, audio._cards = Cards(), CARDS
    monkeypatch.setattr(owner, "listed_cards", lambda: CARDS)
    monkeypatch.setattr(PortAudio, "start", lambda _self: None)
    wish = Format(AudioDevice(0, "vc4-hdmi: - (hw:0,0)", outputs=2), 48_000, 2, 240)

    async def scene() -> None:
        stream = await audio.open_input(wish, lambda *_: (None, CONTINUE))
        async with asyncio.timeout(10):
            await audio.close_stream(stream)

    asyncio.run(scene())
    assert [one.closed_while_active for one in opened] == [dead]
    assert not audio._last_calls


class Library:
    """PyAudio, as far as its end is concerned."""

    def __init__(self) -> None:
        self.busy = False
        self.ended_while_busy: list[bool] = []

    def open(self) -> None:
        self.busy = True
        time.sleep(0.3)
        self.busy = False

    def terminate(self) -> None:
        self.ended_while_busy.append(self.busy)


def test_it_is_not_ended_under_a_call_that_is_still_running() -> None:
    """Who asked may be gone (a stop, or a refused key, while cards are being opened): PortAudio
    crashes when another thread ends it meanwhile."""
    library, audio = Library(), PortAudio()
    audio._pyaudio = library

    async def scene() -> None:
        opening = asyncio.create_task(audio.call(library.open))
        async with asyncio.timeout(10):
            while not library.busy:
                await asyncio.sleep(0.001)
        opening.cancel()
        await audio.end()

    asyncio.run(scene())
    assert library.ended_while_busy == [False]


def test_at_a_stop_a_stuck_driver_is_waited_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service manager kills after ten seconds, which were all spent on the first call."""
    monkeypatch.setattr(owner, "HURRIED_S", 0.05)
    release = threading.Event()
    audio = PortAudio()

    async def scene() -> None:
        async with asyncio.timeout(5):
            audio.hurry()
            with pytest.raises(StuckError):
                await audio.call(release.wait)
        release.set()

    asyncio.run(scene())


def test_a_stuck_driver_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "ANSWER_WITHIN_S", 0.05)
    begun, release = threading.Event(), threading.Event()
    library, audio = Library(), PortAudio()
    audio._pyaudio = library

    def hang() -> None:
        begun.set()
        release.wait()

    async def scene() -> None:
        opening = asyncio.create_task(audio.call(hang))
        async with asyncio.timeout(10):
            while not begun.is_set():
                await asyncio.sleep(0.001)
            opening.cancel()
            await audio.end()
        release.set()

    asyncio.run(scene())
    assert library.ended_while_busy == []


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> tuple[PortAudio, Shelf]:
    audio, library = PortAudio(), Shelf()
    audio._pyaudio, audio._cards = library, CARDS
    monkeypatch.setattr(owner, "listed_cards", lambda: CARDS)
    return audio, library


def open_usb(audio: PortAudio) -> object:
    device = next(device for device in audio.devices() if "USB" in device.name)
    wish = Format(device, 48_000, 1, 480)
    return audio._open_input(wish, lambda *_: (None, 0))


def test_another_card_that_got_the_number_of_a_pulled_one_is_not_opened(
    shelf: tuple[PortAudio, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PortAudio reads its list once, and would open a webcam under the microphone's name."""
    audio, library = shelf
    open_usb(audio)
    assert library.opened == [1]
    webcam = CARDS.replace("C-Media Inc. USB Audio Device", "HD Webcam C270")
    for now in (webcam, CARDS.replace("-1.2", "-1.3"), CARDS.partition(" 1 [")[0], ""):
        monkeypatch.setattr(owner, "listed_cards", lambda now=now: now)
        with pytest.raises(CardError, match="has just changed"):
            open_usb(audio)
        assert not audio.there(Format(audio.devices()[1], 48_000, 1, 480), "input")
    assert library.opened == [1]


def test_another_card_more_or_less_is_no_matter(
    shelf: tuple[PortAudio, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    audio, library = shelf
    more = (
        CARDS
        + " 2 [C270           ]: USB-Audio - Webcam C270\n     Webcam at usb-0000:01:00.0-1.4\n"
    )
    monkeypatch.setattr(owner, "listed_cards", lambda: more)
    open_usb(audio)
    assert library.opened == [1]


def test_where_the_kernels_list_is_hidden_a_card_is_taken_to_be_there(
    shelf: tuple[PortAudio, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker hides /proc/asound; an idle loudspeaker was told to be gone every three seconds."""
    audio, _ = shelf
    audio._cards = ""
    monkeypatch.setattr(owner, "listed_cards", lambda: "")
    assert audio.there(Format(audio.devices()[1], 48_000, 2, 240), "output")


def test_a_name_in_another_encoding_can_be_shown_chosen_and_opened(
    shelf: tuple[PortAudio, Shelf],
) -> None:
    audio, library = shelf
    library.names = (*library.names[:1], "USB Ger\xe4t: - (hw:1,0)".encode("latin-1"))
    assert audio.devices()[1].name == "USB Ger\ufffdt: - (hw:1,0)"
    open_usb(audio)
    assert library.opened == [1]
