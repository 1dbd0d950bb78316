"""What an evening with a television costs: the promise of design and docs, with a wide margin."""

from __future__ import annotations

from scripts.benchmarks.evening.room import EVENING_S, evening
from scripts.benchmarks.evening.satellite_at import spend

LIMIT_USD = 0.30


def test_the_television_takes_ten_to_eleven_turns_a_minute() -> None:
    told = [one for one in evening(1, lulls=False) if one.who == "television"]
    assert 10 <= len(told) / (EVENING_S / 60) <= 11


def test_an_evening_in_auto_stays_below_the_limit_and_every_wish_is_done_at_once() -> None:
    passed = spend("auto", mistakes=0.1)
    assert passed.usd < 0.7 * LIMIT_USD
    assert passed.done == passed.wishes == 12
    assert max(passed.replied_s) < 2.5
    assert set(passed.chimes) == {"wake_word"}
    assert len(passed.chimes) <= passed.wishes + 1, "once for each time that the room was quiet"


def test_without_the_wake_word_it_costs_much_more_and_without_silence_most() -> None:
    hour_s = 3600.0
    auto, still, aloud = (
        spend("auto", length_s=hour_s),
        spend("open", length_s=hour_s),
        spend("open", length_s=hour_s, may_stay_silent=False),
    )
    assert auto.usd * 5 < still.usd
    assert still.usd * 3 < aloud.usd
    assert still.done == aloud.done == auto.done == 4
