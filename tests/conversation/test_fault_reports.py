"""What is wrong is told to the room: a sound each time, and words where a person must act."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from satellite.conversation.fault_reports import VOICE_PAUSE_S, VOICE_RECENT_S, WORDS_PAUSE_S
from satellite.conversation.spoken_texts import NO_CREDIT, NO_SERVER
from tests.conversation.talk import Talk, call_item, later, only, sent, sounds, speak, turn

NO_ANSWER = fx.Chime("no_answer")
ERROR = fx.Chime("error")


def fails(talk: Talk, response: str, code: str) -> list[fx.Effect]:
    turn(talk, f"u-{response}")
    return talk.tell(
        server.ResponseCreated(response), server.ResponseDone(response, "failed", code, "no")
    )


def test_a_failure_that_a_person_must_mend_is_said_once_and_shown_until_it_is() -> None:
    talk = Talk()
    effects = fails(talk, "r1", "insufficient_quota")
    assert sounds(effects) == ["error", NO_CREDIT]
    assert [one.source for one in only(effects, fx.ShowProblem)] == ["answers"]
    assert only(effects, fx.ShowProblem)[0].reason
    assert any("insufficient_quota" in note.text for note in only(effects, fx.Note))
    later(talk, 60.0)
    assert sounds(fails(talk, "r2", "insufficient_quota")) == ["error"]
    turn(talk, "u3")
    talk.reply("r3", "i3")
    effects = talk.tell(server.ResponseDone("r3", "completed"))
    assert only(effects, fx.ShowProblem) == [fx.ShowProblem("answers", "")]
    talk.now_s += WORDS_PAUSE_S
    assert sounds(fails(talk, "r4", "insufficient_quota")) == ["error", NO_CREDIT]


def test_a_failure_that_passes_is_a_sound_a_problem_and_a_line() -> None:
    talk = Talk()
    effects = fails(talk, "r1", "rate_limit_exceeded")
    assert sounds(effects) == ["error"]
    assert "rate_limit_exceeded" in only(effects, fx.ShowProblem)[0].reason
    assert sounds(later(talk)) == []


def test_a_refused_request_for_an_answer() -> None:
    talk = Talk()
    (create,) = sent(talk.tell(local.AskRequested("And now?")), cmd.CreateResponse)
    effects = talk.tell(server.ServerError("insufficient_quota", "no", cause=create.event_id))
    assert sounds(effects) == ["error", NO_CREDIT]


@pytest.mark.parametrize(
    "story",
    [
        turn,
        lambda talk: talk.tell(server.SpeechStarted("u1")),
        lambda talk: talk.tell(local.AskRequested("And now?")),
        lambda talk: talk.tell(
            server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item())
        ),
    ],
)
def test_a_link_that_dies_while_somebody_waits(story: Callable[[Talk], object]) -> None:
    talk = Talk()
    story(talk)
    assert sounds(talk.tell(local.LinkDown(1))) == ["error"]
    assert sounds(later(talk)) == []


def test_a_link_that_dies_while_nobody_waits_is_not_heard() -> None:
    talk = Talk()
    assert sounds(talk.tell(local.LinkDown(1))) == []


def test_a_link_that_was_half_open_while_somebody_spoke() -> None:
    talk = Talk()
    talk.tell(local.RoomVoice())
    talk.wait(VOICE_RECENT_S - 1)
    assert sounds(talk.tell(local.LinkDown(1))) == ["error"]


def test_not_if_the_server_heard_them_or_long_ago() -> None:
    talk = Talk()
    talk.tell(local.RoomVoice())
    turn(talk)
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackStarted("i1"), local.PlaybackFinished("i1", 1000.0))
    assert sounds(talk.tell(local.LinkDown(1))) == []
    talk.tell(local.LinkUp(2), local.RoomVoice())
    talk.wait(VOICE_RECENT_S + 1)
    assert sounds(talk.tell(local.LinkDown(2))) == []


def test_a_question_while_the_server_is_away() -> None:
    talk = Talk()
    talk.tell(local.LinkDown(1))
    assert sounds(talk.tell(local.AskRequested("And now?"))) == ["error", NO_SERVER]
    speak(talk)
    talk.wait(30.0)
    assert sounds(talk.tell(local.AskRequested("And now?"))) == ["error"]


@pytest.mark.parametrize("by", ["wake word", "button"])
def test_a_wake_word_and_the_button_while_the_server_is_away(by: local.AddressedBy) -> None:
    talk = Talk()
    talk.tell(local.LinkDown(1))
    for _ in range(3):
        assert sounds(talk.tell(local.AddressedWhileUnavailable(by)))[:1] == ["error"]
        talk.wait(5.0)


def test_a_voice_while_the_server_is_away_is_told_once_in_a_while() -> None:
    talk = Talk()
    talk.tell(local.LinkDown(1))
    assert sounds(talk.tell(local.RoomVoice())) == ["error", NO_SERVER]
    told = 0
    for _ in range(3600):
        talk.wait(1.0)
        told += len(sounds(talk.tell(local.RoomVoice())))
    assert 5 < told < 10, "a television is on"


def test_a_voice_is_told_soon_again_when_the_server_answered_meanwhile() -> None:
    talk = Talk()
    for epoch in (1, 2):
        talk.tell(local.LinkDown(epoch))
        assert sounds(talk.tell(local.RoomVoice()))[:1] == ["error"]
        talk.wait(1.0)
        assert sounds(talk.tell(local.RoomVoice())) == []
        talk.wait(VOICE_PAUSE_S)
        assert sounds(talk.tell(local.RoomVoice())) == ["error"]
        talk.wait(VOICE_PAUSE_S)
        assert sounds(talk.tell(local.RoomVoice())) == []
        talk.tell(local.LinkUp(epoch + 1))
        talk.reply(f"r{epoch}", f"i{epoch}")
        talk.end_reply(f"r{epoch}", f"i{epoch}")
        talk.wait(VOICE_PAUSE_S)


def test_a_voice_before_the_first_connection_was_tried_is_not_told() -> None:
    talk = Talk(linked=False)
    assert sounds(talk.tell(local.RoomVoice())) == []


def test_a_button_while_muted_and_words_once() -> None:
    talk = Talk()
    talk.tell(local.MuteSet(True))
    assert sounds(talk.tell(local.AddressedWhileUnavailable("button"))) == [
        "error",
        "My microphone is muted.",
    ]
    talk.wait(5.0)
    assert sounds(talk.tell(local.AddressedWhileUnavailable("button"))) == ["error"]


def test_a_reached_limit_is_said_once_and_then_a_sound_for_whoever_asks() -> None:
    talk = Talk()
    words = "Nothing is sent to the server: the daily limit of 5.00 USD is reached."
    limit_reached = local.PartFailed("spending", "the daily limit of 5.00 USD is reached")
    assert sounds(talk.tell(limit_reached)) == ["error", words]
    speak(talk)
    talk.wait(10.0)
    assert sounds(talk.tell(limit_reached)) == []
    assert sounds(talk.tell(local.AskRequested("And now?"))) == ["error"]
    assert sent(talk.log, cmd.SendUserText) == []
    talk.wait(VOICE_PAUSE_S)
    assert sounds(talk.tell(local.RoomVoice())) == ["error"]


def test_a_microphone_that_is_gone_is_said() -> None:
    talk = Talk()
    effects = talk.tell(local.PartFailed("microphone", "The microphone “USB” is gone."))
    assert sounds(effects) == ["error", "The microphone USB is gone."]


def test_a_server_that_refuses_now_is_said_once_in_words_for_ears() -> None:
    talk = Talk()
    reason = "The server `x` does not accept my key."
    effects = talk.tell(local.LinkDown(1), local.ServerRefused(reason))
    assert sounds(effects) == ["error", "The server x does not accept my key."]
    talk.wait(10.0)
    assert sounds(talk.tell(local.ServerRefused(reason))) == ["error"]
    talk.wait(10.0)
    assert sounds(talk.tell(local.AddressedWhileUnavailable("button"))) == ["error"]


def test_two_things_that_go_wrong_together_are_one_sound() -> None:
    talk = Talk()
    turn(talk)
    effects = talk.tell(
        local.LinkDown(1), local.ServerRefused("The server does not accept my key.")
    )
    assert sounds(effects) == ["error", "The server does not accept my key."]
