"""What else the speech may have been, by a lattice as pocketsphinx writes it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.asr.evidence import Stretch
from satellite.local_server.asr.rivals import advantage, lattice_of, prefer_singular, readings

WRITTEN = """# getcwd: /somewhere
# -logbase 1.000100e+00
#
Frames 100
#
Nodes 8 (NODEID WORD STARTFRAME FIRST-ENDFRAME LAST-ENDFRAME)
0 </s> 100 100 100 ; -1
1 <s> 0 0 0 ; -1
2 <sil> 90 92 99 ; 7
3 off 60 70 99 ; 7
4 on 60 70 99 ; 7
5 the(2) 40 50 59 ; 6
6 turn 10 30 39 ; 5
7 <sil> 0 2 9 ; 4
#
Initial 1
Final 0
#
BestSegAscr 0 (NODEID ENDFRAME ASCORE)
#
Edges (FROM-NODEID TO-NODEID ASCORE)
1 7 -345088
2 0 -10000
3 2 -600000
4 0 -100
4 2 -500000
5 3 -200000
5 4 -200000
6 3 -300000
6 5 -300000
7 6 -644385
End
"""
PAUSE = Stretch("<sil>", 90, 100, -30.0)


def test_the_sentences_of_a_lattice_come_with_their_scores_the_likeliest_first() -> None:
    found = readings(lattice_of(WRITTEN), PAUSE)
    assert [sentence for sentence, _ in found] == ["turn off", "turn the on", "turn the off"]
    scores = [score for _, score in found]
    # The price of the first pause, that pause, two words, and ten frames of the last pause.
    assert scores[0] == pytest.approx(-34.5 - 30 - 30 - 60 - 30, abs=0.1)
    assert scores[0] - scores[1] == pytest.approx(10)
    assert scores[1] - scores[2] == pytest.approx(10)


def test_who_speaks_to_the_very_end_is_compared_with_words_that_reach_it() -> None:
    """Pocketsphinx scores those as if they had ended where they fit best."""
    ending = Stretch("on", 60, 100, -200.0)
    assert [sentence for sentence, _ in readings(lattice_of(WRITTEN), ending)] == ["turn the on"]


def test_another_meaning_counts_and_another_wording_does_not() -> None:
    among = [("turn on the light", -100.0), ("switch on the light", -103.0), ("dim it", -120.0)]

    def same(one: str, other: str) -> bool:
        return one == other or {one, other} == {"turn on the light", "switch on the light"}

    assert advantage("turn on the light", among, same) == 20
    assert advantage("switch on the light", among, same) == 20
    assert advantage("dim it", among, same) == -20
    assert advantage("turn on the light", among[:2], same) == math.inf
    assert advantage("stop", among, same) == -math.inf
    assert advantage("stop", [], same) == -math.inf


def test_of_one_and_many_the_one_is_meant_unless_many_are_much_likelier() -> None:
    one, many = "turn on the kitchen light", "turn on the kitchen lights"
    assert prefer_singular(many, [(many, -100.0), (one, -105.0)], 12) == one
    assert prefer_singular(many, [(many, -100.0), (one, -120.0)], 12) == many
    assert prefer_singular(one, [(one, -100.0), (many, -101.0)], 12) == one
    assert prefer_singular(many, [(many, -100.0), ("stop", -101.0)], 12) == many
    assert prefer_singular(many, [], 12) == many


@given(st.text())
def test_what_is_no_lattice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no lattice"):
        lattice_of(text)
