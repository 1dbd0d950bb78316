"""What is charged: what the server reports, once, and an estimate where it reports nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation import effects as fx
from satellite.conversation.billing import FIRST_INPUT
from satellite.conversation.events import Event, local, server
from satellite.conversation.events.server import TranscriptUsage, Usage
from satellite.conversation.profile import ConversationProfile
from tests.conversation.talk import MS, Talk, only

USAGE = Usage(1_500, 40, cached_text=1_400, output_text=10, output_audio=60)


def spent(effects: list[fx.Effect]) -> list[object]:
    return [one.usage for one in only(effects, fx.Spent)]


@pytest.mark.parametrize("status", ["completed", "cancelled", "incomplete", "failed"])
def test_however_a_response_ends_its_usage_is_charged_once(status: server.ResponseStatus) -> None:
    talk = Talk()
    talk.reply()
    done = server.ResponseDone("r1", status, usage=USAGE)
    assert spent(talk.tell(done, done)) == [USAGE]


def test_a_response_that_is_lost_with_its_connection_is_estimated() -> None:
    """It was generated, so it is billed: two such in a row passed a limit unseen."""
    talk = Talk()
    talk.reply()
    talk.tell(server.ResponseDone("r1", "completed", usage=USAGE))
    talk.tell(server.SpeechStarted("u2", 1_000), server.SpeechStopped("u2", 4_000))
    talk.tell(server.InputCommitted("u2"))
    talk.tell(server.ResponseCreated("r2"), server.TextDelta("r2", "i2", "Twelve words"))
    talk.tell(server.AudioDelta("r2", "i2", bytes(2_000 * MS)))
    (estimate,) = spent(talk.tell(local.LinkDown(1)))
    assert estimate == Usage(1_500, 40, cached_text=1_400, output_text=3, output_audio=40)
    assert spent(talk.tell(local.LinkUp(2), local.LinkDown(2))) == []


def test_a_turn_whose_answer_had_not_begun_is_estimated_too() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1", 1_000), server.SpeechStopped("u1", 4_000))
    talk.tell(server.InputCommitted("u1"))
    assert spent(talk.tell(local.LinkDown(1))) == [Usage(FIRST_INPUT.input_text, 30)]


def test_a_server_that_reports_no_usage_is_estimated() -> None:
    talk = Talk()
    talk.reply(ms=3_000)
    assert spent(talk.tell(server.ResponseDone("r1", "completed"))) == [
        Usage(FIRST_INPUT.input_text, output_audio=60)
    ]
    talk.reply("r2", "i2", ms=3_000)
    zeros = server.ResponseDone("r2", "cancelled", usage=Usage())
    assert spent(talk.tell(zeros)) == [Usage(FIRST_INPUT.input_text, output_audio=60)]
    failed = server.ResponseDone("r3", "failed", "server_error")
    assert spent(talk.tell(server.ResponseCreated("r3"), failed)) == []


def test_transcripts_are_charged_as_reported_or_by_their_length() -> None:
    talk = Talk(ConversationProfile(transcribes=True))
    for number in range(4):
        item, begin_ms = f"u{number}", number * 10_000
        talk.tell(
            server.SpeechStarted(item, begin_ms), server.SpeechStopped(item, begin_ms + 2_500)
        )
        talk.tell(server.InputCommitted(item), server.ResponseCreated(f"r{number}"))
        talk.tell(server.ResponseDone(f"r{number}", "completed", usage=USAGE))
    reported = TranscriptUsage(seconds=2.0)
    assert spent(talk.tell(server.InputTranscript("u0", "One.", reported))) == [reported]
    by_length = [TranscriptUsage(seconds=2.5)]
    assert spent(talk.tell(server.InputTranscript("u1", "Two."))) == by_length
    assert spent(talk.tell(server.TranscriptFailed("u2", "no words"))) == []
    assert spent(talk.tell(local.LinkDown(1))) == by_length


RESPONSES = st.sampled_from(["r1", "r2", "r3"])
EVENTS = st.one_of(
    st.builds(server.AudioDelta, RESPONSES, st.just("i"), st.just(bytes(MS))),
    st.builds(server.ResponseDone, RESPONSES, st.just("completed"), usage=st.just(USAGE)),
    st.builds(server.ResponseDone, RESPONSES, st.just("failed")),
    st.builds(local.LinkDown, st.just(1)),
)


@given(st.lists(EVENTS, max_size=30))
def test_no_response_is_charged_twice_and_none_that_was_heard_is_free(events: list[Event]) -> None:
    talk = Talk()
    responses: set[str] = set()
    heard: set[str] = set()
    for event in [*events, local.LinkDown(1)]:
        effects = talk.tell(event)
        match event:
            case local.LinkDown():
                assert len(spent(effects)) == len(heard)
                responses, heard = set(), set()
            case server.AudioDelta(response_id) if response_id not in responses:
                heard.add(response_id)
            case server.ResponseDone(response_id):
                due = response_id in heard or (event.usage and response_id not in responses)
                assert len(spent(effects)) == bool(due)
                responses.add(response_id)
                heard.discard(response_id)
