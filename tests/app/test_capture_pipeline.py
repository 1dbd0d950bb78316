"""The way of a chunk from the microphone to the server."""

from __future__ import annotations

from typing import Literal, get_args

from hypothesis import given
from hypothesis import strategies as st

from satellite.app.capture_pipeline import LONG_HELD_MS, CapturePipeline
from satellite.audio.capture.gate import ATTENTION_S, STAY_S, Gate, Mode
from satellite.audio.capture.sentence import LEAD_MS, PAUSE_MS
from satellite.audio.echo.onset import OnsetResult

CHUNK_S = 0.02
SILENT = bytes(960)
LOUD = b"\0\x20" * 479
PAUSE = PAUSE_MS // 20


class Louder:
    """A cleaner that shows that it was used, and silences everything when it is ``deaf``."""

    def __init__(self) -> None:
        self.deaf = False
        self.voice = OnsetResult.MAYBE

    def process(self, chunk: bytes) -> bytes:
        return bytes(len(chunk)) if self.deaf else chunk + b"\0\0"


class Head:
    """Ears, what comes out of them, and what they tell."""

    def __init__(self, gate: Gate, *, speaking: bool = False) -> None:
        self.sent: list[bytes] = []
        self.voices = self.cuts = self.drops = self.silences = self.speeches = 0
        self.states: list[bool] = []
        self.helds: list[bool] = []
        self.linked = True
        self.now_s = 0.0
        self.cleaner = Louder()
        self.gate = gate
        self.pipeline = CapturePipeline(
            gate,
            append=self._append,
            listener=self,
            speaking=lambda: speaking,
            clock=lambda: self.now_s,
            cleaner=self.cleaner,
        )

    def _append(self, piece: bytes) -> bool:
        if self.linked:
            self.sent.append(piece)
        return self.linked

    def streaming(self, on: bool) -> None:
        self.states.append(on)

    def voice(self, *, sure: bool) -> None:
        self.voices += 2 if sure else 1

    def speech(self) -> None:
        self.speeches += 1

    def cut(self) -> None:
        self.cuts += 1

    def dropped(self) -> None:
        self.drops += 1

    def silent(self) -> None:
        self.silences += 1

    def held(self, on: bool) -> None:
        self.helds.append(on)

    def hear(self, chunks: int = 1, chunk: bytes = b"\1\0") -> Head:
        for _ in range(chunks):
            self.pipeline.process(chunk)
            self.now_s += CHUNK_S
        return self

    def reconnect(self) -> Head:
        self.linked = True
        self.pipeline.new_session()
        return self


def words(count: int, first: int = 1) -> list[bytes]:
    """Loud chunks, each with its number."""
    return [LOUD + n.to_bytes(2, "little") for n in range(first, first + count)]


def test_chunks_are_cleaned_before_they_are_sent() -> None:
    head = Head(Gate("open", 1.0)).hear()
    assert (head.sent, head.voices) == ([b"\1\0\0\0"], 0)


def test_a_voice_is_reported_while_the_satellite_speaks() -> None:
    head = Head(Gate("open", 1.0), speaking=True).hear()
    assert (head.sent, head.voices) == ([b"\1\0\0\0"], 1)
    head.cleaner.voice = OnsetResult.SURE
    assert head.hear().voices == 3
    head.cleaner.voice = OnsetResult.NONE
    assert head.hear().voices == 3


def test_behind_a_closed_gate_nobody_is_heard() -> None:
    head = Head(Gate("push", 1.0), speaking=True).hear()
    assert (head.sent, head.voices, head.states) == ([], 0, [])


def test_it_is_told_once_whether_the_room_is_being_sent() -> None:
    head = Head(Gate("open", 1.0)).hear(3)
    assert head.states == [True]
    head.linked = False
    head.hear(3)
    assert head.states == [True, False]
    head.linked = True
    head.hear(3)
    head.pipeline.interrupt()  # the card is gone: no chunk will tell
    assert head.states == [True, False, True, False]


def test_the_silence_after_a_closed_gate_is_nothing_of_the_room() -> None:
    gate = Gate("push", 1.0, tail_ms=100)
    head = Head(gate)
    gate.open(head.now_s)
    head.hear(int(ATTENTION_S / 0.02) + 2)
    assert head.sent[-1] == bytes(4)
    assert head.states == [True, False]


def test_muted_in_mid_sentence_it_is_told_with_the_next_chunk() -> None:
    gate = Gate("open", 1.0)
    head = Head(gate).hear()
    gate.muted = True
    assert head.hear().states == [True, False]


# --- a sentence, whole or not at all --------------------------------------------------------------


def spoken(head: Head, pieces: list[bytes]) -> None:
    for piece in pieces:
        head.hear(chunk=piece)


def heard(head: Head) -> list[int]:
    """The numbers of the loud chunks that were sent."""
    return loud(head.sent)


def loud(pieces: list[bytes]) -> list[int]:
    return [int.from_bytes(one[958:960], "little") for one in pieces if one[:2] == LOUD[:2]]


def test_a_new_session_gets_nothing_of_a_sentence_that_had_begun() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    spoken(head, words(20))
    head.linked = False
    spoken(head, words(5, 21))
    head.reconnect()
    spoken(head, words(40, 26))
    assert heard(head) == list(range(1, 21)), "to the session before"
    head.hear(PAUSE, SILENT)
    spoken(head, words(10, 100))
    assert heard(head) == [*range(1, 21), *range(100, 110)]
    assert head.drops == 1, "whoever spoke is told that it has to be said again"
    assert head.cuts == 1


def test_a_beginning_that_is_not_long_ago_is_given_with_the_rest() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    spoken(head, words(5))
    head.linked = False
    spoken(head, words(5, 6))
    head.sent.clear()
    head.reconnect()
    spoken(head, words(10, 11))
    assert heard(head) in ([], list(range(1, 21)))
    assert head.drops == 0


def test_in_a_quiet_room_the_first_words_after_a_reconnect_are_sent_at_once() -> None:
    head = Head(Gate("open", 1.0))
    head.linked = False
    head.hear(40, SILENT).reconnect()
    spoken(head, words(3))
    assert heard(head) == [1, 2, 3]


def test_a_new_session_in_a_pause_of_somebody_cuts_nobody_short() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    quiet = [head.pipeline.quiet]
    for pieces in (words(1), [SILENT] * (PAUSE - 1), [SILENT]):
        spoken(head, pieces)
        quiet.append(head.pipeline.quiet)
    assert quiet == [True, False, False, True]


def test_behind_a_closed_gate_a_new_session_may_come_at_any_time() -> None:
    head = Head(Gate("wake", 1.0)).hear(40, SILENT)
    spoken(head, words(1))
    assert head.pipeline.quiet


def test_unmuted_in_mid_sentence_it_hears_the_next_one() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    head.gate.muted = True
    spoken(head, words(20))
    head.gate.muted = False
    spoken(head, words(20, 21))
    assert heard(head) == []
    head.hear(PAUSE, SILENT)
    spoken(head, words(2, 50))
    assert heard(head) == [50, 51]
    assert head.drops == 0, "who muted it knows"
    head.pipeline.interrupt()
    spoken(head, words(20))
    assert head.hear(PAUSE, SILENT).drops == 1, "who pulled the microphone may be somebody else"


def test_a_button_in_mid_sentence_opens_for_the_next_one() -> None:
    gate = Gate("push", 1.0)
    head = Head(gate).hear(40, SILENT)
    spoken(head, words(LEAD_MS // 20 + 1))
    gate.open(head.now_s)
    spoken(head, words(20, 21))
    assert heard(head) == []
    head.hear(PAUSE, SILENT)
    spoken(head, words(2, 50))
    assert heard(head) == [50, 51]
    assert head.drops == 0, "it was never heard before"
    head.hear(int(ATTENTION_S / CHUNK_S), SILENT)
    spoken(head, words(LEAD_MS // 20 + 1))
    gate.open(head.now_s)
    spoken(head, words(20, 21))
    assert head.hear(PAUSE, SILENT).drops == 1


def test_a_button_just_after_the_first_word_has_the_whole_sentence() -> None:
    gate = Gate("push", 1.0)
    head = Head(gate).hear(40, SILENT)
    spoken(head, words(LEAD_MS // 20 - 1))
    gate.open(head.now_s)
    spoken(head, words(20, LEAD_MS // 20))
    assert heard(head) == list(range(1, LEAD_MS // 20 + 20))


def test_a_microphone_that_comes_back_in_mid_sentence_waits_for_the_next_one() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    head.pipeline.interrupt()
    spoken(head, words(20))
    assert heard(head) == []
    head.hear(PAUSE, SILENT)
    spoken(head, words(1, 50))
    assert heard(head) == [50]


def test_started_in_a_quiet_room_it_sends_from_the_first_chunk() -> None:
    head = Head(Gate("open", 1.0)).hear(1, SILENT)
    assert len(head.sent) == 1
    assert head.states == [True]


def test_a_gate_whose_time_is_over_stays_open_for_who_is_speaking() -> None:
    gate = Gate("push", 0.0)
    head = Head(gate).hear(40, SILENT)
    gate.open(head.now_s)
    head.hear(int(ATTENTION_S / CHUNK_S) - 10, SILENT)
    spoken(head, words(40))
    assert heard(head) == list(range(1, 41))
    head.hear(PAUSE, SILENT)
    assert not gate.passes(head.now_s)
    assert head.cuts == 0


def test_but_not_for_ever_and_then_the_server_forgets_what_it_has() -> None:
    """A television would keep it open; a server that has heard nothing by then hears no voice."""
    gate = Gate("push", 0.0)
    head = Head(gate).hear(40, SILENT)
    gate.open(head.now_s)
    head.hear(int(ATTENTION_S / CHUNK_S) - 10, SILENT)
    spoken(head, words(int(STAY_S / CHUNK_S) + 20))
    assert not gate.passes(head.now_s)
    assert head.cuts == 1


def test_a_network_that_takes_nothing_in_mid_sentence_cuts_it() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    spoken(head, words(20))
    head.linked = False  # the link is there, but more waits than may
    spoken(head, words(1, 21))
    assert head.cuts == 1
    head.linked = True
    spoken(head, words(20, 22))
    assert heard(head)[-1] == 20


def test_what_was_said_while_it_could_not_hear_for_its_own_voice_is_no_beginning() -> None:
    """Half-duplex: silence goes out while the satellite speaks, whoever else does."""
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    head.cleaner.deaf = True
    spoken(head, words(20))
    head.cleaner.deaf = False
    spoken(head, words(20, 21))
    assert heard(head) == []
    head.hear(PAUSE, SILENT)
    spoken(head, words(1, 50))
    assert heard(head) == [50]


def test_after_its_own_voice_a_short_pause_is_enough() -> None:
    head = Head(Gate("open", 1.0)).hear(40, SILENT)
    head.cleaner.deaf = True
    spoken(head, words(20))
    head.hear(12, SILENT)
    head.cleaner.deaf = False
    spoken(head, words(1, 50))
    assert heard(head) == [50]


def test_sound_without_a_pause_is_told_and_so_is_its_end() -> None:
    head = Head(Gate("open", 1.0))
    head.pipeline.interrupt()
    for at in range(LONG_HELD_MS // 20 + 20):  # syllables, as of a television
        head.hear(chunk=LOUD if at % 10 < 8 else b"\x80\0" * 480)
    assert head.helds == [True]
    head.hear(PAUSE + 1, SILENT)
    assert head.helds == [True, False]


def test_a_minute_of_silence_is_told_once_also_over_a_fan() -> None:
    for room in (SILENT, b"\x80\0" * 480):
        head = Head(Gate("push", 1.0)).hear(61 * 50, room)
        assert head.silences == 1
        spoken(head, words(1))
        assert head.hear(61 * 50, room).silences == 2


# Whatever happens, and in whatever order.

Happening = Literal["lose", "connect", "mute", "unmute", "lock", "unlock", "pull", "press", "renew"]


@given(
    mode=st.sampled_from(["open", "push"]),
    lengths=st.lists(st.integers(3, 60), min_size=1, max_size=5),
    happenings=st.lists(
        st.tuples(
            st.integers(0, 500),
            st.sampled_from(get_args(Happening)),
        ),
        max_size=8,
    ),
    fan=st.booleans(),
)
def test_the_words_that_reach_a_server_are_a_whole_sentence_or_nothing_of_it(
    mode: Mode, lengths: list[int], happenings: list[tuple[int, Happening]], fan: bool
) -> None:
    room = (b"\x80\0" if fan else b"\0\0") * 480
    head = Head(Gate(mode, 1.0))
    sessions = Sessions(head)
    sound = [room] * 70
    sentences: list[list[int]] = []
    for length in lengths:
        first = sentences[-1][-1] + 1 if sentences else 1
        sentences.append(list(range(first, first + length)))
        sound += [*words(length, first), *[room] * 40]
    due = sorted(happenings)
    for at, chunk in enumerate(sound):
        while due and due[0][0] <= at:
            sessions.happens(due.pop(0)[1])
        head.hear(chunk=chunk)
    for open_end, got in sessions.parts:
        for sentence in sentences:
            part = [n for n in got if n in sentence]
            begun = open_end and part == sentence[: len(part)] and part == got[-len(part) :]
            assert part in ([], sentence) or begun, (sessions.parts, sentence)


class Sessions:
    """What servers were given, in parts: each session, up to where it was told to forget."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._parts: list[list[bytes]] = [[]]
        head.pipeline._append = self._append
        head.cut = self._part  # type: ignore[method-assign]

    @property
    def parts(self) -> list[tuple[bool, list[int]]]:
        """Whether a sentence that has only begun there is acted upon by nobody; the words."""
        last = len(self._parts) - 1
        return [(at < last, loud(part)) for at, part in enumerate(self._parts)]

    def _append(self, piece: bytes) -> bool:
        if self._head.linked:
            self._parts[-1].append(piece)
        return self._head.linked

    def _part(self) -> None:
        self._parts.append([])

    def happens(self, what: Happening) -> None:
        head = self._head
        match what:
            case "lose":
                head.linked = False
                self._part()
            case "connect" | "renew":
                self._part()
                head.reconnect()
            case "mute" | "lock":
                self._part()  # the conversation sees to it
                head.gate.muted = head.gate.muted or what == "mute"
                head.gate.locked = "a limit" if what == "lock" else head.gate.locked
            case "unmute":
                head.gate.muted = False
            case "unlock":
                head.gate.locked = ""
            case "pull":
                self._part()
                head.pipeline.interrupt()
            case "press":
                head.gate.open(head.now_s)


# --- somebody speaks, by the level alone ----------------------------------------------------------


def test_a_sentence_is_noticed_once_whether_or_not_anybody_gets_it() -> None:
    for linked in (True, False):
        head = Head(Gate("open", 1.0))
        head.linked = linked
        head.hear(PAUSE, SILENT).hear(40, LOUD).hear(10, SILENT).hear(40, LOUD)
        assert head.speeches == 1
        head.hear(PAUSE, SILENT).hear(40, LOUD)
        assert head.speeches == 2


def test_a_click_is_no_sentence() -> None:
    head = Head(Gate("open", 1.0))
    head.hear(PAUSE, SILENT).hear(5, LOUD).hear(20, SILENT).hear(PAUSE, SILENT)
    assert head.speeches == 0


def test_what_the_satellite_says_itself_is_not_noticed() -> None:
    assert Head(Gate("open", 1.0), speaking=True).hear(PAUSE, SILENT).hear(40, LOUD).speeches == 0


def test_behind_a_gate_that_is_closed_or_muted_nobody_is_noticed_but_behind_a_limit() -> None:
    closed, muted, locked = Gate("push", 1.0), Gate("open", 1.0), Gate("open", 1.0)
    muted.muted = True
    locked.locked = "the daily limit is reached"
    noticed = [Head(gate).hear(PAUSE, SILENT).hear(40, LOUD).speeches for gate in (closed, muted)]
    assert noticed == [0, 0]
    assert Head(locked).hear(PAUSE, SILENT).hear(40, LOUD).speeches == 1


def test_the_wake_word_is_listened_to_behind_a_limit_and_never_while_muted() -> None:
    asked: list[bytes] = []

    def hears(chunk: bytes) -> None:
        asked.append(chunk)

    gate = Gate("wake", 1.0, wake_word=hears)
    gate.locked = "the daily limit is reached"
    assert gate.admit(LOUD, 0.0) == ()
    assert asked == [LOUD]
    gate.muted = True
    gate.admit(LOUD, 0.0)
    assert asked == [LOUD]
