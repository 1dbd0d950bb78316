"""A wake word, or the end of one, before a sentence: it means nothing."""

from __future__ import annotations

import pytest

from satellite.audio.wake.detector import known_words
from satellite.core.wake_words import WAKE_WORDS
from satellite.local_server.asr.grammar import grammar_of
from satellite.local_server.asr.wake_prefix import WAKE_PREFIXES, split_wake_prefix
from tests.local_server.home_tools import small_home_tools


def test_all_wake_words_with_a_model_are_known() -> None:
    assert set(WAKE_WORDS) == set(known_words())


@pytest.mark.parametrize("address", WAKE_PREFIXES)
def test_any_sentence_may_follow(address: str) -> None:
    grammar = grammar_of(small_home_tools())
    for text in ("turn on the kitchen light", "is the front door locked", "stop"):
        assert grammar.automaton.accepts([address, *text.split()])
        assert split_wake_prefix([address, *text.split()]) == (address, text)
    assert not grammar.automaton.accepts([address])


def test_without_one_a_sentence_is_what_it_was() -> None:
    assert split_wake_prefix(["turn", "on", "the", "light"]) == ("", "turn on the light")
    assert split_wake_prefix([]) == ("", "")


def test_no_rest_of_one_is_as_short_as_a_word_that_turns_a_sentence() -> None:
    """The end of "okay nabu" is like a "who", and that of "alexa" like an "un"."""
    for phones in WAKE_PREFIXES.values():
        with_vowel = any(phone[0] in "AEIOU" for phone in phones.split())
        assert len(phones.split()) >= 4 or not with_vowel
