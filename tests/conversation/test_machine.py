"""Links that come and go, and the state that is shown."""

from __future__ import annotations

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import Event, local, server
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.user_speech import MAX_REASONS_LOGGED
from satellite.conversation.user_turns import LONGEST_SPEECH_S, REPLY_EXPECTED_S, VOID_S
from tests.conversation.talk import Talk, call_item, only, sent


def test_states_of_a_plain_turn() -> None:
    talk = Talk(linked=False)
    talk.tell(local.Tick())
    talk.tell(
        local.LinkDown(0), local.LinkUp(1), server.SpeechStarted("u1"), server.SpeechStopped("u1")
    )
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000.0))
    assert [effect.state.value for effect in only(talk.log, fx.ShowState)] == [
        "starting",
        "waiting",
        "listening",
        "hearing",
        "thinking",
        "speaking",
        "listening",
    ]


def test_a_link_lost_in_mid_reply_plays_what_came_and_says_so_and_cuts_nothing_later() -> None:
    talk = Talk()
    talk.reply()
    effects = talk.tell(local.LinkDown(1))
    assert fx.EndItem("i1") in effects
    assert fx.Chime("error") in effects
    effects = talk.tell(local.LinkUp(2), server.SpeechStarted("u1"))
    effects += talk.tell(local.Flushed((local.HeardItem("i1", 100.0),)))
    assert fx.Flush() in effects
    assert sent(effects) == []


def test_a_down_of_an_older_link_is_ignored() -> None:
    talk = Talk()
    talk.tell(local.LinkUp(2))
    talk.tell(local.LinkDown(1))
    assert talk.shows(fx.State.LISTENING)


def test_muting_in_mid_sentence_drops_it() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    effects = talk.tell(local.MuteSet(True))
    assert [type(c) for c in sent(effects)] == [cmd.ClearInput]
    assert talk.shows(fx.State.MUTED)
    talk.tell(server.SpeechStarted("u2"))
    assert talk.shows(fx.State.MUTED)
    talk.tell(local.MuteSet(False))
    assert talk.shows(fx.State.LISTENING)


def test_written_answers_are_shown_without_having_been_heard() -> None:
    talk = Talk(ConversationProfile(output="text"))
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.TextDelta("r1", "i1", "It is "),
        server.TextDone("r1", "i1", "It is warm."),
        server.ResponseDone("r1", "completed"),
    )
    assert only(effects, fx.ShowSaid) == [fx.ShowSaid("i1", "It is warm.", 0, False)]


def test_a_failed_response_is_heard_as_a_chime() -> None:
    talk = Talk()
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.ResponseDone("r1", "failed", "rate_limit_exceeded", "slow"),
    )
    assert fx.Chime("error") in effects
    assert talk.shows(fx.State.LISTENING)


def test_it_does_not_look_alive_while_a_part_is_broken() -> None:
    talk = Talk()
    assert talk.shows(fx.State.LISTENING)
    effects = talk.tell(local.PartFailed("microphone", "The card is gone"))
    assert fx.Chime("error") in effects
    assert talk.shows(fx.State.ERROR)
    assert only(talk.tell(local.PartFailed("microphone", "The card is still gone")), fx.Chime) == []
    talk.tell(local.PartFailed("microphone"))
    assert talk.shows(fx.State.LISTENING)


def test_parts_that_are_still_being_opened_are_no_error() -> None:
    talk = Talk(linked=False)
    effects = talk.tell(local.PartFailed("microphone", "is being opened"), local.LinkUp(1))
    assert only(effects, fx.Chime) == []
    assert talk.shows(fx.State.STARTING)
    talk.tell(local.PartFailed("microphone"))
    assert talk.shows(fx.State.LISTENING)


def test_a_microphone_that_dies_in_mid_sentence_does_not_look_like_hearing() -> None:
    """Nobody would ever say that the user stopped; and half a sentence is no request."""
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    effects = talk.tell(local.PartFailed("microphone", "The microphone is gone."))
    assert [type(c) for c in sent(effects)] == [cmd.ClearInput]
    assert talk.shows(fx.State.ERROR)
    talk.tell(local.PartFailed("microphone"))
    assert talk.shows(fx.State.LISTENING)


def test_speech_that_never_ends_holds_up_nobody_for_ever() -> None:
    """A server that loses the end of a turn (or a television) left it hearing until it was started
    again: what was asked and announced meanwhile waited behind the speaker's turn."""
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    assert sent(talk.tell(local.AskRequested("Is it cold?")), cmd.CreateResponse) == []
    talk.wait(60.0)
    assert talk.shows(fx.State.HEARING)
    assert talk.machine.deadline_s is not None
    effects = talk.wait(talk.machine.deadline_s - talk.now_s)
    assert len(sent(effects, cmd.CreateResponse)) == 1
    talk.reply()
    assert sent(talk.log, cmd.CancelResponse) == []
    assert talk.shows(fx.State.SPEAKING)


def test_whoever_speaks_for_long_is_answered_when_they_have_ended() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    talk.wait(LONGEST_SPEECH_S + 1)
    assert talk.shows(fx.State.LISTENING)
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    assert talk.shows(fx.State.THINKING)
    talk.reply()
    assert talk.shows(fx.State.SPEAKING)


def test_a_loudspeaker_that_dies_in_mid_sentence_leaves_the_user_the_word() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    assert sent(talk.tell(local.PartFailed("speaker", "The loudspeaker is gone."))) == []
    assert talk.shows(fx.State.HEARING)


# --- a sentence of which the server has the beginning only ----------------------------------------


def disowned(talk: Talk, item: str = "u1") -> list[fx.Effect]:
    """What is done when the server takes this for a turn and answers it with a call."""
    effects = talk.tell(server.InputCommitted(item), server.ResponseCreated("r1"))
    effects += talk.tell(
        server.OutputItemDone("r1", call_item()), server.ResponseDone("r1", "cancelled")
    )
    return effects


@pytest.mark.parametrize(
    "cut",
    [
        local.SpeechCut(),
        local.MuteSet(True),
        local.PartFailed("microphone", "The card is gone."),
        local.PartFailed("spending", "The limit is reached."),
    ],
)
@pytest.mark.parametrize("told", ["before", "after"])
def test_half_a_sentence_that_the_server_commits_all_the_same_is_not_obeyed(
    cut: Event, told: str
) -> None:
    """Its word that somebody speaks may be under way when the sentence is cut."""
    talk = Talk()
    events: list[Event] = [server.SpeechStarted("u1"), cut]
    effects = talk.tell(*(events if told == "before" else reversed(events)))
    assert [type(c) for c in sent(effects)] == [cmd.ClearInput]
    effects = disowned(talk)
    assert sent(effects, cmd.DeleteItem) == [cmd.DeleteItem("u1", event_id="sat_1_2")]
    assert len(sent(effects, cmd.CancelResponse)) == 1
    assert only(effects, fx.RunCall) == []


def test_the_next_sentence_after_one_that_was_cut_is_obeyed() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), local.SpeechCut(), server.InputCleared())
    talk.tell(server.SpeechStarted("u2"), server.SpeechStopped("u2"), server.InputCommitted("u2"))
    effects = talk.tell(server.ResponseCreated("r2"), server.OutputItemDone("r2", call_item()))
    assert len(only(effects, fx.RunCall)) == 1


def test_a_server_that_does_not_say_that_it_cleared_is_believed_again_soon() -> None:
    talk = Talk()
    talk.tell(local.SpeechCut())
    talk.wait(VOID_S)
    talk.tell(server.SpeechStarted("u2"))
    assert talk.shows(fx.State.HEARING)


def test_a_sentence_that_was_whole_before_the_cut_is_answered() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.tell(local.SpeechCut())
    effects = talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item()))
    assert len(only(effects, fx.RunCall)) == 1


def test_an_announcement_is_not_taken_for_the_answer_that_was_called_off() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), local.SpeechCut(), server.InputCommitted("u1"))
    talk.wait(REPLY_EXPECTED_S)
    assert len(sent(talk.tell(local.SayRequested("Dinner")), cmd.CreateResponse)) == 1
    effects = talk.tell(server.ResponseCreated("r2", {"satellite": "say"}))
    assert sent(effects, cmd.CancelResponse) == []


def test_a_transcript_that_failed_has_one_line_for_each_reason() -> None:
    talk = Talk()
    effects: list[fx.Effect] = []
    for number in range(50):
        reason = "busy" if number % 2 else ""
        effects += talk.tell(
            server.SpeechStarted(f"u{number}"),
            server.SpeechStopped(f"u{number}"),
            server.InputCommitted(f"u{number}"),
            server.TranscriptFailed(f"u{number}", reason),
        )
    said = [note.text for note in only(effects, fx.Note)]
    assert said == [
        "What was said could not be written down.",
        "What was said could not be written down (busy).",
    ]
    assert only(effects, fx.ShowHeard) == []


def test_reasons_without_an_end_fill_no_journal() -> None:
    talk = Talk()
    effects: list[fx.Effect] = []
    for number in range(200):
        effects += talk.tell(server.TranscriptFailed("u1", f"request {number} failed"))
    assert len(only(effects, fx.Note)) == MAX_REASONS_LOGGED


def test_what_writes_down_the_words_is_paid_whatever_became_of_them() -> None:
    talk = Talk()
    usage = server.TranscriptUsage(seconds=2.0)
    (spent,) = only(talk.tell(server.InputTranscript("u1", "", usage)), fx.Spent)
    assert spent.usage == usage
    assert only(talk.tell(server.InputTranscript("u1", "Lights on")), fx.Spent) == []
