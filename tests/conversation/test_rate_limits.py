"""It slows down before the server refuses: what can wait waits some seconds, and no longer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from satellite.conversation.rate_limits import MAX_WAIT_S
from satellite.conversation.unanswered import THINKING_S
from tests.conversation.talk import Talk, call_item, only, sent, turn

USED = server.Usage(input_text=1500, input_audio=300, output_text=50, output_audio=150)
"""2,000 tokens."""


def limits(remaining: int, reset_s: float, name: str = "tokens") -> server.RateLimitsUpdated:
    return server.RateLimitsUpdated((server.RateLimit(name, 40_000, remaining, reset_s),))


def a_call_at_the_limit(*updates: server.RateLimitsUpdated) -> Talk:
    """A function is called, and the server says meanwhile how much is left."""
    talk = Talk()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed", usage=USED), *updates)
    return talk


def waited_s(talk: Talk) -> float:
    """How long the reply about the result waits."""
    effects = talk.tell(local.CallFinished("c1", 1, "{}"))
    began_s = talk.now_s
    while not sent(effects, cmd.CreateResponse):
        due_s = talk.machine.deadline_s
        assert due_s is not None, "nothing will ever ask for it"
        assert due_s < began_s + 60
        effects = talk.wait(max(0.01, due_s - talk.now_s))
    return talk.now_s - began_s


@pytest.mark.parametrize(
    ("updates", "expected_s"),
    [
        ((), 0),
        ((limits(30_000, 15),), 0),
        ((limits(2_000, 57),), 0),
        ((limits(1_000, 39),), 1),
        ((limits(0, 40),), 2),
        ((limits(0, 600),), MAX_WAIT_S),
        ((limits(0, 600), limits(9_000, 40)), 0),
        ((limits(0, 6, "requests"),), 0.00015),
        ((limits(1, 6, "requests"),), 0),
        ((server.RateLimitsUpdated(),), 0),
    ],
)
def test_a_reply_about_a_result_waits_until_as_much_is_back_as_the_last_one_took(
    updates: tuple[server.RateLimitsUpdated, ...], expected_s: float
) -> None:
    assert waited_s(a_call_at_the_limit(*updates)) == pytest.approx(expected_s, abs=0.02)


def test_announcements_wait_too_and_what_somebody_asked_aloud_does_not() -> None:
    talk = a_call_at_the_limit(limits(0, 600))
    talk.tell(local.CallFinished("c1", 1, "{}"), local.SayRequested("Dinner", None, False, False))
    assert not sent(talk.wait(1), cmd.CreateResponse)
    turn(talk, "u2")
    effects = talk.tell(server.ResponseCreated("r2"), server.AudioDelta("r2", "i2", bytes(4800)))
    assert only(effects, fx.Play), "the server's own answer is played as always"


def test_it_is_told_once_in_an_hour() -> None:
    talk = Talk()
    for _ in range(50):
        talk.tell(limits(0, 600))
        talk.wait(60)
    notes = [note for note in only(talk.log, fx.Note) if "rate limit" in note.text]
    assert len(notes) == 1
    assert "0 of 40000 tokens" in notes[0].text
    talk.wait(1000)
    talk.tell(limits(0, 600))
    assert len([note for note in only(talk.log, fx.Note) if "rate limit" in note.text]) == 2


@given(
    st.lists(
        st.builds(
            server.RateLimit,
            st.sampled_from(["tokens", "requests", "other", ""]),
            st.integers(0, 10**12),
            st.integers(0, 10**12),
            st.floats(0, 1e9),
        ),
        max_size=4,
    )
)
def test_whatever_the_server_claims_a_reply_waits_no_longer_than_people_do(
    claimed: list[server.RateLimit],
) -> None:
    talk = a_call_at_the_limit(server.RateLimitsUpdated(tuple(claimed)))
    assert waited_s(talk) <= MAX_WAIT_S + 0.02 < THINKING_S
