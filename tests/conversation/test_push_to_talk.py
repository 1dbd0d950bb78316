"""Turns that the satellite begins and ends itself: committed and asked for once each."""

from __future__ import annotations

import pytest

from satellite.conversation import commands
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from satellite.conversation.profile import ConversationProfile
from tests.conversation.talk import Talk, only, sent

ANSWER = commands.CreateResponse


def talk() -> Talk:
    return Talk(ConversationProfile(detects_turns=False))


def kinds(effects: list[fx.Effect]) -> list[type]:
    return [type(command) for command in sent(effects)]


def test_a_turn_is_committed_and_its_answer_asked_for() -> None:
    scene = talk()
    scene.tell(local.TurnBegan())
    assert scene.shows(fx.State.HEARING)
    assert kinds(scene.tell(local.TurnEnded(said=True))) == [commands.CommitInput, ANSWER]
    assert scene.shows(fx.State.THINKING)
    assert not sent(scene.tell(server.InputCommitted("u1")))
    scene.reply()
    scene.end_reply()
    assert not sent(scene.log, commands.CancelResponse)
    assert len(sent(scene.log, ANSWER)) == 1


def test_the_button_silences_a_reply_and_has_it_forgotten() -> None:
    scene = talk()
    scene.tell(local.TurnBegan(), local.TurnEnded(said=True), server.InputCommitted("u1"))
    scene.tell(server.ResponseCreated("r1", {"satellite": "answer"}))
    scene.reply()
    begun = scene.tell(local.TurnBegan())
    assert only(begun, fx.Flush)
    assert kinds(begun) == [commands.CancelResponse]
    heard = local.Flushed((local.HeardItem("i1", 400.0),))
    assert kinds(scene.tell(heard)) == [commands.TruncateItem]
    # The answer to the new turn waits for the end of the one that was cancelled.
    assert kinds(scene.tell(local.TurnEnded(said=True))) == [commands.CommitInput]
    scene.tell(server.InputCommitted("u2"))
    assert kinds(scene.tell(server.ResponseDone("r1", "cancelled"))) == [ANSWER]


def test_nothing_said_is_nothing_asked() -> None:
    scene = talk()
    scene.tell(local.TurnBegan())
    assert kinds(scene.tell(local.TurnEnded(said=False))) == [commands.ClearInput]
    assert scene.shows(fx.State.LISTENING)
    assert not only(scene.wait(30.0), fx.Chime)


@pytest.mark.parametrize("between", [local.MuteSet(True), local.LinkDown(1), local.SpeechCut()])
def test_a_turn_that_was_lost_is_not_committed(between: local.LocalEvent) -> None:
    scene = talk()
    scene.tell(local.TurnBegan(), between)
    assert not sent(scene.tell(local.TurnEnded(said=True)))


def test_a_turn_without_an_answer_ends_in_a_sound() -> None:
    scene = talk()
    scene.tell(local.TurnBegan(), local.TurnEnded(said=True), server.InputCommitted("u1"))
    assert [chime.name for chime in only(scene.wait(8.1), fx.Chime)] == ["no_answer"]


def test_a_commit_that_is_refused_is_no_silence() -> None:
    scene = talk()
    scene.tell(local.TurnBegan(), local.TurnEnded(said=True))
    (commit,) = sent(scene.log, commands.CommitInput)
    scene.tell(
        server.ServerError("input_audio_buffer_commit_empty", "too small", cause=commit.event_id)
    )
    assert only(scene.wait(8.1), fx.Chime)


def test_a_confirmation_may_come_by_push_to_talk() -> None:
    """The turn of the yes is a later one than that of the question, and has its words."""
    scene = talk()
    for number in (1, 2):
        scene.tell(
            local.TurnBegan(), local.TurnEnded(said=True), server.InputCommitted(f"u{number}")
        )
        scene.tell(server.InputTranscript(f"u{number}", "yes"))
        call = server.ConversationItem(
            f"f{number}",
            "function_call",
            status="completed",
            call_id=f"c{number}",
            name="confirm",
            arguments="{}",
        )
        response = f"r{number}"
        scene.tell(
            server.ResponseCreated(response),
            server.OutputItemAdded(response, call),
            server.OutputItemDone(response, call),
            server.ResponseDone(response, "completed"),
        )
        scene.tell(local.CallFinished(f"c{number}", 1, "{}", respond=False))
    contexts = [run.context for run in only(scene.log, fx.RunCall)]
    assert [context.turn for context in contexts] == [1, 2]
    assert {context.text for context in contexts} == {"yes"}
    assert not any(context.typed for context in contexts)
