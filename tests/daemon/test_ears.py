"""The way of a chunk from the microphone to the server."""

from __future__ import annotations

from satellite.audio.hearing.gate import Gate
from satellite.daemon.ears import Ears


class Louder:
    """A cleaner that shows that it was used."""

    def process(self, chunk: bytes) -> bytes:
        return chunk + b"+"


class Always:
    def process(self, chunk: bytes) -> bool:
        return True


def heard(gate: Gate, *, speaking: bool) -> tuple[list[bytes], list[str]]:
    sent: list[bytes] = []
    voices: list[str] = []

    def append(piece: bytes) -> bool:
        sent.append(piece)
        return True

    ears = Ears(
        gate,
        append=append,
        on_voice=lambda: voices.append("voice"),
        speaking=lambda: speaking,
        clock=lambda: 0.0,
        cleaner=Louder(),
        onset=Always(),
    )
    ears.hear(b"ab")
    return sent, voices


def test_chunks_are_cleaned_before_they_are_sent() -> None:
    assert heard(Gate("open", 1.0), speaking=False) == ([b"ab+"], [])


def test_a_voice_is_reported_while_the_satellite_speaks() -> None:
    assert heard(Gate("open", 1.0), speaking=True) == ([b"ab+"], ["voice"])


def test_behind_a_closed_gate_nobody_is_heard() -> None:
    assert heard(Gate("push", 1.0), speaking=True) == ([], [])
