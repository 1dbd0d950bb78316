"""A sound system of two WAV files: what the microphone hears, and what the loudspeaker played.

It is for tests and for machines without a card. Both files share the time that begins when the
backend is made. The loudspeaker's file holds what was heard and when: silence while nothing was
played, nothing of what was dropped. The card in between is as good as a card can be: it plays from
the moment of the first frame that is written, and knows to the frame what it still holds.
"""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

from satellite.audio.backend import AudioDevice, BlockCallback, CardError, Direction, Format
from satellite.core.errors import MissingPartError

SAMPLE_BYTES = 2
LOOK_S = 0.001
"""How often a full buffer is looked at while a write waits for room."""


class FileBackend:
    """An ``AudioBackend``. Without ``microphone`` there is silence; without ``loudspeaker`` what is
    played is lost. ``rate_hz`` is the loudspeaker's, which is mono.

    ``now`` (seconds) and ``sleep`` let a test be ahead of the time of the day.
    """

    def __init__(
        self,
        microphone: Path | None = None,
        loudspeaker: Path | None = None,
        *,
        rate_hz: int = 24_000,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.began_s = now()
        """The time of the first sample of both files."""
        self.now = now
        self.sleep = sleep
        self._microphone = microphone
        self._loudspeaker = loudspeaker
        self._rate_hz = rate_hz
        self._sound: bytes | None = None
        self._sound_rate_hz, self._sound_channels = 0, 1
        self._recording: WavRecording | None = None
        self._streams: list[FileInput | FileOutput] = []

    def start(self) -> None:
        if self._sound is not None:
            return
        self._sound = b""
        if self._microphone is None:
            return
        try:
            with wave.open(str(self._microphone)) as file:
                if file.getsampwidth() != SAMPLE_BYTES:
                    raise wave.Error("not of 16 bit")
                self._sound = file.readframes(file.getnframes())
                self._sound_rate_hz, self._sound_channels = file.getframerate(), file.getnchannels()
        except (OSError, EOFError, wave.Error) as error:
            raise MissingPartError(f"“{self._microphone}” cannot be read: {error}.") from error

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        if self._recording is not None:
            self._recording.close()
            self._recording = None
        self._sound = None

    def devices(self) -> list[AudioDevice]:
        self.start()
        names = (self._microphone or "silence", self._loudspeaker or "nowhere")
        return [
            AudioDevice(0, str(names[0]), inputs=self._sound_channels, default_input=True),
            AudioDevice(1, str(names[1]), outputs=1, default_output=True),
        ]

    def devices_changed(self) -> bool:
        return False

    def supports(
        self,
        device: AudioDevice,  # noqa: ARG002 - there is one for each direction
        direction: Direction,
        rate_hz: int,
        channels: int,
    ) -> bool:
        self.start()
        if direction == "output":
            return (rate_hz, channels) == (self._rate_hz, 1)
        return rate_hz == (self._sound_rate_hz or rate_hz) and channels == self._sound_channels

    def present(self, fmt: Format, direction: Direction) -> bool:  # noqa: ARG002 - files stay
        return True

    def open_input(self, fmt: Format, on_block: BlockCallback) -> FileInput:
        self.start()
        stream = FileInput(self, self._sound or b"", fmt, on_block)
        self._streams.append(stream)
        return stream

    def open_output(self, fmt: Format, capacity_s: float) -> FileOutput:
        self._streams = [stream for stream in self._streams if not stream.closed]
        if self._recording is None:
            try:
                self._recording = WavRecording(self._loudspeaker, fmt.rate_hz)
            except OSError as error:
                raise CardError(f"“{self._loudspeaker}” cannot be written: {error}.") from error
        stream = FileOutput(self, self._recording, round(capacity_s * fmt.rate_hz))
        self._streams.append(stream)
        return stream


class FileInput:
    """Gives each block when its last sample is due, and silence after the end of the file."""

    def __init__(
        self, backend: FileBackend, sound: bytes, fmt: Format, on_block: BlockCallback
    ) -> None:
        self.closed = False
        self._backend = backend
        self._sound = sound
        self._fmt = fmt
        self._on_block = on_block
        self._thread = threading.Thread(target=self._run, name="microphone file", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def active(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        self.closed = True
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        backend, fmt = self._backend, self._fmt
        frame_bytes = SAMPLE_BYTES * fmt.channels
        started_s = backend.now()
        place = round((started_s - backend.began_s) * fmt.rate_hz)
        given = 0
        while not self.closed:
            captured_s = started_s + given / fmt.rate_hz
            wait_s = captured_s + fmt.frames / fmt.rate_hz - backend.now()
            if wait_s > 0:
                backend.sleep(wait_s)
                continue
            first = (place + given) * frame_bytes
            block = self._sound[first : first + fmt.frames * frame_bytes]
            given += fmt.frames
            silence = bytes(fmt.frames * frame_bytes - len(block))
            self._on_block(block + silence, backend.now(), captured_s, False)


class FileOutput:
    """A card with a buffer, from which the sound goes into the file as it is heard."""

    def __init__(self, backend: FileBackend, recording: WavRecording, capacity: int) -> None:
        self.capacity = capacity
        self.closed = False
        self._backend = backend
        self._recording = recording
        self._lock = threading.Lock()
        self._buffer = b""
        self._began_s = 0.0
        """When the first frame of the current run was heard: a run ends with an underrun."""
        self._heard = 0
        """Frames of the current run."""

    def start(self) -> None:
        self._raise_if_closed()

    def held(self) -> int:
        with self._lock:
            self._raise_if_closed()
            self._play()
            return len(self._buffer) // SAMPLE_BYTES

    def write(self, pcm: bytes, frames: int) -> None:
        while frames:
            room = min(self.capacity - self.held(), frames)
            if not room:
                self._backend.sleep(LOOK_S)
                continue
            with self._lock:
                self._raise_if_closed()
                if not self._buffer:
                    self._began_s, self._heard = self._backend.now(), 0
                    after_s = self._began_s - self._backend.began_s
                    self._recording.pad_to(round(after_s * self._recording.rate_hz))
                self._buffer += pcm[: room * SAMPLE_BYTES]
            pcm, frames = pcm[room * SAMPLE_BYTES :], frames - room

    def drop(self) -> None:
        with self._lock:
            self._raise_if_closed()
            self._play()
            self._buffer = b""

    def offset_s(self) -> float:
        self._raise_if_closed()
        return self._backend.now() - time.monotonic()

    def close(self) -> None:
        with self._lock:
            if not self.closed:
                self._play()
                self.closed = True
                self._recording.flush()

    def _play(self) -> None:
        """Moves into the file what was heard since it was asked last."""
        passed_s = self._backend.now() - self._began_s
        due = max(round(passed_s * self._recording.rate_hz) - self._heard, 0)
        sound = self._buffer[: due * SAMPLE_BYTES]
        self._buffer = self._buffer[len(sound) :]
        self._heard += len(sound) // SAMPLE_BYTES
        self._recording.add(sound)

    def _raise_if_closed(self) -> None:
        if self.closed:
            raise OSError("The stream is closed.")


class WavRecording:
    """A mono WAV file that grows. Raises OSError; without ``path`` only counts."""

    def __init__(self, path: Path | None, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._frames = 0
        self._file: wave.Wave_write | None = None
        if path is not None:
            self._bytes = path.open("wb")
            self._file = wave.open(self._bytes, "wb")  # noqa: SIM115 - lives as long as this does
            self._file.setnchannels(1)
            self._file.setsampwidth(SAMPLE_BYTES)
            self._file.setframerate(rate_hz)

    def pad_to(self, frames: int) -> None:
        """Adds silence until there are so many frames."""
        self.add(bytes(max(frames - self._frames, 0) * SAMPLE_BYTES))

    def add(self, pcm: bytes) -> None:
        self._frames += len(pcm) // SAMPLE_BYTES
        if self._file is not None:
            self._file.writeframesraw(pcm)

    def flush(self) -> None:
        """Makes the file one that others can read."""
        if self._file is not None:
            self._file.writeframes(b"")
            self._bytes.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._bytes.close()
