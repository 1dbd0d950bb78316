"""The way of a chunk from the microphone to the server."""

from __future__ import annotations

from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.app.capture_pipeline import (
    LONG_HELD_MS,
    MOST_QUEUED_MS,
    QUIET_MS,
    CapturePipeline,
)
from satellite.app.lost_speech import HOPE_S
from satellite.audio.capture.gate import ATTENTION_S, STAY_S, Gate, Mode
from satellite.audio.capture.push_to_talk import PushToTalk
from satellite.audio.capture.sentence import CATCH_UP_MS, KEPT_MS, LATE_MS, LEAD_MS, PAUSE_MS
from satellite.conversation.events.local import Certainty

CHUNK_S = 0.02
SILENT = bytes(960)
LOUD = b"\0\x20" * 479
PAUSE = PAUSE_MS // 20


class Louder:
    """A cleaner that shows that it was used, and silences everything when it is ``deaf``."""

    def __init__(self) -> None:
        self.deaf = False
        self.voice = Certainty.MAYBE

    def process(self, chunk: bytes) -> bytes:
        return bytes(len(chunk)) if self.deaf else chunk + b"\0\0"


class Scene:
    """A capture pipeline, what it sends and what it reports."""

    def __init__(
        self,
        gate: Gate,
        *,
        speaking: bool = False,
        turns: PushToTalk | None = None,
        server_acts: bool = False,
    ) -> None:
        self.sent: list[bytes] = []
        self.voices = self.cuts = self.drops = self.silences = self.speeches = 0
        self.states: list[bool] = []
        self.helds: list[bool] = []
        self.linked = True
        self.full = False
        """The network takes nothing more."""
        self.queued_ms = 0
        self.now_s = 0.0
        self.cleaner = Louder()
        self.gate = gate
        self.pipeline = CapturePipeline(
            gate,
            append=self._append,
            link=self,
            listener=self,
            speaking=lambda: speaking,
            clock=lambda: self.now_s,
            cleaner=self.cleaner,
            push_to_talk=turns,
            server_acts=server_acts,
        )

    def _append(self, piece: bytes) -> bool:
        taken = self.linked and not self.full
        if taken:
            self.sent.append(piece)
        return taken

    def streaming(self, on: bool) -> None:
        self.states.append(on)

    def voice(self, certainty: Certainty) -> None:
        self.voices += certainty

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

    def hear(self, chunks: int = 1, chunk: bytes = b"\1\0") -> Scene:
        for _ in range(chunks):
            self.pipeline.process(chunk)
            self.now_s += CHUNK_S
        return self

    @property
    def is_open(self) -> bool:
        return self.linked

    def disconnect(self) -> bool:
        self.linked = False
        return self.pipeline.session_lost()

    def reconnect(self) -> Scene:
        self.linked = True
        self.pipeline.new_session()
        return self


def words(count: int, first: int = 1) -> list[bytes]:
    """Loud chunks, each with its number."""
    return [LOUD + n.to_bytes(2, "little") for n in range(first, first + count)]


def test_chunks_are_cleaned_before_they_are_sent() -> None:
    scene = Scene(Gate("open", 1.0)).hear()
    assert (scene.sent, scene.voices) == ([b"\1\0\0\0"], 0)


def test_a_voice_is_reported_while_the_satellite_speaks() -> None:
    scene = Scene(Gate("open", 1.0), speaking=True).hear()
    assert (scene.sent, scene.voices) == ([b"\1\0\0\0"], Certainty.MAYBE)
    scene.cleaner.voice = Certainty.SURE
    assert scene.hear().voices == Certainty.MAYBE + Certainty.SURE
    scene.cleaner.voice = Certainty.NONE
    assert scene.hear().voices == Certainty.MAYBE + Certainty.SURE


def test_behind_a_closed_gate_nobody_is_heard() -> None:
    scene = Scene(Gate("push", 1.0), speaking=True).hear()
    assert (scene.sent, scene.voices, scene.states) == ([], 0, [])


def test_it_is_told_once_whether_the_room_is_being_sent() -> None:
    scene = Scene(Gate("open", 1.0)).hear(3)
    assert scene.states == [True]
    scene.linked = False
    scene.hear(3)
    assert scene.states == [True, False]
    scene.linked = True
    scene.hear(3)
    scene.pipeline.interrupt()  # the card is gone: no chunk will tell
    assert scene.states == [True, False, True, False]


def test_the_silence_after_a_closed_gate_is_nothing_of_the_room() -> None:
    gate = Gate("push", 1.0, tail_ms=100)
    scene = Scene(gate)
    gate.open(scene.now_s)
    scene.hear(int(ATTENTION_S / 0.02) + 2)
    assert scene.sent[-1] == bytes(4)
    assert scene.states == [True, False]


def test_muted_in_mid_sentence_it_is_told_with_the_next_chunk() -> None:
    gate = Gate("open", 1.0)
    scene = Scene(gate).hear()
    gate.muted = True
    assert scene.hear().states == [True, False]


# --- a sentence, whole or not at all --------------------------------------------------------------


def spoken(scene: Scene, pieces: list[bytes]) -> None:
    for piece in pieces:
        scene.hear(chunk=piece)


def heard(scene: Scene) -> list[int]:
    """The numbers of the loud chunks that were sent."""
    return loud(scene.sent)


def loud(pieces: list[bytes]) -> list[int]:
    return [int.from_bytes(one[958:960], "little") for one in pieces if one[:2] == LOUD[:2]]


def test_a_new_session_in_mid_sentence_gets_it_from_its_beginning_faster_than_it_is_spoken() -> (
    None
):
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    spoken(scene, words(20))
    assert scene.disconnect(), "it is kept"
    spoken(scene, words(40, 21))
    scene.sent.clear()
    scene.reconnect()
    spoken(scene, words(5, 61))
    assert scene.sent[: LEAD_MS // 20] == [SILENT + b"\0\0"] * (LEAD_MS // 20), "a server's padding"
    assert len(scene.sent) == 5 * CATCH_UP_MS // 20
    spoken(scene, words(40, 66))
    assert heard(scene) == list(range(1, 106)), "in order, nothing twice, nothing missing"
    assert (scene.cuts, scene.drops) == (0, 0)
    assert scene.states == [True, False, True]


def test_a_sentence_that_ended_without_a_server_is_given_to_the_next_one_that_comes_soon() -> None:
    for later_s, in_time in ((0.5, True), (LATE_MS / 1000 + 0.5, False)):
        scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
        spoken(scene, words(20))
        scene.disconnect()
        spoken(scene, words(20, 21))
        scene.hear(int(later_s / CHUNK_S), SILENT)
        told = scene.speeches
        scene.sent.clear()
        scene.reconnect().hear(20, SILENT)
        assert heard(scene) == (list(range(1, 41)) if in_time else [])
        assert told == (1 if in_time else 2), "who waited for too long is told, so it is done once"


def test_what_a_server_took_for_a_turn_is_given_to_no_other() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    spoken(scene, words(20))
    scene.hear(10, SILENT)
    scene.pipeline.turn_taken()
    assert not scene.disconnect(), "the conversation tells that it is lost"
    spoken(scene, words(20, 21))
    scene.sent.clear()
    scene.reconnect()
    spoken(scene, words(20, 41))
    scene.hear(PAUSE, SILENT)
    assert heard(scene) == []
    assert scene.drops == 1, "nor is the rest, of which a part is missing"


def test_what_ended_just_before_the_cut_is_given_again_unless_the_server_took_it() -> None:
    for taken in (False, True):
        scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
        spoken(scene, words(20))
        scene.hear(PAUSE + 5, SILENT)
        if taken:
            scene.pipeline.turn_taken()
        assert scene.disconnect() is not taken
        scene.sent.clear()
        scene.hear(20, SILENT).reconnect().hear(20, SILENT)
        assert heard(scene) == ([] if taken else list(range(1, 21)))


def test_where_the_server_runs_tools_by_itself_nothing_is_given_twice_to_its_end() -> None:
    for whole in (False, True):
        scene = Scene(Gate("open", 1.0), server_acts=True).hear(40, SILENT)
        spoken(scene, words(20))
        scene.hear(PAUSE if whole else 0, SILENT)
        assert scene.disconnect() is not whole
        scene.sent.clear()
        scene.hear(PAUSE, SILENT).reconnect().hear(20, SILENT)
        assert heard(scene) == ([] if whole else list(range(1, 21)))


def test_what_is_taken_while_a_second_sentence_is_caught_up_with_leaves_none_out() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.disconnect()
    spoken(scene, words(20))
    scene.hear(PAUSE, SILENT)
    spoken(scene, words(20, 21))
    scene.hear(PAUSE, SILENT).reconnect().hear(10, SILENT)
    scene.pipeline.turn_taken()
    scene.hear(40, SILENT)
    assert heard(scene) == list(range(1, 41))


def test_a_sentence_longer_than_what_is_kept_is_not_sent_and_has_to_be_said_again() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    for first in range(1, KEPT_MS // 20 + 2, 10):
        spoken(scene, [*words(8, first), SILENT, SILENT])
    assert not scene.disconnect()
    scene.sent.clear()
    scene.reconnect()
    spoken(scene, words(40, 600))
    scene.hear(PAUSE, SILENT)
    spoken(scene, words(5, 700))
    assert heard(scene) == list(range(700, 705))
    assert scene.drops == 1


def test_without_a_server_for_long_whoever_speaks_is_told_at_once_and_not_heard_later() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.disconnect()
    scene.hear(int(HOPE_S / CHUNK_S), SILENT)
    spoken(scene, words(20))
    assert scene.speeches == 1
    scene.reconnect()
    spoken(scene, words(20, 21))
    assert heard(scene) == []


def test_a_slow_network_is_given_what_is_kept_as_it_takes_it() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.disconnect()
    spoken(scene, words(40))
    scene.reconnect()
    scene.queued_ms = MOST_QUEUED_MS + 1
    spoken(scene, words(20, 41))
    assert heard(scene) == []
    scene.queued_ms = 0
    spoken(scene, words(20, 61))
    assert heard(scene) == list(range(1, 81))


def test_a_network_that_stands_still_gets_the_rest_later_or_the_next_session_all() -> None:
    for comes_back in (False, True):
        scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
        spoken(scene, words(20))
        scene.queued_ms = MOST_QUEUED_MS + 1
        spoken(scene, words(150, 21))
        assert heard(scene) == list(range(1, 21)), "more waits than may"
        scene.queued_ms = 0
        if not comes_back:
            assert scene.disconnect()
            scene.sent.clear()
            scene.reconnect()
        spoken(scene, words(60, 171))
        assert heard(scene) == list(range(1, 231))
        assert (scene.cuts, scene.drops) == (0, 0)


def test_who_mutes_it_while_there_is_no_session_is_told_nothing_of_it() -> None:
    for pulled in (False, True):
        scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
        spoken(scene, words(20))
        scene.disconnect()
        spoken(scene, words(20, 21))
        told = scene.speeches
        scene.gate.muted = True
        if pulled:
            scene.pipeline.interrupt()
        scene.hear(300, SILENT)
        assert scene.speeches == told


def test_muted_nothing_is_kept() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    spoken(scene, words(20))
    scene.gate.muted = True
    scene.hear()
    assert not scene.pipeline._sentence._kept


def test_in_a_quiet_room_the_first_words_after_a_reconnect_are_sent_at_once() -> None:
    scene = Scene(Gate("open", 1.0))
    scene.linked = False
    scene.hear(40, SILENT).reconnect()
    spoken(scene, words(3))
    assert heard(scene) == [1, 2, 3]


def test_a_new_session_in_a_pause_of_somebody_cuts_nobody_short() -> None:
    scene = Scene(Gate("open", 1.0)).hear(60, SILENT)
    quiet = [scene.pipeline.quiet]
    for pieces in (words(1), [SILENT] * (QUIET_MS // 20 - 1), [SILENT]):
        spoken(scene, pieces)
        quiet.append(scene.pipeline.quiet)
    assert quiet == [True, False, False, True]


def test_behind_a_closed_gate_a_new_session_may_come_at_any_time() -> None:
    scene = Scene(Gate("wake", 1.0)).hear(40, SILENT)
    spoken(scene, words(1))
    assert scene.pipeline.quiet


def test_unmuted_in_mid_sentence_it_hears_the_next_one() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.gate.muted = True
    spoken(scene, words(20))
    scene.gate.muted = False
    spoken(scene, words(20, 21))
    assert heard(scene) == []
    scene.hear(PAUSE, SILENT)
    spoken(scene, words(2, 50))
    assert heard(scene) == [50, 51]
    assert scene.drops == 0, "who muted it knows"
    scene.pipeline.interrupt()
    spoken(scene, words(20))
    assert scene.hear(PAUSE, SILENT).drops == 1, "who pulled the microphone may be somebody else"


def test_a_button_in_mid_sentence_opens_for_the_next_one() -> None:
    gate = Gate("push", 1.0)
    scene = Scene(gate).hear(40, SILENT)
    spoken(scene, words(LEAD_MS // 20 + 1))
    gate.open(scene.now_s)
    spoken(scene, words(20, 21))
    assert heard(scene) == []
    scene.hear(PAUSE, SILENT)
    spoken(scene, words(2, 50))
    assert heard(scene) == [50, 51]
    assert scene.drops == 0, "it was never heard before"
    scene.hear(int(ATTENTION_S / CHUNK_S), SILENT)
    spoken(scene, words(LEAD_MS // 20 + 1))
    gate.open(scene.now_s)
    spoken(scene, words(20, 21))
    assert scene.hear(PAUSE, SILENT).drops == 1


def test_a_button_just_after_the_first_word_has_the_whole_sentence() -> None:
    gate = Gate("push", 1.0)
    scene = Scene(gate).hear(40, SILENT)
    spoken(scene, words(LEAD_MS // 20 - 1))
    gate.open(scene.now_s)
    spoken(scene, words(20, LEAD_MS // 20))
    assert heard(scene) == list(range(1, LEAD_MS // 20 + 20))


def test_a_microphone_that_comes_back_in_mid_sentence_waits_for_the_next_one() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.pipeline.interrupt()
    spoken(scene, words(20))
    assert heard(scene) == []
    scene.hear(PAUSE, SILENT)
    spoken(scene, words(1, 50))
    assert heard(scene) == [50]


def test_started_in_a_quiet_room_it_sends_from_the_first_chunk() -> None:
    scene = Scene(Gate("open", 1.0)).hear(1, SILENT)
    assert len(scene.sent) == 1
    assert scene.states == [True]


def test_a_gate_whose_time_is_over_stays_open_for_who_is_speaking() -> None:
    gate = Gate("push", 0.0)
    scene = Scene(gate).hear(40, SILENT)
    gate.open(scene.now_s)
    scene.hear(int(ATTENTION_S / CHUNK_S) - 10, SILENT)
    spoken(scene, words(40))
    assert heard(scene) == list(range(1, 41))
    scene.hear(PAUSE, SILENT)
    assert not gate.passes(scene.now_s)
    assert scene.cuts == 0


def test_but_not_for_ever_and_then_the_server_forgets_what_it_has() -> None:
    """A television would keep it open; a server that has heard nothing by then hears no voice."""
    gate = Gate("push", 0.0)
    scene = Scene(gate).hear(40, SILENT)
    gate.open(scene.now_s)
    scene.hear(int(ATTENTION_S / CHUNK_S) - 10, SILENT)
    spoken(scene, words(int(STAY_S / CHUNK_S) + 20))
    assert not gate.passes(scene.now_s)
    assert scene.cuts == 1


def test_a_network_that_takes_nothing_in_mid_sentence_cuts_it() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    spoken(scene, words(20))
    scene.full = True
    spoken(scene, words(1, 21))
    assert scene.cuts == 1
    scene.full = False
    spoken(scene, words(20, 22))
    assert heard(scene)[-1] == 20


def test_what_was_said_while_it_could_not_hear_for_its_own_voice_is_no_beginning() -> None:
    """Half-duplex: silence goes out while the satellite speaks, whoever else does."""
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.cleaner.deaf = True
    spoken(scene, words(20))
    scene.cleaner.deaf = False
    spoken(scene, words(20, 21))
    assert heard(scene) == []
    scene.hear(PAUSE, SILENT)
    spoken(scene, words(1, 50))
    assert heard(scene) == [50]


def test_after_its_own_voice_a_short_pause_is_enough() -> None:
    scene = Scene(Gate("open", 1.0)).hear(40, SILENT)
    scene.cleaner.deaf = True
    spoken(scene, words(20))
    scene.hear(12, SILENT)
    scene.cleaner.deaf = False
    spoken(scene, words(1, 50))
    assert heard(scene) == [50]


def test_sound_without_a_pause_is_told_and_so_is_its_end() -> None:
    scene = Scene(Gate("open", 1.0))
    scene.pipeline.interrupt()
    for at in range(LONG_HELD_MS // 20 + 20):  # syllables, as of a television
        scene.hear(chunk=LOUD if at % 10 < 8 else b"\x80\0" * 480)
    assert scene.helds == [True]
    scene.hear(PAUSE + 1, SILENT)
    assert scene.helds == [True, False]


def test_a_minute_of_silence_is_told_once_also_over_a_fan() -> None:
    for room in (SILENT, b"\x80\0" * 480):
        scene = Scene(Gate("push", 1.0)).hear(61 * 50, room)
        assert scene.silences == 1
        spoken(scene, words(1))
        assert scene.hear(61 * 50, room).silences == 2


# Whatever happens, and in whatever order.

Happening = Literal[
    "lose", "connect", "take", "mute", "unmute", "lock", "unlock", "pull", "press", "renew", "jam"
]


@given(
    mode=st.sampled_from(["open", "push"]),
    lengths=st.lists(st.integers(3, 90), min_size=1, max_size=6),
    happenings=st.lists(
        st.tuples(
            st.integers(0, 700),
            st.sampled_from(get_args(Happening)),
        ),
        max_size=12,
    ),
    fan=st.booleans(),
)
def test_the_words_that_reach_a_server_are_a_whole_sentence_or_nothing_of_it(
    mode: Mode, lengths: list[int], happenings: list[tuple[int, Happening]], fan: bool
) -> None:
    room = (b"\x80\0" if fan else b"\0\0") * 480
    scene = Scene(Gate(mode, 1.0))
    sessions = Sessions(scene)
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
        scene.hear(chunk=chunk)
    sessions.judge(sentences)


@given(
    at=st.integers(0, 100), away=st.integers(0, 60), taken=st.integers(-20, 60), again=st.booleans()
)
def test_cut_once_or_twice_a_sentence_is_heard_whole_or_was_taken_before(
    at: int, away: int, taken: int, again: bool
) -> None:
    """``taken``: the server says so this many chunks after the sentence's end, if it still can."""
    length = 60
    scene = Scene(Gate("open", 1.0)).hear(60, SILENT)
    sessions = Sessions(scene)
    cuts = [at, at + away + 7] if again else [at]
    for number, chunk in enumerate([*words(length), *[SILENT] * (LATE_MS // 20)]):
        if number in cuts:
            sessions.happens("lose")
        if number - away in cuts:
            sessions.happens("connect")
        if scene.linked and number == length + taken:
            sessions.happens("take")
        scene.hear(chunk=chunk)
    sessions.judge([list(range(1, length + 1))])
    whole = [got for _, got in sessions.parts if got == list(range(1, length + 1))]
    assert whole or sessions.taken or scene.drops, sessions.parts


class Sessions:
    """What servers were given, in parts: each session, up to where it was told to forget."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._parts: list[list[bytes]] = [[]]
        self.taken: dict[int, int] = {}
        """Words that a server took for a turn, and the part that has them."""
        scene.pipeline._append = self._append
        scene.cut = self._part  # type: ignore[method-assign]

    @property
    def parts(self) -> list[tuple[bool, list[int]]]:
        """Whether a sentence that has only begun there is acted upon by nobody; the words."""
        last = len(self._parts) - 1
        return [(at < last, loud(part)) for at, part in enumerate(self._parts)]

    def judge(self, sentences: list[list[int]]) -> None:
        for number, (open_end, got) in enumerate(self.parts):
            assert got == sorted(set(got)), "in order, and nothing twice"
            for sentence in sentences:
                part = [n for n in got if n in sentence]
                begun = open_end and part == sentence[: len(part)] and part == got[-len(part) :]
                assert part in ([], sentence) or begun, (self.parts, sentence)
                by = {self.taken[n] for n in sentence if n in self.taken}
                assert not part or all(number <= one for one in by), "it may have been acted upon"

    def _append(self, piece: bytes) -> bool:
        taken = self._scene.linked and not self._scene.full
        if taken:
            self._parts[-1].append(piece)
        return taken

    def _part(self) -> None:
        self._parts.append([])

    def happens(self, what: Happening) -> None:
        scene = self._scene
        scene.full = False
        match what:
            case "lose":
                scene.disconnect()
                self._part()
            case "connect" | "renew":
                scene.disconnect()
                self._part()
                scene.reconnect()
            case "take":
                if scene.linked:
                    last = len(self._parts) - 1
                    for word in loud(self._parts[-1]):
                        self.taken.setdefault(word, last)
                    scene.pipeline.turn_taken()
            case "mute" | "lock":
                self._part()  # the conversation sees to it
                scene.gate.muted = scene.gate.muted or what == "mute"
                scene.gate.locked = "a limit" if what == "lock" else scene.gate.locked
            case "unmute":
                scene.gate.muted = False
            case "unlock":
                scene.gate.locked = ""
            case "pull":
                self._part()
                scene.pipeline.interrupt()
            case "press":
                scene.gate.open(scene.now_s)
            case "jam":
                scene.full = True


# --- somebody speaks, by the level alone ----------------------------------------------------------


def test_a_sentence_is_noticed_once_whether_or_not_anybody_gets_it() -> None:
    for linked in (True, False):
        scene = Scene(Gate("open", 1.0))
        scene.linked = linked
        scene.hear(PAUSE, SILENT).hear(40, LOUD).hear(10, SILENT).hear(40, LOUD)
        assert scene.speeches == 1
        scene.hear(PAUSE, SILENT).hear(40, LOUD)
        assert scene.speeches == 2


def test_a_click_is_no_sentence() -> None:
    scene = Scene(Gate("open", 1.0))
    scene.hear(PAUSE, SILENT).hear(5, LOUD).hear(20, SILENT).hear(PAUSE, SILENT)
    assert scene.speeches == 0


def test_what_the_satellite_says_itself_is_not_noticed() -> None:
    assert Scene(Gate("open", 1.0), speaking=True).hear(PAUSE, SILENT).hear(40, LOUD).speeches == 0


def test_behind_a_gate_that_is_closed_or_muted_nobody_is_noticed_but_behind_a_limit() -> None:
    closed, muted, locked = Gate("push", 1.0), Gate("open", 1.0), Gate("open", 1.0)
    muted.muted = True
    locked.locked = "the daily limit is reached"
    noticed = [Scene(gate).hear(PAUSE, SILENT).hear(40, LOUD).speeches for gate in (closed, muted)]
    assert noticed == [0, 0]
    assert Scene(locked).hear(PAUSE, SILENT).hear(40, LOUD).speeches == 1


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


def test_a_gate_that_wants_its_wake_word_again_cuts_a_television_without_a_word() -> None:
    scene = Scene(Gate("open", 1.0, wake_word=lambda piece: None)).hear(50, SILENT)
    scene.hear(100, LOUD)
    scene.gate.mode = "wake"
    before = len(scene.sent)
    for _ in range(5):
        scene.hear(200, LOUD).hear(PAUSE, SILENT)
    assert len(scene.sent) == before
    assert (scene.cuts, scene.drops) == (0, 0)
    scene.hear(60_000 // 20, SILENT)
    assert scene.silences == 1, "the room can still be heard to be silent"


def test_where_the_satellite_detects_turns_only_turns_are_sent_and_with_their_beginning() -> None:
    told: list[str] = []
    turns = PushToTalk(
        silence_ms=500,
        on_begin=lambda: told.append("begin"),
        on_end=lambda said: told.append("said" if said else "nothing"),
    )
    gate = Gate("push", 8.0, tail_ms=0)
    scene = Scene(gate, turns=turns)
    scene.hear(2 * PAUSE, SILENT)
    assert not scene.sent
    gate.open(scene.now_s)
    scene.hear(5, SILENT).hear(40, LOUD).hear(PAUSE, SILENT)
    assert told == ["begin", "said"]
    assert len(scene.sent) >= 5 + 40 + PAUSE
    # The microphone is still open: whoever goes on begins a turn by speaking, and a cough none.
    scene.sent.clear()
    scene.hear(20, SILENT).hear(5, LOUD).hear(2 * PAUSE, SILENT)
    assert not scene.sent
    scene.hear(40, LOUD).hear(PAUSE, SILENT)
    assert told == ["begin", "said"] * 2
    assert sum(piece.strip(b"\0") != b"" for piece in scene.sent) == 40, "the head is missing"


@pytest.mark.parametrize("ended", [False, True])
def test_a_turn_that_a_lost_session_did_not_get_is_one_of_the_next_session(ended: bool) -> None:
    told: list[str] = []
    turns = PushToTalk(
        silence_ms=500,
        on_begin=lambda: told.append("begin"),
        on_end=lambda said: told.append(f"said {len(heard(scene))}" if said else "nothing"),
    )
    scene = Scene(Gate("push", 8.0, tail_ms=0), turns=turns).hear(2 * PAUSE, SILENT)
    scene.gate.open(scene.now_s)
    spoken(scene, words(20))
    assert scene.disconnect()
    spoken(scene, words(60, 21))
    scene.hear(PAUSE if ended else 0, SILENT)
    scene.sent.clear()
    scene.reconnect()
    spoken(scene, [] if ended else words(20, 81))
    scene.hear(2 * PAUSE, SILENT)
    count = 80 if ended else 100
    assert told == ["begin", "begin", f"said {count}"], "it is over when the server has all of it"
    assert heard(scene) == list(range(1, count + 1))


def test_what_may_be_the_satellites_own_voice_is_given_to_no_other_session() -> None:
    """What the canceller leaves of a reply sounds too; a person that the server heard is kept."""
    for reported in (False, True):
        scene = Scene(Gate("open", 1.0), speaking=True).hear(40, SILENT)
        spoken(scene, words(20))
        if reported:
            scene.pipeline.speech_reported()
        assert scene.disconnect() is reported
