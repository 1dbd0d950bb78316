"""Changes in the C libraries below PyAudio, for which it has no setting."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
from collections.abc import Iterator

from satellite.audio.backend import Direction, Format


def silence_libraries() -> None:
    """Keeps messages of C libraries about sound cards out of terminal and journal.

    ALSA and JACK take a message handler, a variadic C function. ``labs`` ignores all but its first
    argument and has no effect, so it serves as one; a handler in Python would take the
    interpreter's lock in the card's thread at every underrun. PortAudio has no such handler and
    uses C's ``stderr``, which glibc lets be another file. Python itself writes to descriptor 2 and
    is not concerned.
    """
    libc = ctypes.CDLL(None)
    nothing = ctypes.cast(libc.labs, ctypes.c_void_p)
    for library, setters in (
        ("libasound.so.2", ("snd_lib_error_set_handler",)),
        ("libjack.so.0", ("jack_set_error_function", "jack_set_info_function")),
    ):
        with contextlib.suppress(OSError, AttributeError):
            loaded = ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
            for setter in setters:
                getattr(loaded, setter)(nothing)
    if platform.libc_ver()[0] == "glibc":
        libc.fopen.restype = ctypes.c_void_p
        nowhere = libc.fopen(b"/dev/null", b"w")
        if nowhere:
            ctypes.c_void_p.in_dll(libc, "stderr").value = nowhere


class _DeviceInfo(ctypes.Structure):
    """``PaDeviceInfo`` of portaudio.h, version 2: part of PortAudio's stable interface."""

    _fields_ = (
        ("structVersion", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("hostApi", ctypes.c_int),
        ("maxInputChannels", ctypes.c_int),
        ("maxOutputChannels", ctypes.c_int),
        ("defaultLowInputLatency", ctypes.c_double),
        ("defaultLowOutputLatency", ctypes.c_double),
        ("defaultHighInputLatency", ctypes.c_double),
        ("defaultHighOutputLatency", ctypes.c_double),
        ("defaultSampleRate", ctypes.c_double),
    )


class _StreamParameters(ctypes.Structure):
    """``PaStreamParameters`` of portaudio.h."""

    _fields_ = (
        ("device", ctypes.c_int),
        ("channelCount", ctypes.c_int),
        ("sampleFormat", ctypes.c_ulong),
        ("suggestedLatency", ctypes.c_double),
        ("hostApiSpecificStreamInfo", ctypes.c_void_p),
    )


PA_INT16 = 8
PA_FORMAT_IS_SUPPORTED = 0


def is_format_supported(
    index: int, direction: Direction, rate_hz: int, channels: int
) -> bool | None:
    """Asks PortAudio, which must be initialised, whether a device can do 16 bit at this rate. None
    where the library cannot be found.

    PyAudio would keep the interpreter's lock meanwhile: a sound server that hangs would stop the
    whole process, the watchdog included. ctypes releases it.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libportaudio.so.2", mode=os.RTLD_NOLOAD | os.RTLD_NOW)
        parameters = ctypes.byref(_StreamParameters(index, channels, PA_INT16, 0.0, None))
        both = (parameters, None) if direction == "input" else (None, parameters)
        answer = library.Pa_IsFormatSupported(*both, ctypes.c_double(rate_hz))
        return bool(answer == PA_FORMAT_IS_SUPPORTED)
    return None


DEFAULT_PERIODS = 4
"""PortAudio's default."""


@contextlib.contextmanager
def output_buffer(fmt: Format, seconds: float) -> Iterator[None]:
    """An output that is opened within this gets a buffer of that length, in blocks of ``fmt``.

    PyAudio suggests the device's default low latency to PortAudio and has no setting for it, so the
    default is changed in the library that PyAudio has loaded; and PortAudio divides a buffer into
    four blocks unless told otherwise. Where that library cannot be found, the card holds less.
    """
    try:
        library = ctypes.CDLL("libportaudio.so.2", mode=os.RTLD_NOLOAD | os.RTLD_NOW)
        library.Pa_GetDeviceInfo.restype = ctypes.POINTER(_DeviceInfo)
        info = library.Pa_GetDeviceInfo(fmt.device.index)
        set_periods = library.PaAlsa_SetNumPeriods
    except (OSError, AttributeError):
        yield
        return
    if info and info.contents.structVersion == 2:
        info.contents.defaultLowOutputLatency = seconds
    set_periods(round(seconds * fmt.rate_hz / fmt.frames) + 1)
    try:
        yield
    finally:
        set_periods(DEFAULT_PERIODS)
