"""One response at a time."""

from __future__ import annotations

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation import events as ev
from tests.conversation.talk import Talk, call_item, sent


def test_a_refused_answer_is_asked_for_again_when_the_other_response_is_done() -> None:
    talk = Talk()
    talk.tell(ev.ResponseCreated("r1"), ev.OutputItemDone("r1", call_item("c1")))
    talk.tell(ev.ResponseDone("r1", "completed"))
    (create,) = sent(talk.tell(ev.CallFinished("c1", 1, "{}")), cmd.CreateResponse)
    code = "conversation_already_has_active_response"
    effects = talk.tell(
        ev.ResponseCreated("r2"), ev.ServerError(code, "busy", cause=create.event_id)
    )
    assert sent(effects, cmd.CreateResponse) == []
    effects = talk.tell(ev.ResponseDone("r2", "completed"))
    assert len(sent(effects, cmd.CreateResponse)) == 1


def test_a_refusal_without_a_known_response_is_tried_again_after_a_pause() -> None:
    talk = Talk()
    (create,) = sent(talk.tell(ev.AskRequested("hello")), cmd.CreateResponse)
    code = "conversation_already_has_active_response"
    assert sent(talk.tell(ev.ServerError(code, "busy", cause=create.event_id))) == []
    assert len(sent(talk.wait(1.0), cmd.CreateResponse)) == 1


def test_an_announcement_waits_until_the_reply_was_generated() -> None:
    talk = Talk()
    talk.reply()
    assert sent(talk.tell(ev.SayRequested("Dinner is ready"))) == []
    talk.tell(ev.AudioDone("r1", "i1"))
    (create,) = sent(talk.tell(ev.ResponseDone("r1", "completed")), cmd.CreateResponse)
    assert (create.input_text, create.out_of_band) == ("Dinner is ready", True)


def test_a_response_that_never_ends_is_forgotten() -> None:
    talk = Talk()
    talk.tell(ev.ResponseCreated("r1"))
    for _ in range(100):
        talk.wait(1.0)
    assert talk.shows(fx.State.LISTENING)


def test_a_server_that_echoes_no_metadata_delays_the_next_answer_only_once() -> None:
    talk = Talk()
    talk.tell(ev.AskRequested("one"))
    talk.tell(ev.ResponseCreated("r1"), ev.ResponseDone("r1", "completed"))
    assert sent(talk.tell(ev.SayRequested("dinner")), cmd.CreateResponse) == []
    assert len(sent(talk.wait(2.0), cmd.CreateResponse)) == 1
    talk.tell(ev.ResponseCreated("r2"), ev.ResponseDone("r2", "completed"))
    assert len(sent(talk.tell(ev.SayRequested("door")), cmd.CreateResponse)) == 1
