"""Speech that was not meant for the satellite: the model stays silent, and nobody notices."""

from __future__ import annotations

import json

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.silent_turns import UNDECIDED_S
from tests.conversation.talk import Talk, call_item, later, only, sent, sounds, turn

OPEN = ConversationProfile(offers_silence=True)


def room(mode: local.ListenMode = "open") -> Talk:
    talk = Talk(OPEN)
    talk.tell(local.ListenModeSet(mode, "hey mycroft"))
    return talk


def silent_item(call_id: str = "c0", status: str = "completed") -> server.ConversationItem:
    return server.ConversationItem(
        f"item_{call_id}",
        kind="function_call",
        status=status,
        call_id=call_id,
        name="stay_silent",
        arguments="{}",
    )


def stay_silent(
    talk: Talk, response: str = "r1", *, call_id: str = "c0", delay_s: float = 0.4
) -> list[fx.Effect]:
    """The model's whole answer is that it stays silent."""
    effects = talk.tell(server.ResponseCreated(response))
    talk.now_s += delay_s
    item = silent_item(call_id)
    return effects + talk.tell(
        server.OutputItemAdded(response, item),
        server.CallArgumentsDone(response, item.id, call_id, "{}", "stay_silent"),
        server.OutputItemDone(response, item),
        server.ResponseDone(response, "completed", items=(item,), usage=server.Usage(1500)),
    )


def deleted(effects: list[fx.Effect]) -> list[str]:
    return [command.item_id for command in sent(effects, cmd.DeleteItem)]


def test_a_turn_that_was_not_meant_for_it_leaves_nothing_behind() -> None:
    talk = room()
    effects = turn(talk) + stay_silent(talk) + later(talk)
    assert deleted(effects) == ["item_c0", "u1"]
    assert len(sent(effects)) == 2, "nothing but the two deletions is sent"
    assert not sounds(effects)
    assert not only(effects, fx.Play)
    assert not only(effects, fx.RunCall)
    assert only(effects, fx.Spent), "it is billed all the same"
    assert only(effects, fx.ShowEvent) == [fx.ShowEvent("not_for_me", {"item_id": "u1"})]


def test_it_is_shown_as_heard_and_never_as_thought_about() -> None:
    talk = room()
    effects = turn(talk) + stay_silent(talk, delay_s=UNDECIDED_S - 0.1) + later(talk)
    states = [effect.state for effect in only(effects, fx.ShowState)]
    assert states == [fx.State.HEARING, fx.State.LISTENING]


def test_a_sentence_that_waits_for_its_verdict_is_over_and_its_session_needed() -> None:
    """What is shown as heard is not being said any more: a new session would lose the answer."""
    talk = room()
    talk.tell(server.SpeechStarted("u1"))
    told = [(talk.machine.quiet, talk.machine.hearing)]
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    told.append((talk.machine.quiet, talk.machine.hearing))
    assert talk.shows(fx.State.HEARING)
    assert told == [(False, True), (False, False)]


def test_a_slow_server_is_shown_as_thinking_all_the_same() -> None:
    talk = room()
    turn(talk)
    talk.wait(UNDECIDED_S + 0.1)
    assert talk.shows(fx.State.THINKING)


def test_thinking_is_shown_as_soon_as_it_acts() -> None:
    talk = room()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.OutputItemAdded("r1", call_item()))
    assert talk.shows(fx.State.THINKING)


def test_a_session_that_does_not_offer_it_shows_thinking_at_once() -> None:
    talk = room("wake")
    turn(talk)
    assert talk.shows(fx.State.THINKING)


def test_a_long_evening_leaves_no_turn_in_the_history() -> None:
    talk = room()
    for number in range(100):
        turn(talk, f"u{number}")
        effects = stay_silent(talk, f"r{number}", call_id=f"c{number}")
        assert deleted(effects) == [f"item_c{number}", f"u{number}"]
        talk.wait(3)
    assert not sounds(talk.log)


def test_turns_that_were_interrupted_before_their_answer_are_forgotten_with_the_next() -> None:
    talk = room()
    turn(talk, "u1")
    talk.tell(server.ResponseCreated("r1"))
    turn(talk, "u2")
    talk.tell(server.ResponseDone("r1", "cancelled"))
    effects = stay_silent(talk, "r2")
    assert deleted(effects) == ["item_c0", "u1", "u2"]


def test_a_verdict_on_a_turn_counts_though_the_next_has_begun() -> None:
    talk = room()
    turn(talk, "u1")
    talk.tell(server.ResponseCreated("r1"), server.OutputItemAdded("r1", silent_item()))
    talk.tell(server.SpeechStarted("u2"))
    effects = talk.tell(
        server.OutputItemDone("r1", silent_item()), server.ResponseDone("r1", "cancelled")
    )
    assert deleted(effects) == ["item_c0", "u1"]
    effects = talk.tell(server.SpeechStopped("u2"), server.InputCommitted("u2"))
    talk.reply("r2")
    talk.end_reply("r2")
    assert deleted(talk.log) == ["item_c0", "u1"], "the person's own turn stays"


def test_what_was_answered_before_stays_in_the_history() -> None:
    talk = room()
    turn(talk, "u1")
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000))
    turn(talk, "u2")
    assert deleted(stay_silent(talk, "r2")) == ["item_c0", "u2"]


def test_a_server_that_reports_late_that_a_turn_is_complete_keeps_what_was_answered() -> None:
    talk = room()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"))
    talk.reply()
    talk.tell(server.InputCommitted("u1"))
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000))
    turn(talk, "u2")
    assert deleted(stay_silent(talk, "r2")) == ["item_c0", "u2"]


def test_what_was_said_before_the_call_is_an_answer() -> None:
    talk = room()
    turn(talk)
    talk.reply(ms=500)
    effects = talk.tell(
        server.OutputItemDone("r1", silent_item()),
        server.ResponseDone("r1", "completed", items=(silent_item(),)),
        local.PlaybackStarted("i1"),
        local.PlaybackFinished("i1", 500),
    ) + later(talk)
    assert deleted(effects) == ["item_c0"]
    assert not only(effects, fx.Flush)
    assert not sounds(effects)


def test_what_is_said_after_the_call_is_not_played() -> None:
    talk = room()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", silent_item()))
    effects = talk.tell(
        server.AudioDelta("r1", "i1", bytes(4800)),
        server.AudioDone("r1", "i1"),
        server.ResponseDone("r1", "completed"),
    ) + later(talk)
    assert not only(effects, fx.Play)
    assert deleted(effects) == ["item_c0", "i1", "u1"]
    assert not sounds(effects)


def test_another_function_beside_it_is_done_and_answered() -> None:
    talk = room()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", silent_item()))
    effects = talk.tell(
        server.OutputItemDone("r1", call_item()), server.ResponseDone("r1", "completed")
    )
    assert [call.call_id for call in only(effects, fx.RunCall)] == ["c1"]
    assert deleted(effects) == ["item_c0"]
    effects = talk.tell(local.CallFinished("c1", 1, '{"status": "done"}'))
    assert sent(effects, cmd.CreateResponse)


def test_a_tool_of_an_mcp_server_beside_it_is_an_act() -> None:
    talk = room()
    turn(talk)
    tool = server.ConversationItem("m1", kind="mcp_call", name="weather", server_label="w")
    talk.tell(server.ResponseCreated("r1"), server.OutputItemAdded("r1", tool))
    effects = talk.tell(
        server.OutputItemDone("r1", silent_item()), server.ResponseDone("r1", "completed")
    )
    assert deleted(effects) == ["item_c0"]
    assert not sounds(effects)
    assert talk.shows(fx.State.THINKING)
    effects = talk.tell(server.McpCallEnded("m1"))
    assert sent(effects, cmd.CreateResponse)


def addressed_by_word(talk: Talk) -> None:
    talk.tell(local.Addressed())
    turn(talk)


def addressed_by_text(talk: Talk) -> None:
    talk.tell(local.AskRequested("is the door locked"))


def not_offered(talk: Talk) -> None:
    talk.tell(local.ListenModeSet("wake"))
    turn(talk)


def asked_to_confirm(talk: Talk) -> None:
    turn(talk, "u0")
    talk.tell(
        server.ResponseCreated("r0"),
        server.OutputItemDone("r0", call_item()),
        server.ResponseDone("r0", "completed"),
        local.CallFinished("c1", 1, json.dumps({"status": "confirmation_required"})),
    )
    talk.reply("r9", "i9")
    talk.end_reply("r9", "i9")
    talk.tell(local.PlaybackFinished("i9", 1000))
    turn(talk)


@pytest.mark.parametrize(
    "begin", [addressed_by_word, addressed_by_text, not_offered, asked_to_confirm]
)
def test_whoever_surely_waits_for_an_answer_hears_a_sound(begin: object) -> None:
    talk = room()
    assert callable(begin)
    begin(talk)
    before = len(talk.log)
    stay_silent(talk)
    later(talk)
    effects = talk.log[before:]
    assert sounds(effects) == ["no_answer"]
    assert deleted(effects) == ["item_c0"], "what the person said stays"
    assert not only(effects, fx.ShowEvent)


@pytest.mark.parametrize("begin", [addressed_by_word, addressed_by_text])
def test_who_waits_for_an_answer_and_is_talked_over_by_a_television_hears_a_sound(
    begin: object,
) -> None:
    """Or pauses in mid-sentence, which makes two turns of it."""
    talk = room("auto")
    assert callable(begin)
    begin(talk)
    talk.tell(server.ResponseCreated("r0"))
    turn(talk, "u2")
    talk.tell(server.ResponseDone("r0", "cancelled"))
    before = len(talk.log)
    stay_silent(talk, "r1")
    turn(talk, "u3")
    effects = stay_silent(talk, "r3", call_id="c3")
    assert sounds(talk.log[before:]) == ["no_answer"], "once; what comes then may be anybody's"
    assert deleted(effects)[-1] == "u3"


def test_only_the_turn_after_the_word_is_surely_meant_for_it() -> None:
    talk = room("auto")
    addressed_by_word(talk)
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000))
    turn(talk, "u2")
    assert not sounds(stay_silent(talk, "r2") + later(talk))


def test_a_button_that_nobody_spoke_after_does_not_count_for_ever() -> None:
    talk = room()
    talk.tell(local.Addressed())
    talk.wait(60)
    turn(talk)
    assert not sounds(stay_silent(talk) + later(talk))


def test_a_call_that_was_cut_off_is_no_verdict() -> None:
    talk = room()
    turn(talk)
    cut = silent_item(status="incomplete")
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.OutputItemDone("r1", cut),
        server.ResponseDone("r1", "incomplete", reason="max_output_tokens", items=(cut,)),
    ) + later(talk)
    assert sounds(effects) == ["no_answer"]


def test_a_server_that_names_no_items_gets_an_empty_result() -> None:
    talk = room()
    turn(talk, "")
    nameless = server.ConversationItem(
        "", kind="function_call", call_id="c0", name="stay_silent", arguments="{}"
    )
    effects = talk.tell(
        server.ResponseCreated("r1"),
        server.ResponseDone("r1", "completed", items=(nameless,)),
    ) + later(talk)
    assert [command.call_id for command in sent(effects, cmd.SendCallOutput)] == ["c0"]
    assert not sent(effects, cmd.CreateResponse)
    assert not sounds(effects)


def test_an_announcement_still_waits_its_turn_and_is_heard() -> None:
    talk = room()
    turn(talk)
    talk.tell(local.SayRequested("dinner is ready"))
    effects = stay_silent(talk)
    assert [create.input_text for create in sent(effects, cmd.CreateResponse)] == [
        "dinner is ready"
    ]


def test_turns_in_the_follow_up_of_a_wake_word_that_were_not_for_it_close_the_microphone() -> None:
    talk = room("auto")
    addressed_by_word(talk)
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000))
    for number in (2, 3):
        turn(talk, f"u{number}")
        stay_silent(talk, f"r{number}", call_id=f"c{number}")
    assert only(talk.log, fx.FollowUp)[-1].how == "end"


def test_the_memory_knows_nothing_of_it_and_all_of_what_comes_then() -> None:
    talk = Talk(ConversationProfile(offers_silence=True, transcribes=True))
    talk.tell(local.ListenModeSet("open"))
    for number in range(100):
        turn(talk, f"u{number}")
        stay_silent(talk, f"r{number}", call_id=f"c{number}")
        talk.tell(server.InputTranscript(f"u{number}", "and now the weather"))
    turn(talk, "person")
    item = call_item("lamp")
    talk.tell(
        server.InputTranscript("person", "turn on the lamp"),
        server.ResponseCreated("r"),
        server.OutputItemDone("r", item),
        server.ResponseDone("r", "completed", items=(item,)),
        local.CallFinished("lamp", 1, '{"status": "done"}'),
        local.LinkDown(1),
    )
    past = sent(talk.tell(local.LinkUp(2)))
    said = [one.text for one in past if isinstance(one, cmd.AddPastMessage)]
    assert said == ["turn on the lamp"]
    assert [one.name for one in past if isinstance(one, cmd.AddPastCall)] == ["set_power"]
