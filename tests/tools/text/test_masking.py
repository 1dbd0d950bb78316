"""A PIN is found however it is said, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core.masking import MASK
from satellite.tools.text.masking import Mask
from satellite.tools.text.spoken_digits import codes_in, find_digits

PIN = "4711"
UNITS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


@pytest.mark.parametrize(
    "said",
    [
        "4711",
        "4 7 1 1",
        "4-7-1-1",
        "47, 11",
        "4,711",
        "four seven one one",
        "Four. Seven. One. One",
        "four seven double one",
        "forty-seven eleven",
        "forty seven eleven",
        "four seven eleven",
        "four 7 one 1",
        "four thousand seven hundred and eleven",
        "forty-seven hundred eleven",
        "for seven one won",
        "four seven and one one",
        "four, um, seven, one, one",
    ],
)
def test_a_pin_is_taken_out_of_a_transcript(said: str) -> None:
    mask = Mask((PIN,))
    assert mask.speech(said) == MASK
    assert mask.speech(f"Yes, the code is {said}, please.") == f"Yes, the code is {MASK}, please."
    assert mask.text(f"say {said}") == f"say {MASK}"


@pytest.mark.parametrize(
    "said",
    [
        "vier sieben eins eins",
        "Vier, sieben, eins, eins",
        "siebenundvierzig elf",
        "sieben und vierzig elf",
        "viertausendsiebenhundertelf",
        "vier sieben doppelt eins",
        "四七一一",
        "四七幺幺",
        "四 七 一 一",
        "四十七十一",
        "四千七百一十一",
        "４７１１",
        "٤٧١١",
    ],
)
def test_a_pin_is_found_in_german_and_chinese_and_in_any_digits(said: str) -> None:
    mask = Mask((PIN,))
    assert mask.speech(said) == MASK
    assert mask.speech(f"Ja: {said}!") == f"Ja: {MASK}!"


@pytest.mark.parametrize(
    "said",
    ["Es ist elf Uhr siebenundvierzig", "vier Lampen in sieben Zimmern", "四七一", "十一月四日"],
)
def test_other_numbers_of_other_languages_stay(said: str) -> None:
    assert Mask((PIN,)).speech(said) == said


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("", 0),
        ("yes please", 0),
        ("4711", 1),
        ("four seven one one", 1),
        ("4711, I said 4711", 1),
        ("is it 1111 or 2222 or 3333", 3),
        ("1111 2222", 2),
        ("eins eins eins eins oder zwei zwei zwei zwei", 2),
        ("四七一一还是一一一一", 2),
        ("it is for you, too", 0),
    ],
)
def test_codes_are_counted(said: str, codes: int) -> None:
    assert codes_in(said, 4) == codes


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Set it to 47 degrees in 11 minutes",
        "four seven one",
        "Seven eleven is a shop",
        "47110",
        "x4711y",
        "four and twenty blackbirds",
        "I won one, and you ate four",
    ],
)
def test_other_numbers_stay(said: str) -> None:
    assert Mask((PIN,)).speech(said) == said


def test_it_is_taken_out_as_often_as_it_is_said() -> None:
    said = "4711? I said four seven one one! 4 7 1 1 4 7 1 1"
    assert Mask((PIN,)).speech(said) == f"{MASK}? I said {MASK}! {MASK} {MASK}"


def test_zeros_have_many_names() -> None:
    for said in ("oh oh seven", "zero zero seven", "double oh seven", "007", "nought nought seven"):
        assert Mask(("007",)).speech(said) == MASK
    assert Mask(("2005",)).speech("two thousand and five") == MASK
    assert Mask(("120",)).speech("one twenty") == MASK


def test_a_longer_code_leaves_no_end_behind() -> None:
    assert Mask(("47", "4711")).text("it is 4711") == f"it is {MASK}"


def test_codes_with_letters_are_found_as_they_are_spelled() -> None:
    mask = Mask(("a1b2",))
    assert mask.speech("It is A1B2, or a 1 b 2.") == f"It is {MASK}, or {MASK}."


def test_very_short_codes_do_not_blot_out_ordinary_speech() -> None:
    mask = Mask(("20",))
    assert mask.speech("twenty degrees") == "twenty degrees"
    assert mask.text("twenty") == MASK  # what a model writes into a call is shown less often


@given(st.from_regex(r"[0-9]{3,12}", fullmatch=True), st.data())
def test_any_pin_is_found_in_any_mixture(pin: str, data: st.DataObject) -> None:
    said, at = [], 0
    while at < len(pin):
        many = data.draw(st.integers(1, len(pin) - at))
        word = data.draw(st.booleans()) and many == 1
        said.append(UNITS[int(pin[at])] if word else pin[at : at + many])
        at += many
    text = data.draw(st.sampled_from([" ", ", ", "-", ". "])).join(said)
    assert Mask((pin,)).speech(f"so {text} it is") == f"so {MASK} it is"


@given(st.text(max_size=80), st.from_regex(r"[0-9]{3,6}", fullmatch=True))
def test_whatever_is_said_spans_are_in_order_and_hold_digits(text: str, digits: str) -> None:
    behind = 0
    for begin, end in find_digits(text, digits):
        assert behind <= begin < end <= len(text)
        behind = end
