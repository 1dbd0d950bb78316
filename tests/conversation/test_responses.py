"""One response at a time."""

from __future__ import annotations

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from tests.conversation.talk import MS, Talk, call_item, only, sent


def test_a_refused_answer_is_asked_for_again_when_the_other_response_is_done() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    (create,) = sent(talk.tell(local.CallFinished("c1", 1, "{}")), cmd.CreateResponse)
    code = "conversation_already_has_active_response"
    late = server.ItemAdded(
        server.ConversationItem("o1", kind="function_call_output", call_id="c1")
    )
    refusal = server.ServerError(code, "busy", cause=create.event_id)
    effects = talk.tell(server.ResponseCreated("r2"), late, refusal)
    assert sent(effects, cmd.CreateResponse) == []
    effects = talk.tell(server.ResponseDone("r2", "completed"))
    assert len(sent(effects, cmd.CreateResponse)) == 1


def test_a_refusal_without_a_known_response_is_tried_again_after_a_pause() -> None:
    talk = Talk()
    (create,) = sent(talk.tell(local.AskRequested("hello")), cmd.CreateResponse)
    code = "conversation_already_has_active_response"
    assert sent(talk.tell(server.ServerError(code, "busy", cause=create.event_id))) == []
    assert len(sent(talk.wait(1.0), cmd.CreateResponse)) == 1


def test_an_announcement_waits_until_the_reply_was_generated() -> None:
    talk = Talk()
    talk.reply()
    assert sent(talk.tell(local.SayRequested("Dinner is ready"))) == []
    talk.tell(server.AudioDone("r1", "i1"))
    (create,) = sent(talk.tell(server.ResponseDone("r1", "completed")), cmd.CreateResponse)
    assert (create.input_text, create.out_of_band) == ("Dinner is ready", True)


def test_a_response_that_never_ends_is_forgotten() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    for _ in range(100):
        talk.wait(1.0)
    assert talk.shows(fx.State.LISTENING)


def test_a_server_that_echoes_no_metadata_delays_the_next_answer_only_once() -> None:
    talk = Talk()
    talk.tell(local.AskRequested("one"))
    talk.tell(server.ResponseCreated("r1"), server.ResponseDone("r1", "completed"))
    assert sent(talk.tell(local.SayRequested("dinner")), cmd.CreateResponse) == []
    assert len(sent(talk.wait(2.0), cmd.CreateResponse)) == 1
    talk.tell(server.ResponseCreated("r2"), server.AudioDelta("r2", "i2", bytes(24_000)))
    talk.tell(server.ResponseDone("r2", "completed"))
    assert len(sent(talk.tell(local.SayRequested("door")), cmd.CreateResponse)) == 1


def test_what_was_believed_of_a_dying_link_is_not_believed_of_the_next_one() -> None:
    """One unanswered announcement, and ever after a reply to the user that came while another was
    asked for was taken for it: cut short, the model still remembered all of it."""
    talk = Talk()
    talk.tell(local.SayRequested("dinner"))
    talk.wait(20.0)
    talk.tell(local.LinkDown(1), local.LinkUp(2), local.SayRequested("door"))
    talk.reply()
    effects = talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 100.0),)))
    assert sent(effects, cmd.TruncateItem)


def test_a_forgotten_response_leaves_no_speech_that_never_ends() -> None:
    """Neither ``output_audio.done`` nor ``response.done`` came: it said "speaking" for ever."""
    talk = Talk()
    talk.reply()
    effects: list[fx.Effect] = []
    for _ in range(100):
        effects += talk.wait(1.0)
    assert fx.EndItem("i1") in effects
    talk.tell(local.PlaybackFinished("i1", 1000.0))
    assert talk.shows(fx.State.LISTENING)


def test_nothing_is_asked_for_between_a_turn_and_its_own_answer() -> None:
    """The server begins that one by itself; a request now would be refused, or collide with it."""
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"))
    effects = talk.tell(local.CallFinished("c1", 1, "{}"), local.SayRequested("Dinner is ready"))
    effects += talk.tell(server.InputCommitted("u1"))
    assert [type(command) for command in sent(effects)] == [cmd.SendCallOutput]
    talk.tell(
        server.ItemAdded(server.ConversationItem("o1", kind="function_call_output", call_id="c1"))
    )
    assert sent(talk.tell(server.ResponseCreated("r2"))) == []
    (create,) = sent(talk.tell(server.ResponseDone("r2", "completed")), cmd.CreateResponse)
    assert create.input_text == "Dinner is ready", "the new answer covers the result of the call"


def test_a_server_that_answers_nothing_does_not_hold_up_what_is_wanted() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.wait(4.0)
    assert sent(talk.tell(local.SayRequested("Dinner is ready"))) == []
    assert len(sent(talk.wait(4.0), cmd.CreateResponse)) == 1


def test_a_turn_that_is_told_complete_after_its_answer_holds_up_nothing() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.ResponseCreated("r1"))
    talk.tell(server.InputCommitted("u1"), server.ResponseDone("r1", "completed"))
    assert len(sent(talk.tell(local.SayRequested("Dinner is ready")), cmd.CreateResponse)) == 1


def test_a_typed_question_does_not_wait_for_the_answer_to_what_was_said_before() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    assert len(sent(talk.tell(local.AskRequested("And now?")), cmd.CreateResponse)) == 1


def test_the_loudspeaker_is_woken_when_somebody_begins_to_speak() -> None:
    talk = Talk()
    assert fx.ExpectAudio() in talk.tell(server.SpeechStarted("u1"))


AUDIO = bytes(100 * MS)
IDS = {
    "no ids of responses": ("", "i{}"),
    "always the same": ("r", "i"),
    "no ids at all": ("", ""),
    "no ids of items": ("r{}", ""),
}


@pytest.mark.parametrize(
    "waits", [True, False], ids=["one after the other", "faster than it sounds"]
)
@pytest.mark.parametrize(("responses", "items"), IDS.values(), ids=IDS)
def test_a_server_without_ids_of_its_own_is_heard_each_time(
    responses: str, items: str, waits: bool
) -> None:
    talk = Talk()
    for turn in range(4):
        response, item = responses.format(turn), items.format(turn)
        talk.tell(local.AskRequested("and then?"), server.ResponseCreated(response))
        effects = talk.tell(
            server.AudioDelta(response, item, AUDIO), server.AudioDone(response, item)
        )
        effects += talk.tell(server.ResponseDone(response, "completed"))
        kinds = [type(effect) for effect in effects if isinstance(effect, fx.Play | fx.EndItem)]
        assert kinds == [fx.Play, fx.EndItem], turn
        if waits:
            talk.tell(local.PlaybackStarted(item), local.PlaybackFinished(item, 100))
            assert not only(talk.wait(30.0), fx.Chime)
            assert talk.shows(fx.State.LISTENING)


def test_a_server_that_announces_nothing_and_names_nothing_is_heard_each_time() -> None:
    talk = Talk()
    for _ in range(3):
        effects = talk.tell(server.AudioDelta("", "", AUDIO), server.ResponseDone("", "completed"))
        assert only(effects, fx.Play)
        talk.tell(local.PlaybackFinished("", 100))


def test_one_more_item_of_the_same_name_while_the_first_still_sounds() -> None:
    talk = Talk()
    for response in ("r1", "r2"):
        talk.tell(server.ResponseCreated(response), server.AudioDelta(response, "i", AUDIO))
        effects = talk.tell(
            server.AudioDone(response, "i"), server.ResponseDone(response, "completed")
        )
        assert only(effects, fx.EndItem)
    talk.tell(local.PlaybackFinished("i", 200))
    assert talk.shows(fx.State.LISTENING)


@pytest.mark.parametrize("response", ["", "r"])
def test_a_server_without_ids_is_heard_after_it_was_interrupted(response: str) -> None:
    talk = Talk()
    talk.reply(response, "i1")
    talk.tell(server.SpeechStarted("u1"), local.Flushed(()), server.SpeechStopped("u1"))
    if response:
        talk.tell(server.ResponseDone(response, "cancelled"))
    talk.tell(server.ResponseCreated(response))
    assert only(talk.tell(server.AudioDelta(response, "i2", AUDIO)), fx.Play)


def test_parts_without_the_id_of_their_response_belong_to_the_one_that_is_given() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    assert only(talk.tell(server.AudioDelta("", "i1", AUDIO)), fx.Play)
    talk.tell(server.OutputItemDone("", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    effects = talk.tell(local.CallFinished("c1", 1, "{}"))
    assert len(sent(effects, cmd.CreateResponse)) == 1


def test_a_beginning_that_is_told_after_the_end_begins_nothing() -> None:
    talk = Talk()
    talk.tell(server.ResponseDone("r1", "completed"), server.ResponseCreated("r1"))
    assert talk.shows(fx.State.LISTENING)
    talk.tell(
        server.ResponseCreated("r2"),
        server.ResponseCreated("r2"),
        server.ResponseDone("r2", "completed"),
    )
    assert talk.shows(fx.State.LISTENING)
