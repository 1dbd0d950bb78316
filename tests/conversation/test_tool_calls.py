"""Functions run once, when they are complete, and are answered once."""

from __future__ import annotations

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.effect_list import EffectList
from satellite.conversation.events import local, server
from tests.conversation.talk import Talk, call_item, only, sent


def test_a_complete_call_runs_once_and_is_answered_with_one_response() -> None:
    talk = Talk()
    item = call_item()
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.CallArgumentsDone("r1", item.id, "c1", "{}", "set_power"),
        server.OutputItemDone("r1", item),
        server.ResponseDone("r1", "completed", items=(item,)),
    )
    assert [run.call_id for run in only(effects, fx.RunCall)] == ["c1"]
    effects = talk.tell(local.CallFinished("c1", 1, '{"status":"done"}'))
    assert [type(c) for c in sent(effects)] == [cmd.SendCallOutput, cmd.CreateResponse]
    assert sent(talk.tell(local.CallFinished("c1", 1, "again"))) == []


def test_several_calls_of_a_response_are_all_answered_before_one_response_is_asked_for() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    talk.tell(server.OutputItemDone("r1", call_item("c1")))
    effects = talk.tell(local.CallFinished("c1", 1, "{}"))
    effects += talk.tell(server.OutputItemDone("r1", call_item("c2")))
    effects += talk.tell(server.ResponseDone("r1", "completed"))
    assert sent(effects, cmd.CreateResponse) == []
    effects = talk.tell(local.CallFinished("c2", 1, "{}"))
    assert len(sent(effects, cmd.CreateResponse)) == 1


def test_a_server_that_only_tells_arguments_has_its_calls_run_when_the_response_completed() -> None:
    talk = Talk()
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.OutputItemAdded(
            "r1", server.ConversationItem("i1", kind="function_call", name="set_fan")
        ),
        server.CallArgumentsDone("r1", "i1", "c1", "{}"),
    )
    assert only(effects, fx.RunCall) == []
    (run,) = only(talk.tell(server.ResponseDone("r1", "completed")), fx.RunCall)
    assert run.name == "set_fan"


def test_a_call_cut_off_in_the_middle_never_runs() -> None:
    """``function_call_arguments.done`` comes for cancelled responses too, with partial text."""
    talk = Talk()
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.CallArgumentsDone("r1", "item_c1", "c1", '{"devices": ["Fr', "set_power"),
        server.OutputItemDone("r1", call_item("c1", status="incomplete")),
        server.ResponseDone("r1", "cancelled", items=(call_item("c1", status="incomplete"),)),
    )
    assert only(effects, fx.RunCall) == []


def test_a_call_that_completes_after_the_interruption_is_not_run_and_the_model_is_told() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(server.SpeechStarted("u1"))
    effects = talk.tell(server.OutputItemDone("r1", call_item("c1")))
    assert only(effects, fx.RunCall) == []
    (answer,) = sent(effects, cmd.SendCallOutput)
    assert "not_run" in answer.output


def test_the_user_may_speak_while_a_slow_call_runs_and_gets_its_result_later() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    talk.tell(server.SpeechStarted("u2"), server.SpeechStopped("u2"), server.InputCommitted("u2"))
    talk.tell(server.ResponseCreated("r2"))
    effects = talk.tell(local.CallFinished("c1", 1, "{}"))
    assert [type(c) for c in sent(effects)] == [cmd.SendCallOutput]
    effects = talk.tell(server.ResponseDone("r2", "completed"))
    assert [type(c) for c in sent(effects)] == [cmd.CreateResponse]


def test_an_answer_that_the_response_to_a_new_turn_covers_is_not_asked_for() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    talk.tell(server.SpeechStarted("u2"))
    talk.tell(
        local.CallFinished("c1", 1, "{}"), server.SpeechStopped("u2"), server.InputCommitted("u2")
    )
    effects = talk.tell(server.ResponseCreated("r2"), server.ResponseDone("r2", "completed"))
    assert sent(effects, cmd.CreateResponse) == []


def test_results_of_an_old_link_are_dropped() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(local.LinkDown(1), local.LinkUp(2))
    assert talk.tell(local.CallFinished("c1", 1, "{}")) == []


def test_calls_carry_the_turn_of_the_user_that_led_to_them() -> None:
    talk = Talk()
    turns = []
    for n in (1, 2):
        talk.tell(server.SpeechStarted(f"u{n}"), server.InputCommitted(f"u{n}"))
        effects = talk.tell(
            server.ResponseCreated(f"r{n}"), server.OutputItemDone(f"r{n}", call_item(f"c{n}"))
        )
        turns += [run.turn for run in only(effects, fx.RunCall)]
        talk.tell(server.ResponseDone(f"r{n}", "completed"))
    assert turns == [1, 2]


def test_a_picture_comes_after_its_result_and_before_the_one_response() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    talk.tell(server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.OutputItemDone("r1", call_item("c2")))
    talk.tell(server.ResponseDone("r1", "completed"))
    effects = talk.tell(local.CallFinished("c1", 1, "{}", picture="data:image/png;base64,AA=="))
    effects += talk.tell(local.CallFinished("c2", 1, "{}", picture="data:image/png;base64,BB=="))
    kinds = [type(command) for command in sent(effects)]
    shown = [cmd.SendCallOutput, cmd.AddPicture]
    assert kinds == [*shown, *shown, cmd.CreateResponse]
    pictures = sent(effects, cmd.AddPicture)
    assert [one.image_url[-4:] for one in pictures] == ["AA==", "BB=="]
    assert len({one.item_id for one in pictures}) == 2


def test_a_picture_of_an_ended_link_is_sent_to_nobody() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    talk.tell(server.OutputItemDone("r1", call_item("c1")))
    talk.tell(local.LinkDown(1, "lost"), local.LinkUp(2))
    late = talk.tell(local.CallFinished("c1", 1, "{}", picture="data:image/png;base64,AA=="))
    assert sent(late, cmd.AddPicture) == []


def test_the_echo_of_a_picture_is_nobody_s_question_and_the_next_session_has_none() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    talk.tell(server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    seen = talk.tell(local.CallFinished("c1", 1, "{}", picture="data:image/png;base64,AA=="))
    (picture,) = sent(seen, cmd.AddPicture)
    echo = server.ConversationItem(picture.item_id, role="user")
    assert sent(talk.tell(server.ItemAdded(echo), server.ItemDone(echo))) == []
    talk.reply("r2")
    talk.end_reply("r2")
    talk.tell(local.LinkDown(1, "renewed"))
    again = sent(talk.tell(local.LinkUp(2)))
    assert any(isinstance(command, cmd.AddPastOutput) for command in again)
    assert not any("base64" in repr(command) for command in again)


def test_a_refused_picture_is_told_by_its_kind_and_not_kept_for_that() -> None:
    effects = EffectList()
    event_id = effects.send(cmd.AddPicture("picture_1", "data:…", "note"))
    assert effects.cause_of(event_id) == cmd.AddPicture("picture_1", "", "note", event_id)
