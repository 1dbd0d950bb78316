"""A session has a sentence whole or nothing of it: the core without its gate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.capture.sentence import LEAD_MS, PAUSE_AFTER_REPLY_MS, PAUSE_MS, Sentence

SILENT = bytes(960)
LOUD = b"\0\x20" * 479
PAUSE = PAUSE_MS // 20


def word(number: int) -> bytes:
    return LOUD + number.to_bytes(2, "little")


def numbers(pieces: list[bytes]) -> list[int]:
    return [int.from_bytes(one[958:], "little") for one in pieces if one[:2] == LOUD[:2]]


class Session:
    """What goes out for each chunk, as the capture pipeline does with an open gate."""

    def __init__(self) -> None:
        self.sentence = Sentence()
        self.sent: list[bytes] = []

    def hear(self, *chunks: bytes, up: bool = True, deaf: bool = False) -> list[int]:
        for chunk in chunks:
            self.sentence.hear(chunk, deaf=deaf)
            if deaf:
                self.sentence.gave((), sent=False)
                continue
            offered = self.sentence.whole((chunk,))
            if up and offered:
                self.sent += offered
                self.sentence.gave(offered, sent=True)
            else:
                self.sentence.gave((chunk,), sent=False)
        return numbers(self.sent)


@given(
    before=st.integers(0, 40),
    lengths=st.lists(st.integers(1, 70), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 400), max_size=4),
    downs=st.sets(st.integers(0, 400), max_size=60),
)
def test_cut_at_any_moment_a_session_has_whole_sentences_only(
    before: int, lengths: list[int], cuts: list[int], downs: set[int]
) -> None:
    sound = [SILENT] * before
    sentences: list[list[int]] = []
    for length in lengths:
        first = sentences[-1][-1] + 1 if sentences else 1
        sentences.append(list(range(first, first + length)))
        sound += [*map(word, sentences[-1]), *[SILENT] * (PAUSE + 5)]
    session = Session()
    ended: list[list[bytes]] = []
    for at, chunk in enumerate(sound):
        if at in cuts:
            ended.append(session.sent)
            session.sent = []
            session.sentence.new_session()
        before_it = session.sentence.given
        session.hear(chunk, up=at not in downs)
        if before_it and at in downs and not session.sentence.given:
            ended.append(session.sent)  # the daemon has the server forget it
            session.sent = []
    for is_over, sent in [*((True, one) for one in ended), (False, session.sent)]:
        got = numbers(sent)
        for sentence in sentences:
            part = [n for n in got if n in sentence]
            begun = is_over and part == sentence[: len(part)] and part == got[-len(part) :]
            assert part in ([], sentence) or begun


def test_the_first_sentence_after_the_start_needs_a_pause_before_it() -> None:
    session = Session()
    assert session.hear(*[SILENT] * (PAUSE - 1), word(1), word(2)) == []
    assert len(session.sent) == PAUSE - 1, "silence is no part of a sentence"
    assert session.hear(*[SILENT] * PAUSE, word(3)) == [3]


def test_a_short_silence_within_a_sentence_ends_nothing() -> None:
    session = Session()
    session.hear(*[SILENT] * PAUSE, word(1))
    session.sentence.new_session()
    session.hear(*[SILENT] * (PAUSE - 1), word(2))
    assert numbers(session.sent) == [1]


def test_a_beginning_is_kept_as_long_as_it_is_short() -> None:
    for length, given_all in ((LEAD_MS // 20 - 1, True), (LEAD_MS // 20 + 1, False)):
        session = Session()
        session.hear(*[SILENT] * PAUSE)
        session.hear(*map(word, range(1, length + 1)), up=False)
        got = session.hear(word(length + 1))
        assert got == (list(range(1, length + 2)) if given_all else [])


def test_what_follows_a_wake_word_is_a_beginning_unless_it_was_not_heard() -> None:
    for deaf in (False, True):
        session = Session()
        session.hear(*map(word, range(1, 30)), up=False)
        session.sentence.hear(word(30), deaf=deaf)
        offered = session.sentence.whole([word(29), word(30)], begins=True)
        assert bool(offered) is not deaf


def test_after_its_own_voice_a_short_pause_is_enough_but_not_after_a_persons() -> None:
    short = [SILENT] * (PAUSE_AFTER_REPLY_MS // 20)
    session = Session()
    session.hear(*[SILENT] * PAUSE, *[word(1)] * 20, deaf=True)
    assert session.hear(*short, word(2)) == [2]
    session.hear(word(3), deaf=True)
    session.hear(word(4))
    assert session.hear(*short, word(5)) == [2]


def test_nothing_is_kept_of_what_may_not_be() -> None:
    session = Session()
    session.hear(*[SILENT] * PAUSE)
    session.hear(word(1), up=False)
    session.sentence.forget()
    assert session.hear(word(2)) == []
