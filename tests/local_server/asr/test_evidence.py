"""When a sentence is believed: its words beside the mere sounds of the same speech."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.asr.evidence import (
    IN_NOISE,
    IN_QUIET,
    Stretch,
    convincing,
    limits,
    margins,
    own_score,
    unexplained,
)

LOUD = [True] * 100


def sentence(*words: tuple[str, int, float]) -> list[Stretch]:
    """Words one after the other: label, length in frames, score per frame."""
    stretches: list[Stretch] = []
    at = 0
    for label, length, score in words:
        stretches.append(Stretch(label, at, at + length, score * length))
        at += length
    return stretches


def sounds(score: float = -3.0) -> list[Stretch]:
    return sentence(*[("AH", 10, score)] * 10)


def test_words_that_fit_like_the_sounds_themselves_are_believed() -> None:
    words = sentence(("turn", 30, -3.5), ("on", 20, -3.0), ("light", 50, -4.0))
    assert convincing(words, sounds(), IN_QUIET)


def test_words_that_fit_far_worse_than_any_sounds_are_not() -> None:
    assert not convincing(sentence(("turn", 50, -9.0), ("on", 50, -8.0)), sounds(), IN_QUIET)


def test_one_word_that_does_not_fit_is_enough_to_doubt() -> None:
    good = sentence(("turn", 40, -2.5), ("on", 40, -2.5), ("light", 20, -2.5))
    bad = sentence(("turn", 40, -2.5), ("on", 40, -2.5), ("light", 20, -11.0))
    assert convincing(good, sounds(), IN_QUIET)
    assert not convincing(bad, sounds(), IN_QUIET)
    assert margins(bad, sounds())[1] < -5.5


def test_speech_that_passes_for_a_pause_is_not_explained() -> None:
    words = sentence(("<sil>", 40, -3.0), ("hello", 60, -3.0))
    assert unexplained(words, [False] * 40 + [True] * 60) == 0
    assert unexplained(words, LOUD) == 0.4
    assert unexplained([], []) == 1


def test_more_is_asked_of_what_is_said_in_noise() -> None:
    words = sentence(("turn", 60, -4.5), ("off", 40, -4.5))
    assert convincing(words, sounds(-1.5), limits(60.0))
    assert not convincing(words, sounds(-1.5), limits(25.0))
    assert (limits(60.0), limits(25.0)) == (IN_QUIET, IN_NOISE)
    assert IN_NOISE.overall > limits(37.0).overall > IN_QUIET.overall


def test_a_sentence_that_ends_before_the_speech_does_is_not_believed() -> None:
    assert not convincing(sentence(("stop", 60, -3.0)), sounds(), IN_QUIET)


def test_nothing_is_never_believed() -> None:
    assert not convincing([], sounds(), IN_QUIET)
    assert not convincing([], [], IN_QUIET)
    assert own_score([]) == float("-inf")


@given(
    st.lists(st.tuples(st.sampled_from(["a", "<sil>"]), st.integers(1, 40), st.floats(-20, 0))),
    st.lists(st.tuples(st.just("AH"), st.integers(1, 40), st.floats(-20, 0))),
    st.floats(-100, 200),
)
def test_any_scores_give_an_answer(
    words: list[tuple[str, int, float]],
    heard: list[tuple[str, int, float]],
    snr_db: float,
) -> None:
    believed = convincing(sentence(*words), sentence(*heard), limits(snr_db))
    if not any(label == "a" for label, _, _ in words):
        assert not believed
