"""What the server may hear, and when."""

from __future__ import annotations

from satellite.audio.gate import RUN_UP_MS, Gate


def chunk(n: int) -> bytes:
    return bytes([n]) * 960


def test_an_open_gate_passes_everything() -> None:
    gate = Gate("open", 8.0)
    assert [gate.admit(chunk(n), n / 50) for n in range(3)] == [(chunk(n),) for n in range(3)]


def test_a_muted_gate_passes_nothing_and_keeps_nothing() -> None:
    gate = Gate("open", 8.0)
    gate.muted = True
    assert gate.admit(chunk(1), 0.0) == ()
    gate.muted = False
    assert gate.admit(chunk(2), 0.02) == (chunk(2),)


def test_a_locked_gate_passes_nothing() -> None:
    gate = Gate("open", 8.0)
    gate.locked = "the daily limit is reached"
    assert gate.admit(chunk(1), 0.0) == ()


def test_push_opens_for_a_while_with_the_run_up() -> None:
    gate = Gate("push", 8.0)
    for n in range(40):
        assert gate.admit(chunk(n), n / 50) == ()
    gate.open(0.8)
    sent = gate.admit(chunk(40), 0.8)
    assert len(sent) == RUN_UP_MS // 20 + 1
    assert sent[-1] == chunk(40)
    assert gate.admit(chunk(41), 8.79) == (chunk(41),)
    assert gate.admit(chunk(42), 8.81) == ()


def test_the_wake_word_opens_and_is_not_sent() -> None:
    gate = Gate("wake", 8.0, wake_word=lambda piece: piece == chunk(7))
    assert gate.admit(chunk(1), 0.0) == ()
    assert gate.admit(chunk(7), 0.02) == ()
    assert gate.admit(chunk(8), 0.04) == (chunk(8),)


def test_the_gate_stays_open_during_a_conversation_and_for_the_follow_up() -> None:
    gate = Gate("push", 8.0)
    gate.open(0.0)
    gate.conversation(busy=True, now_s=1.0)
    assert gate.passes(60.0)
    gate.conversation(busy=False, now_s=61.0)
    assert gate.passes(68.9)
    assert not gate.passes(69.1)


def test_an_announcement_does_not_open_a_closed_gate() -> None:
    gate = Gate("wake", 8.0)
    gate.conversation(busy=True, now_s=0.0)
    assert not gate.passes(0.1)
