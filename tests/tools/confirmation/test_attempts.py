"""Wrong codes: they count over restarts, and the pauses grow."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from satellite.tools.confirmation.attempts import PAUSES_S, TRIES, Attempts, Lockout
from satellite.tools.effects import CallDone, KeepAttempts
from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_three_wrong_ones_are_a_pause_and_each_pause_is_longer() -> None:
    lockout, now_s = Lockout(Attempts()), 50.0
    for pause_s in (*PAUSES_S, PAUSES_S[-1]):
        assert [lockout.wrong(now_s) for _ in range(TRIES)] == [False, False, True]
        assert lockout.deadline_s == now_s + pause_s
        assert lockout.paused(now_s + pause_s - 1)
        now_s += pause_s
        assert not lockout.paused(now_s)
    assert tuple(sorted(PAUSES_S)) == PAUSES_S


def test_the_right_one_begins_anew() -> None:
    lockout = Lockout(Attempts(wrong=2, pauses=4))
    lockout.right()
    assert lockout.attempts == Attempts()


def test_a_restart_forgets_nothing_and_begins_the_pause_anew() -> None:
    lockout = Lockout(Attempts())
    lockout.wrong(0.0)
    lockout.wrong(0.0)
    lockout = Lockout(lockout.attempts)
    assert lockout.wrong(0.0)
    assert lockout.paused(PAUSES_S[0] - 1)
    lockout = Lockout(lockout.attempts)
    assert lockout.paused(1_000.0)
    assert lockout.paused(1_000.0 + PAUSES_S[0] - 1)
    assert not lockout.paused(1_000.0 + PAUSES_S[0])
    assert not Lockout(lockout.attempts).paused(0.0), "a pause that is over comes not again"


def test_what_cannot_be_read_is_a_pause() -> None:
    lockout = Lockout(Attempts.unreadable())
    assert lockout.paused(0.0)
    assert lockout.deadline_s == PAUSES_S[0]


@given(st.lists(st.tuples(st.sampled_from(["wrong", "restart"]), st.floats(0, 4e5)), max_size=60))
def test_no_order_of_tries_and_restarts_allows_more(story: list[tuple[str, float]]) -> None:
    """After every third try there is a pause of the longest kind before the next."""
    lockout, now_s, tries = Lockout(Attempts(pauses=len(PAUSES_S))), 0.0, list[float]()
    for what, later_s in story:
        now_s += later_s
        if what == "restart":
            lockout = Lockout(lockout.attempts)
        if not lockout.paused(now_s):
            tries.append(now_s)
            lockout.wrong(now_s)
    for third, fourth in zip(tries[TRIES - 1 :: TRIES], tries[TRIES::TRIES], strict=False):
        assert fourth - third >= PAUSES_S[-1]


def guess(h: Driver, turn: int, pin: str) -> Any:  # noqa: ANN401
    asked = h.result(h.call("set_lock", devices=["Front door"], action="unlock", turn=turn))
    id_ = asked["confirmation_id"]
    return h.result(h.call("confirm", confirmation_id=id_, answer="yes", pin=pin, turn=turn + 1))


def test_a_wrong_code_is_kept_before_its_answer_is_told(home: Driver) -> None:
    h = home(Rules(pin="4711"))
    h.lock("Front door")
    guess(h, 1, "1111")
    kinds = [type(effect) for effect in h.effects]
    assert kinds.index(KeepAttempts) < len(kinds) - 1 - kinds[::-1].index(CallDone)
    assert h.kept[-1] == KeepAttempts(1, 0, False)


def test_a_restart_of_the_house_gives_no_new_tries(home: Driver) -> None:
    kept = KeepAttempts(0, 0, False)
    turn, opened = 1, 0
    for _ in range(10):
        attempts = Attempts(kept.wrong, kept.pauses, kept.paused)
        h = home(Rules(pin="4711"), attempts=attempts)
        h.lock("Front door")
        result = guess(h, turn, "1111")
        opened += "Too many" not in result["message"]
        kept = h.kept[-1] if h.kept else kept
        turn += 2
    assert opened == TRIES
    h.wait(PAUSES_S[0] + 1)
    assert not h.kept[-1].paused, "the end of a pause is kept too"
    assert guess(h, turn, "4711")["status"] == "done"
    assert h.kept[-1] == KeepAttempts(0, 0, False)


def test_one_turn_is_one_try(home: Driver) -> None:
    h = home(Rules(pin="4711"))
    h.lock("Front door")
    h.lock("Back door")
    ids = [
        h.result(h.call("set_lock", devices=[name], action="unlock", turn=1))["confirmation_id"]
        for name in ("Front door", "Back door")
    ]
    codes = zip(ids, ("1111", "4711"), strict=True)
    told = [
        h.result(h.call("confirm", confirmation_id=id_, answer="yes", pin=pin, turn=2))["message"]
        for id_, pin in codes
    ]
    assert "wrong" in told[0]
    assert "Only one code" in told[1]
    assert not h.published


def test_a_code_that_only_the_lock_can_judge_is_wrong_when_it_does_nothing(
    home: Driver,
) -> None:
    h = home(Rules(confirm_timeout_s=300))
    base = h.lock("Front door", code_format="^\\d{4}$", command_template="{{ value }} {{ code }}")
    h.silent(base)
    for turn in (1, 3, 5):
        asked = h.result(h.call("set_lock", devices=["Front door"], action="unlock", turn=turn))
        id_ = asked["confirmation_id"]
        h.call("confirm", confirmation_id=id_, answer="yes", pin=f"111{turn}", turn=turn + 1)
        h.wait(2)
        assert h.done[-1].result["status"] == "not_confirmed"
    assert len(h.published) == TRIES
    assert "Too many" in guess(h, 7, "4711")["message"]
    assert len(h.published) == TRIES
    h.wait(PAUSES_S[0])
    asked = h.result(h.call("set_lock", devices=["Front door"], action="unlock", turn=9))
    id_ = asked["confirmation_id"]
    h.call("confirm", confirmation_id=id_, answer="yes", pin="4711", turn=10)
    h.tell(base, "UNLOCKED")
    assert h.done[-1].result["status"] == "done"
    assert h.kept[-1] == KeepAttempts(0, 0, False), "it was the right one"
