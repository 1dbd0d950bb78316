"""When the canceller is believed: after enough echo, and once it is measured to work."""

from __future__ import annotations

from satellite.audio.echo.warmup import LEAST_S, MOST_S, Warmup

CHUNK_S = 0.02
LOUD = 1e6


def seconds_to_done(removed: float, *, played: float = LOUD) -> float:
    warmup, at_s = Warmup(), 0.0
    while not warmup.done and at_s < 2 * MOST_S:
        warmup.hear(played, LOUD, LOUD / removed, CHUNK_S)
        at_s += CHUNK_S
    return at_s


def test_what_works_from_the_beginning_is_believed_after_a_while() -> None:
    assert abs(seconds_to_done(100.0) - LEAST_S) <= CHUNK_S


def test_what_does_not_work_is_waited_for_but_not_for_ever() -> None:
    assert abs(seconds_to_done(2.0) - MOST_S) <= CHUNK_S


def test_what_begins_to_work_is_believed_then() -> None:
    warmup = Warmup()
    chunks = round((LEAST_S + 0.4) / CHUNK_S)
    for _ in range(chunks):
        warmup.hear(LOUD, LOUD, LOUD / 2, CHUNK_S)
    assert not warmup.done
    for _ in range(25):
        warmup.hear(LOUD, LOUD, LOUD / 100, CHUNK_S)
    assert warmup.done


def test_pauses_of_the_reply_do_not_count() -> None:
    assert seconds_to_done(100.0, played=0.0) >= 2 * MOST_S
