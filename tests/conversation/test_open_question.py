"""No session is renewed between a question of the satellite and its answer."""

from __future__ import annotations

import pytest

from satellite.conversation.events import local, server
from satellite.conversation.open_question import ANSWERED_WITHIN_S
from tests.conversation.talk import Talk, call_item, sounds, turn


def said(talk: Talk, text: str) -> None:
    """The satellite says this, and it is heard to its end."""
    turn(talk)
    talk.reply()
    talk.tell(server.TextDone("r1", "i1", text))
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000))


@pytest.mark.parametrize("text", ["Which lamp?", "Shall I? ", "“Now?”", "哪一盏灯？", ""])
def test_who_was_asked_has_time_to_answer(text: str) -> None:
    talk = Talk()
    said(talk, text)
    assert talk.machine.quiet
    assert talk.machine.awaits_answer(talk.now_s + ANSWERED_WITHIN_S - 0.1)
    assert not talk.machine.awaits_answer(talk.now_s + ANSWERED_WITHIN_S)


def test_after_a_statement_nobody_is_waited_for() -> None:
    talk = Talk()
    said(talk, "Is it? It is on.")
    assert not talk.machine.awaits_answer(talk.now_s)


def test_an_open_confirmation_is_waited_for() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(
        server.ResponseCreated("r1"),
        server.OutputItemDone("r1", call_item()),
        server.CallArgumentsDone("r1", "item_c1", "c1", "{}", "set_power"),
        server.ResponseDone("r1", "completed"),
        local.CallFinished("c1", 1, '{"status": "confirmation_required"}'),
    )
    assert talk.machine.awaits_answer(talk.now_s + 20.0)


def test_a_sentence_that_the_next_session_is_given_ends_in_no_sound() -> None:
    for kept in (False, True):
        talk = Talk()
        talk.tell(server.SpeechStarted("u1"), local.RoomVoice())
        effects = talk.tell(local.LinkDown(1, "gone", sentence_kept=kept))
        assert bool(sounds(effects)) is not kept


def test_but_a_turn_that_was_taken_and_not_answered_does() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(local.RoomVoice())
    assert sounds(talk.tell(local.LinkDown(1, "gone", sentence_kept=True))) == ["error"]
