"""A session has a sentence whole or nothing of it: the core without its gate."""

from __future__ import annotations

from satellite.audio.capture.sentence import (
    CATCH_UP_MS,
    LEAD_MS,
    PAUSE_AFTER_REPLY_MS,
    PAUSE_MS,
    Sentence,
)

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
                self.sentence.lose()
                continue
            for piece in self.sentence.whole((chunk,)):
                if up:
                    self.sent.append(piece)
                    self.sentence.gave()
        return numbers(self.sent)


def test_the_first_sentence_after_the_start_needs_a_pause_before_it() -> None:
    session = Session()
    assert session.hear(*[SILENT] * (PAUSE - 1), word(1), word(2)) == []
    assert len(session.sent) == PAUSE - 1, "silence is no part of a sentence"
    assert session.hear(*[SILENT] * PAUSE, word(3)) == [3]


def test_a_short_silence_within_a_sentence_ends_nothing() -> None:
    session = Session()
    session.hear(*[SILENT] * PAUSE, word(1))
    session.sentence.taken()
    session.sentence.new_session()
    session.hear(*[SILENT] * (PAUSE - 1), word(2))
    assert numbers(session.sent) == [1]


def test_what_a_session_did_not_get_goes_to_the_next_with_the_silence_before_it() -> None:
    session = Session()
    session.hear(*[SILENT] * PAUSE, *map(word, range(1, 11)))
    session.sentence.session_lost()
    session.hear(*map(word, range(11, 51)), up=False)
    assert session.sentence.waiting
    session.sent.clear()
    session.sentence.new_session()
    session.hear(word(51))
    assert len(session.sent) == CATCH_UP_MS // 20
    assert session.sentence.behind
    assert session.hear(*map(word, range(52, 80))) == list(range(1, 80))
    assert session.sent.index(word(1)) == LEAD_MS // 20
    assert not session.sentence.behind


def test_in_a_long_silence_nothing_is_behind() -> None:
    session = Session()
    session.hear(*[SILENT] * 100, up=False)
    session.sentence.new_session()
    session.hear(*[SILENT] * 5)
    assert len(session.sent) == LEAD_MS // 20 + 5
    assert not session.sentence.behind


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


def test_nothing_is_given_of_what_was_lost() -> None:
    session = Session()
    session.hear(*[SILENT] * PAUSE)
    session.hear(word(1), up=False)
    session.sentence.lose()
    assert session.hear(word(2)) == []
    assert not session.sentence.torn, "nothing of it was given"


def test_a_session_that_has_a_part_of_what_was_lost_must_forget_it() -> None:
    session = Session()
    session.hear(*[SILENT] * PAUSE, word(1))
    session.sentence.lose()
    assert session.sentence.torn
