"""The way of a chunk from the microphone to the server."""

from __future__ import annotations

from satellite.audio.hearing.gate import ATTENTION_S, Gate
from satellite.daemon.ears import Ears


class Louder:
    """A cleaner that shows that it was used."""

    def process(self, chunk: bytes) -> bytes:
        return chunk + b"+"


class Always:
    def process(self, chunk: bytes) -> bool:
        return True


class Head:
    """Ears, and what comes out of them."""

    def __init__(self, gate: Gate, *, speaking: bool = False) -> None:
        self.sent: list[bytes] = []
        self.voices = 0
        self.streaming: list[bool] = []
        self.linked = True
        self.now_s = 0.0
        self.ears = Ears(
            gate,
            append=self._append,
            on_voice=self._voice,
            on_streaming=self.streaming.append,
            speaking=lambda: speaking,
            clock=lambda: self.now_s,
            cleaner=Louder(),
            onset=Always(),
        )

    def _append(self, piece: bytes) -> bool:
        self.sent.append(piece)
        return self.linked

    def _voice(self) -> None:
        self.voices += 1

    def hear(self, chunks: int = 1) -> Head:
        for _ in range(chunks):
            self.ears.hear(b"ab")
            self.now_s += 0.02
        return self


def test_chunks_are_cleaned_before_they_are_sent() -> None:
    head = Head(Gate("open", 1.0)).hear()
    assert (head.sent, head.voices) == ([b"ab+"], 0)


def test_a_voice_is_reported_while_the_satellite_speaks() -> None:
    head = Head(Gate("open", 1.0), speaking=True).hear()
    assert (head.sent, head.voices) == ([b"ab+"], 1)


def test_behind_a_closed_gate_nobody_is_heard() -> None:
    head = Head(Gate("push", 1.0), speaking=True).hear()
    assert (head.sent, head.voices, head.streaming) == ([], 0, [])


def test_it_is_told_once_whether_the_room_is_being_sent() -> None:
    head = Head(Gate("open", 1.0)).hear(3)
    assert head.streaming == [True]
    head.linked = False
    head.hear(3)
    assert head.streaming == [True, False]
    head.linked = True
    head.hear(3)
    head.ears.rest()  # the card is gone: no chunk will tell
    assert head.streaming == [True, False, True, False]


def test_the_silence_after_a_closed_gate_is_nothing_of_the_room() -> None:
    gate = Gate("push", 1.0, tail_ms=100)
    head = Head(gate)
    gate.open(head.now_s)
    head.hear(int(ATTENTION_S / 0.02) + 2)
    assert head.sent[-1] == bytes(3)
    assert head.streaming == [True, False]


def test_muted_in_mid_sentence_it_is_told_with_the_next_chunk() -> None:
    gate = Gate("open", 1.0)
    head = Head(gate).hear()
    gate.muted = True
    assert head.hear().streaming == [True, False]
