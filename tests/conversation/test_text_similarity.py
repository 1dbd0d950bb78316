"""Whose words these are, by what they have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation.peer_speech import ALIKE
from satellite.conversation.text_similarity import same, similarity


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("The kitchen light is on.", "Done, the kitchen light is on."),
        ("the kitchen light is", "The kitchen light is on."),
        ("turn on the kitchen light", "The kitchen light is on."),
        ("Die Küchenlampe ist an", "Erledigt: Die Küchenlampe ist an."),
        ("厨房的灯已经打开", "好的，厨房的灯已经打开了。"),
    ],
)
def test_what_another_said_is_known_again(heard: str, said: str) -> None:
    assert similarity(heard, said) >= ALIKE


@pytest.mark.parametrize(
    "heard",
    ["stop", "what time is it", "set the heating to twenty degrees", "tell me a story", "", "!?"],
)
def test_what_another_did_not_say_is_not(heard: str) -> None:
    assert similarity(heard, "Done, the kitchen light is on.") < ALIKE


@given(st.text(max_size=50), st.text(max_size=50))
def test_it_is_a_share(text: str, other: str) -> None:
    assert 0.0 <= similarity(text, other) <= 1.0
    assert similarity(text, text) in (0.0, 1.0)
    assert same(text, other, 0.8) == same(other, text, 0.8)
