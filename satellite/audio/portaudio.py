"""The one owner of PortAudio.

Three things make PortAudio awkward in a daemon, and are dealt with here and nowhere else:

- It and its libraries (ALSA, JACK) write to standard error as they please, while probing and at
  every underrun. Their message handlers are replaced by a C function that does nothing, so
  Python's own standard error stays untouched.
- Opening, closing and initialising may block, and must not happen at the same time. They run one
  after the other in a thread of their own, never in the event loop.
- It lists the cards once. ``refresh`` initialises it again, which needs every stream closed: the
  streams that are open are told to let go and come back by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from satellite.audio.devices import Device, Direction, Format
from satellite.errors import MissingPartError, SatelliteError, TransientError

T = TypeVar("T")
P = ParamSpec("P")

ANSWER_WITHIN_S = 10.0

CONTINUE = 0
COMPLETE = 1
ABORT = 2
"""What a callback returns: go on, play what is queued and stop, or drop it and stop."""

StreamCallback = Callable[[bytes | None, int, dict[str, float], int], tuple[bytes | None, int]]


class Stream(Protocol):
    """What is used of ``pyaudio.PyAudio.Stream``."""

    def start_stream(self) -> None: ...
    def stop_stream(self) -> None: ...
    def close(self) -> None: ...
    def is_active(self) -> bool: ...
    def get_input_latency(self) -> float: ...
    def get_output_latency(self) -> float: ...


class CardError(TransientError):
    """The sound card did not do what it should; it may come back."""


class StuckError(SatelliteError):
    """A driver never returned. Ends the process, so that the service manager starts a new one."""


class PortAudio:
    """Devices and streams. Methods without ``async`` block; the event loop uses ``call``."""

    def __init__(self) -> None:
        self._pyaudio: Any = None
        self._streams: set[Any] = set()
        self._holders: list[Callable[[], None]] = []
        self._worker = _Worker("portaudio")

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs something that blocks in PortAudio's own thread.

        Raises ``StuckError`` when the card does not answer: the thread is then stuck in a driver,
        and only a new process can help.
        """
        future = asyncio.wrap_future(self._worker.submit(partial(function, *args, **kwargs)))
        try:
            return await asyncio.wait_for(future, ANSWER_WITHIN_S)
        except TimeoutError:
            raise StuckError(
                f"The sound card has not answered for {ANSWER_WITHIN_S:g} s.",
                do="The satellite starts again; if that does not help, unplug the card.",
            ) from None

    # --- blocking, in the worker thread ---------------------------------------------------------

    def start(self) -> None:
        """Initialises PortAudio if that has not happened yet. Raises ``MissingPartError``."""
        if self._pyaudio is not None:
            return
        try:
            import pyaudio
        except ImportError as error:
            raise MissingPartError(
                f"PyAudio cannot be loaded: {error}.",
                do="Install python3-pyaudio, or portaudio19-dev and PyAudio.",
            ) from error
        _hush()
        self._pyaudio = pyaudio.PyAudio()

    def close(self) -> None:
        for stream in list(self._streams):
            self.close_stream(stream)
        if self._pyaudio is not None:
            self._pyaudio.terminate()
            self._pyaudio = None

    def devices(self) -> list[Device]:
        """What PortAudio saw at its last initialisation."""
        self.start()
        audio = self._pyaudio
        default_input = _default(audio.get_default_input_device_info)
        default_output = _default(audio.get_default_output_device_info)
        paths = _usb_paths()
        found = []
        for index in range(audio.get_device_count()):
            info = audio.get_device_info_by_index(index)
            name = str(info["name"])
            found.append(
                Device(
                    index=index,
                    name=name,
                    inputs=int(info["maxInputChannels"]),
                    outputs=int(info["maxOutputChannels"]),
                    default_rate_hz=int(info["defaultSampleRate"]),
                    default_input=index == default_input,
                    default_output=index == default_output,
                    usb_path=paths.get(_card_number(name), ""),
                )
            )
        return found

    def supports(self, device: Device, direction: Direction, rate_hz: int, channels: int) -> bool:
        import pyaudio

        self.start()
        kind = {
            f"{direction}_device": device.index,
            f"{direction}_channels": channels,
            f"{direction}_format": pyaudio.paInt16,
        }
        try:
            return bool(self._pyaudio.is_format_supported(rate_hz, **kind))
        except ValueError:
            return False

    def open(self, wish: Format, direction: Direction, callback: StreamCallback) -> Stream:
        """Opens a stream without starting it. Raises ``CardError``."""
        import pyaudio

        self.start()
        options = {direction: True, f"{direction}_device_index": wish.device.index}
        try:
            stream: Stream = self._pyaudio.open(
                rate=wish.rate_hz,
                channels=wish.channels,
                format=pyaudio.paInt16,
                frames_per_buffer=wish.frames,
                start=False,
                stream_callback=callback,
                **options,
            )
        except (OSError, ValueError) as error:
            raise CardError(f"“{wish.device.name}” cannot be opened: {error}.") from error
        self._streams.add(stream)
        return stream

    def start_stream(self, stream: Stream) -> None:
        try:
            stream.start_stream()
        except OSError as error:
            raise CardError(f"The sound card cannot be started: {error}.") from error

    def stop_stream(self, stream: Stream) -> None:
        try:
            stream.stop_stream()
        except OSError as error:
            raise CardError(f"The sound card cannot be stopped: {error}.") from error

    def close_stream(self, stream: Stream) -> None:
        """Closes a stream whatever its state; a card that is gone has nothing left to say."""
        self._streams.discard(stream)
        with contextlib.suppress(OSError):
            stream.close()

    def on_release(self, holder: Callable[[], None]) -> None:
        """``holder`` is called (in the event loop) when its stream must be closed for a refresh."""
        self._holders.append(holder)

    def refresh(self) -> bool:
        """Reads the cards anew. False when streams are open, which forbids it."""
        if self._streams:
            return False
        if self._pyaudio is not None:
            self._pyaudio.terminate()
            self._pyaudio = None
        self.start()
        return True

    def release(self) -> None:
        """Asks every holder of a stream to close it, so that ``refresh`` becomes possible."""
        for holder in self._holders:
            holder()


class _Worker:
    """One daemon thread that runs calls in order; a stuck driver must not hold up the exit."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, function: Callable[[], T]) -> Future[T]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001 - carried to whoever awaits the future
                future.set_exception(error)
            else:
                future.set_result(result)

        self._jobs.put(job)
        return future

    def _run(self) -> None:
        while True:
            self._jobs.get()()


def _hush() -> None:
    """Gives ALSA and JACK a message handler that says nothing.

    Both take a variadic C function. ``labs`` ignores all but its first argument and has no effect,
    so it can stand in without a detour through Python, which would take the interpreter's lock
    in the sound card's thread at every underrun.
    """
    nothing = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p)
    for library, setters in (
        ("libasound.so.2", ("snd_lib_error_set_handler",)),
        ("libjack.so.0", ("jack_set_error_function", "jack_set_info_function")),
    ):
        with contextlib.suppress(OSError, AttributeError):
            loaded = ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
            for setter in setters:
                getattr(loaded, setter)(nothing)


def _default(info: Callable[[], dict[str, Any]]) -> int:
    try:
        return int(info()["index"])
    except OSError:
        return -1


def _card_number(name: str) -> int:
    """``USB Audio: - (hw:1,0)`` is on card 1; -1 where the name tells no card."""
    _, found, rest = name.rpartition("(hw:")
    number = rest.partition(",")[0]
    return int(number) if found and number.isdigit() else -1


def _usb_paths() -> dict[int, str]:
    """Card number to USB path, from ``/proc/asound/card*/stream0``: ``… at usb-…, full speed``."""
    return dict(_read_usb_paths(Path("/proc/asound")))


def _read_usb_paths(proc: Path) -> Iterator[tuple[int, str]]:
    for stream in sorted(proc.glob("card[0-9]*/stream0")):
        with contextlib.suppress(OSError, ValueError):
            head = stream.read_text(errors="replace").partition("\n")[0]
            path = head.rpartition(" at ")[2].partition(",")[0].strip()
            if path.startswith("usb-"):
                yield int(stream.parent.name.removeprefix("card")), path
