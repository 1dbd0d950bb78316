"""A yes, a no, or neither: by words, in the languages that people speak at home."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.locales.locale import all_locales, words
from satellite.tools.confirmation.answer import (
    SpokenAnswer,
    is_echo,
    is_nothing_more,
    plain,
    read_answer,
)

ANSWERS = {code: one.answers for code, one in all_locales().items() if one.answers is not None}
AGREEMENT = [(code, phrase) for code, one in ANSWERS.items() for phrase in words(one.agreement)]
REFUSAL = [(code, phrase) for code, one in ANSWERS.items() for phrase in words(one.refusal)]
ONLY_HERE = {plain(phrase) for one in ANSWERS.values() for phrase in words(one.only_here)}


@pytest.mark.parametrize(("code", "phrase"), AGREEMENT)
def test_every_word_of_agreement_is_a_yes_in_its_language(code: str, phrase: str) -> None:
    assert read_answer(f"{phrase.capitalize()}.", code) is SpokenAnswer.YES
    if plain(phrase) not in ONLY_HERE:
        assert read_answer(phrase) is SpokenAnswer.YES


@pytest.mark.parametrize(("code", "phrase"), REFUSAL)
def test_every_word_of_refusal_is_a_no_also_behind_a_yes(code: str, phrase: str) -> None:
    yes = words(ANSWERS[code].agreement)[0]
    for said in (phrase, f"{yes}, {phrase}", f"{phrase} {yes}"):
        assert read_answer(said, code) is SpokenAnswer.NO, said


def test_what_is_weak_or_only_counts_here_is_a_word_of_the_same_language() -> None:
    for code, one in ANSWERS.items():
        known = {*words(one.agreement), *words(one.refusal)}
        assert known.issuperset(words(one.only_here)), code
        assert known.issuperset(words(one.weak)) or code == "fr"


@pytest.mark.parametrize(
    "said",
    [
        "Yes.", "yes please unlock the door", "Um, yes, do it", "Well yeah", "4711, yes",
        "Ja bitte", "Jawohl, mach das", "Oui, vas-y", "D'accord", "Sí, claro", "Да.",
        "4711, yes please", "The code is 4711, ja bitte", "It is four seven, oui s'il vous plaît",
        "はい、お願いします", "네, 열어 주세요", "好的", "对，打开吧", "Tak, proszę", "Ναι",
    ],
)  # fmt: skip
def test_a_yes(said: str) -> None:
    assert read_answer(said) is SpokenAnswer.YES


@pytest.mark.parametrize(
    "said",
    [
        "No.", "Yes, but not now", "yes no wait", "don't", "Please don\u2019t", "Yeah, maybe later",
        "Nein", "Ja, aber nicht jetzt", "Non merci", "不要", "好，但是不要现在",
        "はい、でも後で", "нет, да", "I'd rather you cancel that, okay",
    ],
)  # fmt: skip
def test_a_no(said: str) -> None:
    assert read_answer(said) is SpokenAnswer.NO


@pytest.mark.parametrize(
    "said",
    [
        "", " ", "...", "Hm.", "(coughs)", "What?", "Unlock it", "Turn on the kitchen light",
        "Who is there?", "Wer ist da?", "Yesterday", "Co?", "这是什么", "是谁", "对面的灯",
        "When she was asked whether she wanted to come along with us she said yes to all of them",
        "Are you sure?", "Yes?", "Okay, turn on the lamp", "Turn right lamp on",
        "The lamp on the right, please", "Turn on the light in the kitchen, okay",
        "Somebody told me that yes would be the answer that day",
        "Turn on the yes lamp", "What did you say yes to", "The answer was yes you know",
        "Yes if it rains", "Yes, in ten minutes", "Yes when I am home", "Ja, wenn Anna da ist",
        "Ja, morgen", "Oui, demain", "Sí, mañana", "Да, через минуту", "Tak, jutro", "是的，明天",
        "네, 내일", "はい、明日",
    ],
)  # fmt: skip
def test_neither(said: str) -> None:
    assert read_answer(said) is SpokenAnswer.NEITHER


def test_words_of_the_settings_are_added() -> None:
    assert read_answer("Bai, mesedez") is SpokenAnswer.NEITHER
    assert read_answer("Bai, mesedez", more=("Bai",)) is SpokenAnswer.YES


def test_the_language_of_the_home_settles_what_several_use() -> None:
    assert read_answer("Sim, no portão", "pt-BR") is SpokenAnswer.YES
    assert read_answer("Da", "ro") is SpokenAnswer.YES
    assert read_answer("Da", "de") is SpokenAnswer.NEITHER


def test_a_bare_yes_holds_no_code() -> None:
    assert is_nothing_more("Yes, please do!")
    assert is_nothing_more("Ja, okay")
    assert not is_nothing_more("Yes, 4711")
    assert not is_nothing_more("Oui, quatre sept un un")


def test_what_the_satellite_said_itself_is_no_answer() -> None:
    question = "You want me to unlock the front door. Are you sure? Say yes or no."
    assert is_echo("are you sure", [question])
    assert is_echo("You want me to unlock the front door are you sure", ["Hello.", question])
    assert not is_echo("yes", [question])
    assert not is_echo("yes I am sure", [question])


@given(st.text(max_size=200), st.sampled_from(["", "en", "xx", "zh-TW", "_"]))
def test_any_text_is_read(text: str, language: str) -> None:
    answer = read_answer(text, language)
    if answer is SpokenAnswer.YES:
        assert read_answer(f"{text} not", language) is SpokenAnswer.NO
