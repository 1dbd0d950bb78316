"""Opposites, the lead that they must be beaten by, and what shows an echo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.asr.evidence import LEAST_ADVANTAGE
from satellite.local_server.asr.grammar import Grammar, grammar_of
from satellite.local_server.asr.levels import falling_db
from satellite.local_server.asr.opposites import (
    DRY_DB,
    ECHO_DB,
    IN_DRY,
    IN_ECHO,
    STOPS,
    blur,
    each_word_is_certain,
    fewer,
    least_advantage,
    least_lead,
    least_leeway,
    opposites,
)
from tests.local_server.home_tools import small_home_tools


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return grammar_of(small_home_tools())


@pytest.mark.parametrize(
    ("sentence", "opposite"),
    [
        ("turn on the kitchen light", "turn off the kitchen light"),
        ("turn everything off", "turn everything on"),
        ("lock the front door", "unlock the front door"),
        ("please unlock the front door", "please lock the front door"),
        ("open the blind", "close the blind"),
        ("raise the blind", "lower the blind"),
        ("turn up the thermostat", "turn down the thermostat"),
        ("turn down the thermostat", "turn on the thermostat"),
        ("make it warmer in the living room", "make it cooler in the living room"),
        ("make the kitchen light darker", "make the kitchen light brighter"),
        ("set the kitchen light to fifteen percent", "set the kitchen light to fifty percent"),
        ("stop", "hello"),
        ("no", "yes"),
    ],
)
def test_each_sentence_with_an_opposite_has_it(
    grammar: Grammar, sentence: str, opposite: str
) -> None:
    accepts = grammar.automaton.accepts
    assert opposite in list(opposites(sentence, accepts))
    assert sentence in list(opposites(opposite, accepts))
    assert not grammar.same(sentence, opposite)


@given(st.lists(st.sampled_from(["turn", "on", "off", "up", "lock", "the", "fifty"]), max_size=5))
def test_an_opposite_is_another_sentence_of_as_many_words(words: list[str]) -> None:
    text = " ".join(words)
    for other in opposites(text, lambda _: True):
        assert other != text
        assert len(other.split()) == len(words)
        assert text in list(opposites(other, lambda _: True))
    assert list(opposites(text, lambda _: False)) == []


@given(st.floats(0, 60), st.floats(0, 60), st.floats(0, 80))
def test_the_more_echo_the_clearer_a_word_has_to_be(
    one: float, other: float, snr_db: float
) -> None:
    echoing, dry = (blur(fall, snr_db) for fall in sorted((one, other)))
    assert 0 <= dry <= echoing <= 1
    assert IN_DRY <= least_lead(dry) <= least_lead(echoing) <= IN_ECHO
    assert LEAST_ADVANTAGE <= least_advantage(dry) <= least_advantage(echoing)
    for reaches_many in (False, True):
        wanted = [least_leeway(one, reaches_many=reaches_many) for one in (dry, echoing)]
        assert 0 <= wanted[0] <= wanted[1]
    assert least_leeway(dry, reaches_many=True) >= least_leeway(dry, reaches_many=False)
    assert blur(0, snr_db) == 1
    assert blur(60, 80) == 0 < blur(60, 0) < 1


def test_what_reaches_more_has_to_be_surer() -> None:
    assert each_word_is_certain(60.0, -2.0)
    assert not each_word_is_certain(LEAST_ADVANTAGE, -2.0)
    assert not each_word_is_certain(60.0, -5.0)


def test_speech_falls_as_fast_as_the_room_lets_it() -> None:
    rng = np.random.default_rng(1)
    words = np.concatenate(
        [part for _ in range(6) for part in (rng.standard_normal(3_200), np.zeros(3_200))]
    )
    seconds = np.arange(8_000) / 16_000
    found = []
    for rt60_s in (0.05, 0.3, 0.6):
        answer = rng.standard_normal(8_000) * 10 ** (-3 * seconds / rt60_s)
        heard = np.convolve(words, answer)
        found.append(falling_db((heard / np.abs(heard).max() * 12_000).astype(np.int16)))
    assert found[0] > DRY_DB
    assert ECHO_DB > found[1] > found[2] > 0
    assert falling_db(np.zeros(10, dtype=np.int16)) == 0
    assert falling_db(np.zeros(0, dtype=np.int16)) == 0


@pytest.mark.parametrize(
    ("sentence", "reaches_many"),
    [
        ("turn everything off", True),
        ("turn off all the lights", True),
        ("turn off the lights", True),
        ("turn off the kitchen light and the bedroom fan", True),
        ("turn off everything in the kitchen", False),
        ("turn off the kitchen light", False),
        ("what is the state of everything", False),
        ("tell me a story", False),
        ("what does the fox say", False),
    ],
)
def test_what_reaches_more_than_one_thing(
    grammar: Grammar, sentence: str, reaches_many: bool
) -> None:
    assert grammar.reaches_many(sentence) is reaches_many


@pytest.mark.parametrize(
    "sentence",
    [
        "who locked the front door",
        "who has turned off the lights",
        "have you locked the front door",
        "has he opened the living room blind",
        "did you lock the front door",
        "why did you turn on the kitchen light",
        "when did she turn off the fan",
        "how do i turn on the lights",
        "when will you close the blind",
        "where can i unlock the front door",
        "what if i unlock the front door",
        "how to turn on the lights",
    ],
)
def test_a_question_is_heard_as_one_and_is_no_wish(grammar: Grammar, sentence: str) -> None:
    assert grammar.automaton.accepts(sentence.split())
    assert grammar.meaning(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "one"),
    [
        ("lower the blinds", "lower the blind"),
        ("turn on the kitchen lights", "turn on the kitchen light"),
        ("turn off everything", "turn off everything"),
        ("yes", "yes"),
    ],
)
def test_several_things_may_be_one_and_a_hiss(sentence: str, one: str) -> None:
    assert fewer(sentence) == one


def test_a_lock_is_not_asked_about(grammar: Grammar) -> None:
    """A yes to "Did you say …?" would unlock it, without the home's own confirmation."""
    assert grammar.may_be_asked_about("turn off everything")
    assert not grammar.may_be_asked_about("unlock the front door")
    assert not grammar.may_be_asked_about("is the front door locked")


def test_a_question_may_sound_like_a_wish(grammar: Grammar) -> None:
    asked = ["who locked the front door", "have you locked the front door",
             "did you lock the front door"]  # fmt: skip
    assert grammar.questions_like("lock the front door") == asked
    assert grammar.questions_like("could you please lock the front door") == asked
    assert grammar.questions_like("turn off the fan") == []
    assert len(grammar.questions_like("can you turn off the fan")) == 3
    for sentence in ("please", "could you", "is the front door locked", "yes", "no such words"):
        assert grammar.questions_like(sentence) == []


def test_every_way_to_say_stop_is_known(grammar: Grammar) -> None:
    for stop in STOPS:
        meaning = grammar.meaning(stop)
        assert meaning is not None
        assert meaning.topic == "stop"
        assert grammar.automaton.accepts(stop.split())
