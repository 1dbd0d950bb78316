"""Numbers and names as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.nlu.names import (
    listed,
    placed_forms,
    plain,
    said,
    short_forms,
    spoken_forms,
)
from satellite.local_server.nlu.numbers import in_words, spell_out


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"), (7, "seven"), (13, "thirteen"), (20, "twenty"), (21, "twenty one"),
        (99, "ninety nine"), (100, "one hundred"), (105, "one hundred five"),
        (1_000, "one thousand"), (2_700, "two thousand seven hundred"),
        (99_999, "ninety nine thousand nine hundred ninety nine"),
    ],
)  # fmt: skip
def test_numbers_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_no_two_numbers_are_said_alike(one: int, other: int) -> None:
    assert (in_words(one) == in_words(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("set it to 21.5", "set it to twenty one point five"),
        ("40%", "forty%"),
        ("-3", "minus three"),
        ("1,05", "one point zero five"),
        ("light2", "light2"),
        ("123456", "123456"),
        ("no number", "no number"),
    ],
)
def test_digits_become_words(text: str, words: str) -> None:
    assert spell_out(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Turn ON the light!", "turn on the light"),
        ("Café Küche", "cafe kuche"),
        ("Straße", "strasse"),
        ("Anna\u2019s lamp", "anna's lamp"),
        ("lamp2", "lamp two"),
        ("LivingRoom", "living room"),
        ("40%", "forty percent"),
        ("21.5 °C", "twenty one point five degrees"),
        ("TV & radio", "tv and radio"),
        ("灯", ""),
    ],
)
def test_plain_words(text: str, words: str) -> None:
    assert plain(text) == words


@given(st.text(max_size=30))
def test_plain_is_what_can_be_said_and_stays_so(text: str) -> None:
    once = plain(text)
    assert set(once) <= set("abcdefghijklmnopqrstuvwxyz' ")
    assert plain(once) == once


def test_a_name_with_its_room_in_brackets_is_said_in_several_ways() -> None:
    forms = spoken_forms("Lamp (Bedroom)")
    assert forms[0] == "bedroom lamp"
    assert {"lamp in the bedroom", "bedroom light"} <= set(forms)


@given(st.text(max_size=30))
def test_the_ways_to_say_a_name_are_distinct_words(name: str) -> None:
    forms = spoken_forms(name)
    assert len(forms) == len(set(forms))
    assert all(form and plain(form) == form for form in forms)


def test_a_device_is_also_called_by_its_place() -> None:
    assert placed_forms("Kitchen light", ["Kitchen", "Hall"]) == ["light in the kitchen"]
    assert placed_forms("Kitchenette light", ["Kitchen"]) == []


HOME = ("Kitchen light", "Bedroom light", "Bedroom fan", "Bedroom reading lamp", "Front door")


def test_what_is_unmistakable_may_be_said_for_short() -> None:
    short = short_forms(HOME, ["Kitchen", "Bedroom"])
    assert short["fan"] == "Bedroom fan"
    assert short["reading lamp"] == "Bedroom reading lamp"
    assert short["door"] == "Front door"


def test_what_could_mean_two_devices_is_no_name() -> None:
    assert "light" not in short_forms(HOME, ["Kitchen", "Bedroom"])


@given(st.lists(st.sampled_from([*HOME, "Lamp", "Fan", "Door (Hall)", "Hall door"]), unique=True))
def test_a_short_name_is_never_the_full_name_of_another(names: list[str]) -> None:
    full = {form: name for name in names for form in spoken_forms(name)}
    for form, name in short_forms(names, ["Kitchen", "Bedroom", "Hall"]).items():
        assert full.get(form, name) == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Kitchen light", "the kitchen light"),
        ("Lamp (Bedroom)", "the lamp in the bedroom"),
        ("My lamp", "my lamp"),
        ("Anna's lamp", "anna's lamp"),
        ("TV", "the TV"),
        ("", "the device"),
    ],
)
def test_names_in_the_middle_of_a_sentence(name: str, words: str) -> None:
    assert said(name) == words


def test_lists() -> None:
    assert [listed(["a", "b", "c"][:count]) for count in range(4)] == [
        "", "a", "a and b", "a, b and c"
    ]  # fmt: skip
