"""Whoever speaks has the word: what is silenced, cancelled, cut from memory, and only ducked."""

from __future__ import annotations

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.ducking import GAINS, LASTS_MS
from satellite.conversation.events import local, server
from satellite.conversation.profile import ConversationProfile
from tests.conversation.talk import MS, Talk, only, sent


def test_speech_while_generating_flushes_cancels_and_truncates_what_was_heard() -> None:
    talk = Talk()
    talk.reply(ms=1000)
    effects = talk.tell(server.SpeechStarted("u1"))
    assert only(effects, fx.Flush) == [fx.Flush()]
    assert [c.response_id for c in sent(effects, cmd.CancelResponse)] == ["r1"]
    assert sent(effects, cmd.TruncateItem) == []
    effects = talk.tell(local.Flushed((local.HeardItem("i1", 412.7),)))
    (cut,) = sent(effects)
    assert isinstance(cut, cmd.TruncateItem)
    assert (cut.item_id, cut.audio_end_ms) == ("i1", 412)
    (said,) = only(effects, fx.ShowSaid)
    assert (said.heard_ms, said.interrupted) == (412, True)


def test_speech_after_the_response_was_done_truncates_without_a_cancel() -> None:
    talk = Talk()
    talk.reply(ms=1000)
    talk.end_reply()
    effects = talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 999.9),)))
    assert [type(c) for c in sent(effects)] == [cmd.TruncateItem]


def test_nothing_is_cut_when_everything_was_heard() -> None:
    talk = Talk()
    talk.reply(ms=1000)
    talk.end_reply()
    effects = talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 1000.0),)))
    assert sent(effects) == []
    assert [said.interrupted for said in only(effects, fx.ShowSaid)] == [False]


def test_speech_after_playback_has_nothing_to_do() -> None:
    talk = Talk()
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000.0))
    effects = talk.tell(server.SpeechStarted("u1"))
    assert sent(effects) == []
    assert only(effects, fx.Flush) == []


def test_an_item_of_which_nothing_was_heard_is_deleted_not_truncated() -> None:
    talk = Talk()
    talk.reply(ms=500)
    talk.tell(server.AudioDone("r1", "i1"), server.AudioDelta("r1", "i2", bytes(200 * MS)))
    effects = talk.tell(
        server.SpeechStarted("u1"),
        local.Flushed((local.HeardItem("i1", 100.0), local.HeardItem("i2", 0.0))),
    )
    assert [type(c) for c in sent(effects)] == [
        cmd.CancelResponse,
        cmd.TruncateItem,
        cmd.DeleteItem,
    ]


def test_the_cut_never_exceeds_what_was_received() -> None:
    talk = Talk()
    talk.reply(ms=300)
    effects = talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 350.0),)))
    (cut,) = sent(effects, cmd.TruncateItem)
    assert cut.audio_end_ms == 300


def test_late_audio_of_an_interrupted_response_is_dropped() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(server.SpeechStarted("u1"))
    effects = talk.tell(
        server.AudioDelta("r1", "i1", bytes(480)), server.AudioDelta("r1", "i2", bytes(480))
    )
    assert only(effects, fx.Play) == []


def test_a_response_created_while_the_user_speaks_is_cancelled_again() -> None:
    """A cancel before ``response.created`` is lost (livekit/agents#6244)."""
    talk = Talk()
    talk.tell(local.AskRequested("tell me a story"))
    effects = talk.tell(server.SpeechStarted("u1"))
    assert sent(effects, cmd.CancelResponse) == []
    effects = talk.tell(server.ResponseCreated("r1", {"satellite": "answer"}))
    assert [c.response_id for c in sent(effects, cmd.CancelResponse)] == ["r1"]
    assert only(talk.tell(server.AudioDelta("r1", "i1", bytes(480))), fx.Play) == []


def test_a_request_interrupted_before_it_was_created_is_cancelled_even_after_the_turn() -> None:
    talk = Talk()
    talk.tell(local.AskRequested("tell me a story"))
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    effects = talk.tell(server.ResponseCreated("r1", {"satellite": "answer"}))
    assert [c.response_id for c in sent(effects, cmd.CancelResponse)] == ["r1"]
    effects = talk.tell(server.ResponseDone("r1", "cancelled"), server.ResponseCreated("r2"))
    assert sent(effects, cmd.CancelResponse) == []


def test_with_server_interruption_the_satellite_cuts_memory_but_does_not_cancel() -> None:
    talk = Talk(ConversationProfile(interrupt="server"))
    talk.reply()
    effects = talk.tell(
        server.SpeechStarted("u1"),
        server.ResponseDone("r1", "cancelled", "turn_detected"),
        local.Flushed((local.HeardItem("i1", 40.0),)),
    )
    assert [type(c) for c in sent(effects)] == [cmd.TruncateItem]


def test_a_cancelled_response_that_comes_before_the_speech_is_silenced_once() -> None:
    talk = Talk(ConversationProfile(interrupt="server"))
    talk.reply()
    effects = talk.tell(
        server.ResponseDone("r1", "cancelled", "turn_detected"), server.SpeechStarted("u1")
    )
    assert len(only(effects, fx.Flush)) == 1


def test_a_reply_that_begins_before_the_flush_is_answered_is_not_cut_with_the_old_one() -> None:
    talk = Talk()
    talk.reply("r1", "i1")
    talk.tell(server.SpeechStarted("u1"), server.ResponseDone("r1", "cancelled"))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.reply("r2", "i2")
    effects = talk.tell(local.Flushed((local.HeardItem("i1", 10.0),)))
    assert [c.item_id for c in sent(effects)] == ["i1"]
    assert talk.shows(fx.State.SPEAKING)


def test_out_of_band_speech_is_silenced_but_not_cut_from_a_memory_it_is_not_in() -> None:
    talk = Talk()
    talk.tell(local.SayRequested("Dinner is ready"))
    talk.tell(
        server.ResponseCreated("r1", {"satellite": "say"}),
        server.AudioDelta("r1", "i1", bytes(4800)),
    )
    effects = talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 40.0),)))
    assert [type(c) for c in sent(effects)] == [cmd.CancelResponse]


def test_stop_silences_and_nothing_starts_by_itself_afterwards() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    assert sent(talk.tell(local.StopPressed())) == []
    effects = talk.tell(server.ResponseCreated("r1"))
    assert [type(c) for c in sent(effects)] == [cmd.CancelResponse]
    talk.tell(server.ResponseDone("r1", "cancelled"))
    assert talk.shows(fx.State.LISTENING)


@pytest.mark.parametrize("certainty", GAINS)
def test_a_voice_ducks_the_reply_and_the_volume_returns_when_the_server_hears_nothing(
    certainty: local.Certainty,
) -> None:
    talk = Talk()
    talk.reply()
    lasts_s = LASTS_MS[certainty] / 1000
    assert fx.Duck(GAINS[certainty]) in talk.tell(local.VoiceOnset(certainty))
    assert talk.machine.deadline_s is not None
    assert talk.machine.deadline_s - talk.now_s == pytest.approx(lasts_s)
    assert fx.Duck(1.0) in talk.wait(lasts_s)


def test_a_voice_that_stays_has_the_reply_go_further_out_of_the_way() -> None:
    talk = Talk()
    talk.reply()
    for certainty, gain in GAINS.items():
        assert only(talk.tell(local.VoiceOnset(certainty)), fx.Duck) == [fx.Duck(gain)]
        talk.wait(0.1)
    assert only(talk.tell(local.VoiceOnset()), fx.Duck) == []
    assert only(talk.wait(LASTS_MS[certainty] / 1000 - 0.11), fx.Duck) == []
    assert only(talk.wait(0.01), fx.Duck) == [fx.Duck(1.0)]


def test_no_ducking_while_nothing_sounds() -> None:
    talk = Talk()
    assert only(talk.tell(local.VoiceOnset()), fx.Duck) == []


def test_speech_without_an_id_is_silenced_and_nothing_more() -> None:
    """A sloppy server that names no item cannot be told to cut one."""
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.AudioDelta("r1", "", bytes(500 * MS)))
    effects = talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("", 100.0),)))
    assert fx.Flush() in effects
    assert [type(c) for c in sent(effects)] == [cmd.CancelResponse]
