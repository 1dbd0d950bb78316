"""What the server may hear, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.capture.gate import ATTENTION_S, PRE_ROLL_MS, TAIL_MS, Gate, Mode
from satellite.core.wake_words import Lag

CHUNK_S = 0.02
SILENCE = bytes(960)


def chunk(n: int) -> bytes:
    """A chunk that is the louder the greater ``n``, and never silent."""
    return (n + 1).to_bytes(2, "little") * 480


class Time:
    """Chunks in real time, one after the other, numbered from 0."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.count = 0

    @property
    def now_s(self) -> float:
        return self.count * CHUNK_S

    def next(self) -> tuple[bytes, ...]:
        sent = self.gate.admit(chunk(self.count), self.now_s)
        self.count += 1
        return sent

    def until(self, s: float) -> list[bytes]:
        """All that was sent until then."""
        sent: list[bytes] = []
        while self.now_s < s - 1e-9:
            sent += self.next()
        return sent


def woken_at(n: int) -> Callable[[bytes], Lag | None]:
    return lambda piece: Lag() if piece == chunk(n) else None


def test_an_open_gate_passes_everything() -> None:
    time = Time(Gate("open", 8.0))
    assert time.until(0.06) == [chunk(0), chunk(1), chunk(2)]


def test_a_muted_gate_passes_nothing_and_keeps_nothing() -> None:
    time = Time(Gate("open", 8.0))
    time.gate.muted = True
    assert time.next() == ()
    time.gate.muted = False
    assert time.next() == (chunk(1),)


def test_a_locked_gate_passes_nothing() -> None:
    time = Time(Gate("open", 8.0))
    time.gate.locked = "the daily limit is reached"
    assert time.until(1.0) == []


def test_push_opens_with_the_run_up_and_long_enough_to_begin() -> None:
    time = Time(Gate("push", 0.0))
    assert time.until(0.8) == []
    time.gate.open(time.now_s)
    sent = time.next()
    assert len(sent) == PRE_ROLL_MS // 20 + 1
    assert sent[-1] == chunk(40)
    heard = time.until(0.8 + ATTENTION_S)
    assert heard == [chunk(n) for n in range(41, time.count)]
    assert time.next() == (SILENCE,)


def test_when_it_closes_silence_lets_the_server_end_the_turn() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.until(ATTENTION_S)
    assert time.until(60.0) == [SILENCE] * (TAIL_MS // 20)


def test_nothing_is_sent_when_it_closes_unopened() -> None:
    time = Time(Gate("push", 8.0))
    assert time.until(20.0) == []


def test_muted_it_sends_not_even_silence() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.until(1.0)
    time.gate.muted = True
    assert time.until(2.0) == []
    time.gate.muted = False
    assert time.until(20.0) == [], "it must be opened again"


def test_a_button_does_not_open_what_is_muted() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.muted = True
    time.gate.open(0.0)
    time.gate.muted = False
    assert time.until(1.0) == []


def test_muting_ends_the_follow_up_of_the_conversation_that_it_ends() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.gate.conversation(busy=True, hearing=True, now_s=0.0)
    time.gate.muted = True
    time.gate.conversation(busy=False, now_s=0.0)
    time.gate.muted = False
    assert time.until(1.0) == []


WORD, COMMAND, WHISPER = chunk(9000), chunk(8000), chunk(3)
LAST = b"now!" * 240
"""With which the word is recognised."""


def woken(
    after: list[bytes], lag: Lag | None = None, waits: Callable[[], None] = lambda: None
) -> list[bytes]:
    """What is sent when the word is recognised in the midst of it and this comes afterwards."""
    gate = Gate(
        "wake",
        8.0,
        wake_word=lambda piece: (lag or Lag()) if piece == LAST else None,
        on_waiting=waits,
    )
    pieces = [*[WHISPER] * 40, *[WORD] * 32, LAST, *after]
    sent = [gate.admit(piece, at * CHUNK_S) for at, piece in enumerate(pieces)]
    return [piece for pieces in sent for piece in pieces]


def test_the_wake_word_opens_and_is_not_sent() -> None:
    assert woken([WHISPER] * 40) == [WHISPER] * (40 - 3)


def test_the_end_of_a_word_that_was_recognised_early_is_not_sent() -> None:
    sent = woken([*[WORD] * 8, *[WHISPER] * 45], Lag(-280, 200))
    assert set(sent) == {WHISPER}


@pytest.mark.parametrize("early", [0, 4, 8])
def test_what_follows_without_any_pause_is_sent_with_the_wake_word(early: int) -> None:
    """However long before its end the word was recognised."""
    rest = [*[WORD] * early, *[COMMAND] * 40]
    sent = woken(rest)
    assert sent == [*[WHISPER] * 13, *[WORD] * 32, LAST, *rest]


def test_what_follows_a_pause_is_sent_with_that_pause() -> None:
    sent = woken([*[WHISPER] * 10, *[COMMAND] * 40])
    assert sent == [*[WHISPER] * 10, *[COMMAND] * 40]


def test_a_short_silence_within_a_command_is_no_pause_after_the_word() -> None:
    command = [*[COMMAND] * 4, *[SILENCE] * 3, *[COMMAND] * 40]
    assert woken(command)[-len(command) - 1 :] == [LAST, *command]
    assert woken([*[WHISPER] * 10, *command]) == [*[WHISPER] * 10, *command]


def test_who_says_no_more_than_the_word_is_told_that_it_listens() -> None:
    told: list[str] = []
    sent = woken([WHISPER] * 25, waits=lambda: told.append("listening"))
    assert told == ["listening"]
    assert sent == [], "from the next chunk on"


def test_who_goes_on_in_one_breath_has_no_sound_in_their_words() -> None:
    told: list[str] = []
    woken([*[WHISPER] * 6, *[COMMAND] * 40], waits=lambda: told.append("listening"))
    woken([COMMAND] * 40, waits=lambda: told.append("listening"))
    woken([*[COMMAND] * 20, *[WHISPER] * 20], waits=lambda: told.append("a stop at the end"))
    assert told == []


def test_the_button_brings_no_more_of_what_was_before_than_elsewhere() -> None:
    """The gate holds back longer for a wake word, and what came before it is nobody's business."""
    gate = Gate("wake", 8.0, wake_word=lambda piece: None)
    for n in range(100):
        gate.admit(chunk(n), n * CHUNK_S)
    gate.open(100 * CHUNK_S)
    assert len(gate.admit(chunk(100), 100 * CHUNK_S)) == PRE_ROLL_MS // 20 + 1


def test_the_button_helps_who_does_not_want_to_wait_for_the_end_of_the_word() -> None:
    time = Time(Gate("wake", 8.0, wake_word=woken_at(3)))
    time.until(5 * CHUNK_S)
    time.gate.open(time.now_s)
    assert time.next()[-1] == chunk(5)
    assert time.next() == (chunk(6),)


def test_nobody_is_asked_for_a_wake_word_while_it_is_open_or_muted() -> None:
    asked: list[bytes] = []

    def wake_word(piece: bytes) -> None:
        asked.append(piece)

    time = Time(Gate("wake", 8.0, wake_word=wake_word))
    time.gate.open(0.0)
    time.until(1.0)
    time.gate.muted = True
    time.until(2.0)
    assert asked == []
    time.gate.muted = False
    time.next()
    assert len(asked) == 1


def test_it_stays_open_during_a_conversation_and_for_the_follow_up() -> None:
    time = Time(Gate("push", 3.0))
    time.gate.open(0.0)
    time.gate.conversation(busy=True, hearing=True, now_s=1.0)
    assert len(time.until(60.0)) == 3000
    time.gate.conversation(busy=False, now_s=60.0)
    assert len(time.until(63.0)) == 150
    assert time.next() == (SILENCE,)


def test_the_follow_up_counts_from_the_answer_not_from_the_button() -> None:
    time = Time(Gate("push", 1.0))
    time.gate.open(0.0)
    time.gate.conversation(busy=True, hearing=True, now_s=0.5)
    time.gate.conversation(busy=False, now_s=1.0)
    assert time.gate.passes(1.9)
    assert not time.gate.passes(2.1)


def test_an_announcement_does_not_open_a_closed_gate() -> None:
    time = Time(Gate("wake", 8.0))
    time.gate.conversation(busy=True, now_s=0.0)
    assert time.until(1.0) == []
    time.gate.conversation(busy=False, now_s=1.0)
    assert time.until(2.0) == []


def test_somebody_who_began_just_before_it_closed_is_heard_on() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.until(ATTENTION_S)
    assert set(time.until(ATTENTION_S + 0.2)) == {SILENCE}
    time.gate.conversation(busy=True, hearing=True, now_s=time.now_s)
    missed = range(int(ATTENTION_S / CHUNK_S), time.count + 1)
    assert time.next() == tuple(chunk(n) for n in missed)


def test_an_announcement_just_after_it_closed_does_not_open_it() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.until(ATTENTION_S + 0.2)
    time.gate.conversation(busy=True, now_s=time.now_s)
    assert set(time.until(20.0)) == {SILENCE}


@pytest.mark.parametrize("mode", ["open", "wake", "push"])
def test_a_gate_that_rests_passes_nothing_until_somebody_opens_it(mode: Mode) -> None:
    time = Time(Gate(mode, 8.0))
    time.gate.open(0.0)
    time.until(1.0)
    time.gate.resting = True
    time.gate.conversation(busy=True, hearing=True, now_s=1.0)
    time.gate.conversation(busy=False, now_s=2.0)
    assert set(time.until(5.0)) == {SILENCE}
    time.gate.open(time.now_s)
    assert time.next()[-1] == chunk(time.count - 1)


def test_a_gate_that_rested_long_enough_is_as_it_was() -> None:
    for mode, passes in (("open", True), ("push", False)):
        gate = Gate(mode, 8.0)  # type: ignore[arg-type]
        gate.resting = True
        gate.resting = False
        assert gate.passes(1.0) is passes


def test_a_wake_word_ends_the_rest() -> None:
    time = Time(Gate("wake", 8.0, wake_word=woken_at(60)))
    time.gate.resting = True
    time.until(5.0)
    assert time.next() == (chunk(time.count - 1),)


EVENTS = st.lists(
    st.sampled_from(["open", "hear", "talk", "rest", "mute", "unmute", "lock", "unlock", "wait"]),
    max_size=40,
)


@given(mode=st.sampled_from(["open", "wake", "push"]), events=EVENTS)
def test_whatever_happens_a_shut_gate_sends_nothing_and_nobody_opens_it_unasked(
    mode: Mode, events: list[str]
) -> None:
    time = Time(Gate(mode, 1.0, wake_word=lambda piece: None))
    gate = time.gate
    opened = False
    for event in events:
        if event in ("mute", "unmute"):
            gate.muted = event == "mute"
        elif event in ("lock", "unlock"):
            gate.locked = "limit" if event == "lock" else ""
        elif event == "open":
            gate.open(time.now_s)
            opened = opened or not gate.shut
        elif event in ("hear", "talk", "rest"):
            gate.conversation(busy=event != "rest", hearing=event == "hear", now_s=time.now_s)
        sent = time.until(time.now_s + (5.0 if event == "wait" else 0.1))
        if gate.shut or (mode != "open" and not opened):
            assert sent == []
        if mode == "open" and not gate.shut:
            assert SILENCE not in sent
            assert sent[-1] == chunk(time.count - 1)


# --- after a turn that was not for us ------------------------------------------------------------


def test_what_was_not_for_us_leaves_what_was_left_of_the_time() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.until(5.0)
    time.gate.conversation(busy=True, hearing=True, now_s=5.0)
    time.until(20.0)
    time.gate.follow_up = "keep"
    time.gate.conversation(busy=False, now_s=20.0)
    left_s = ATTENTION_S - 5.0
    assert len(time.until(20.0 + left_s)) == round(left_s / CHUNK_S)
    assert time.next() == (SILENCE,)


def test_the_button_counts_whatever_was_said_before() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.gate.conversation(busy=True, hearing=True, now_s=7.0)
    time.gate.open(8.0)
    time.gate.follow_up = "keep"
    time.gate.conversation(busy=False, now_s=9.0)
    assert time.gate.passes(9.0 + ATTENTION_S - 0.1)


def test_the_end_closes_it_in_the_midst_of_talk_that_only_the_word_opens_again() -> None:
    time = Time(Gate("push", 8.0))
    time.gate.open(0.0)
    time.gate.conversation(busy=True, hearing=True, now_s=0.0)
    time.until(1.0)
    time.gate.follow_up = "end"
    assert set(time.until(1.5)) == {SILENCE}
    time.gate.conversation(busy=False, now_s=1.5)
    time.gate.conversation(busy=True, hearing=True, now_s=1.6)
    assert set(time.until(9.0)) == {SILENCE}, "the server's word on what it heard before"
    time.gate.open(time.now_s)
    assert time.next()[-1] == chunk(time.count - 1)


def test_an_open_gate_stays_open_whatever_is_said() -> None:
    time = Time(Gate("open", 8.0))
    time.gate.follow_up = "end"
    assert time.next() == (chunk(0),)


# --- a mode that changes -------------------------------------------------------------------------


def test_an_open_gate_that_wants_the_wake_word_sends_nothing_more_not_even_silence() -> None:
    time = Time(Gate("open", 8.0, wake_word=lambda piece: None))
    time.until(1.0)
    shut = time.gate.times_shut
    time.gate.mode = "wake"
    assert time.until(20.0) == []
    assert time.gate.times_shut == shut + 1, "the server is told to forget the sentence"


def test_the_word_opens_it_and_then_the_mode_opens_it_for_all() -> None:
    time = Time(Gate("open", 1.0, wake_word=woken_at(100)))
    time.gate.mode = "wake"
    assert time.until(2.0) == []
    assert time.until(4.0)
    time.until(20.0)
    assert time.until(30.0) == []
    time.gate.mode = "open"
    assert time.next() == (chunk(time.count - 1),), "nothing of what was held back"


def test_setting_the_mode_that_it_has_changes_nothing() -> None:
    time = Time(Gate("push", 1.0))
    time.gate.open(0.0)
    time.gate.mode = "push"
    assert time.next()
