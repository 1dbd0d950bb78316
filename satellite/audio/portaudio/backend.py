"""PortAudio, by PyAudio, as a sound system of the satellite.

PortAudio and the libraries below it (ALSA, JACK) write to standard error as they please, while
probing and at every underrun. They are silenced; Python's own standard error stays untouched.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from satellite.audio.backend import AudioDevice, BlockCallback, CardError, Direction, Format
from satellite.audio.cards.kernel import card_entry, card_number, listed_cards
from satellite.audio.portaudio.input import InputCallback, PortAudioInput
from satellite.audio.portaudio.inventory import device_name, listed_devices
from satellite.audio.portaudio.libraries import (
    is_format_supported,
    output_buffer,
    silence_libraries,
)
from satellite.audio.portaudio.output import PortAudioOutput
from satellite.audio.portaudio.plugins import leave_out_plugins
from satellite.core.errors import MissingPartError


class PortAudio:
    """An ``AudioBackend``. Make it while there is one thread (``leave_out_plugins``)."""

    _silenced = False

    def __init__(self) -> None:
        leave_out_plugins()
        self._pyaudio: Any = None
        self._streams: WeakSet[PortAudioInput | PortAudioOutput] = WeakSet()
        self._cards = ""
        """What the kernel listed when PortAudio was initialised."""

    def start(self) -> None:
        if self._pyaudio is not None:
            return
        try:
            import pyaudio
        except ImportError as error:
            raise MissingPartError(
                f"PyAudio cannot be loaded: {error}.",
                do="Install python3-pyaudio, or portaudio19-dev and PyAudio.",
            ) from error
        if not PortAudio._silenced:
            PortAudio._silenced = True
            silence_libraries()
        self._cards = listed_cards()
        self._pyaudio = pyaudio.PyAudio()

    def close(self) -> None:
        if self._pyaudio is not None:
            for stream in list(self._streams):  # none is closed under a thread that uses it
                stream.close()
            self._pyaudio.terminate()
            self._pyaudio = None

    def devices(self) -> list[AudioDevice]:
        self.start()
        return listed_devices(self._pyaudio)

    def devices_changed(self) -> bool:
        return listed_cards() != self._cards

    def supports(
        self, device: AudioDevice, direction: Direction, rate_hz: int, channels: int
    ) -> bool:
        self.start()
        answer = is_format_supported(device.index, direction, rate_hz, channels)
        if answer is not None:
            return answer
        import pyaudio

        kind = {
            f"{direction}_device": device.index,
            f"{direction}_channels": channels,
            f"{direction}_format": pyaudio.paInt16,
        }
        try:
            return bool(self._pyaudio.is_format_supported(rate_hz, **kind))
        except ValueError:
            return False

    def present(self, fmt: Format, direction: Direction) -> bool:
        """The kernel tells of its own cards. Other devices (a sound server's) are asked, which says
        no as well when such a device can be opened only once and is open."""
        if fmt.device.place is not None:
            return self._is_same_card(fmt.device)
        return self.supports(fmt.device, direction, fmt.rate_hz, fmt.channels)

    def open_input(self, fmt: Format, on_block: BlockCallback) -> PortAudioInput:
        callback = InputCallback(on_block)
        stream = PortAudioInput(self._open(fmt, "input", stream_callback=callback), callback)
        self._streams.add(stream)
        return stream

    def open_output(self, fmt: Format, capacity_s: float) -> PortAudioOutput:
        self.start()
        with output_buffer(fmt, capacity_s):
            stream = PortAudioOutput(self._open(fmt, "output"))
        self._streams.add(stream)
        return stream

    def _open(self, fmt: Format, direction: Direction, **options: object) -> Any:  # noqa: ANN401
        """PyAudio's stream."""
        import pyaudio

        self.start()
        if self._name(fmt.device.index) != fmt.device.name or not self._is_same_card(fmt.device):
            raise CardError("The list of sound cards has just changed.")
        options |= {direction: True, f"{direction}_device_index": fmt.device.index}
        try:
            return self._pyaudio.open(
                rate=fmt.rate_hz,
                channels=fmt.channels,
                format=pyaudio.paInt16,
                frames_per_buffer=fmt.frames,
                start=False,
                **options,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            from satellite.audio.cards.held import busy

            lost = CardError(f"“{fmt.device.name}” cannot be opened: {reason}.")
            raise busy(lost, fmt.device, direction) from error

    def _is_same_card(self, device: AudioDevice) -> bool:
        """Whether the card still has the number that PortAudio knows it by.

        The number of a pulled card is given to the next that is plugged in, and PortAudio would
        open that one under the old name. Where the kernel's list is hidden (Docker), PortAudio is
        believed.
        """
        number = card_number(device.name)
        return card_entry(self._cards, number) == card_entry(listed_cards(), number)

    def _name(self, index: int) -> str:
        try:
            return device_name(self._pyaudio.get_device_info_by_index(index))
        except OSError:
            return ""
