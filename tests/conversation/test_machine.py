"""The conversation's rules, one by one."""

from __future__ import annotations

from typing import Any

from satellite.conversation import Conversation, Manners
from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation import events as ev

MS = ev.BYTES_PER_MS


class Talk:
    """A conversation with a clock of its own and short names for what is asked of it."""

    def __init__(self, manners: Manners | None = None, *, linked: bool = True) -> None:
        self.machine = Conversation(manners)
        self.now_s = 100.0
        self.log: list[fx.Effect] = []
        if linked:
            self.tell(ev.LinkUp(1))

    def tell(self, *events: ev.Event) -> list[fx.Effect]:
        effects: list[fx.Effect] = []
        for event in events:
            effects += self.machine.handle(event, self.now_s)
        self.log += effects
        return effects

    def wait(self, seconds: float) -> list[fx.Effect]:
        self.now_s += seconds
        return self.tell(ev.Tick())

    def reply(self, response: str = "r1", item: str = "i1", ms: int = 1000) -> None:
        """A response that is being generated and has sent ``ms`` of audio."""
        self.tell(
            ev.ResponseCreated(response),
            ev.OutputItemAdded(response, ev.Item(item, role="assistant")),
            ev.AudioDelta(response, item, bytes(ms * MS)),
        )

    def end_reply(self, response: str = "r1", item: str = "i1") -> None:
        self.tell(ev.AudioDone(response, item), ev.ResponseDone(response, "completed"))

    def shows(self, state: fx.State) -> bool:
        """Whether this is the state that was shown last."""
        shown = [effect.state for effect in self.log if isinstance(effect, fx.ShowState)]
        return state is shown[-1]


def sent(effects: list[fx.Effect], kind: type[Any] | None = None) -> list[Any]:
    commands = [effect.command for effect in effects if isinstance(effect, fx.Send)]
    return [c for c in commands if kind is None or isinstance(c, kind)]


def only(effects: list[fx.Effect], kind: type[Any]) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


def call_item(call_id: str = "c1", status: str = "completed", arguments: str = "{}") -> ev.Item:
    return ev.Item(
        f"item_{call_id}",
        kind="function_call",
        status=status,
        call_id=call_id,
        name="set_power",
        arguments=arguments,
    )


# --- barge-in ------------------------------------------------------------------------------------


def test_speech_while_generating_flushes_cancels_and_truncates_what_was_heard() -> None:
    talk = Talk()
    talk.reply(ms=1000)
    effects = talk.tell(ev.SpeechStarted("u1"))
    assert only(effects, fx.Flush) == [fx.Flush()]
    assert [c.response_id for c in sent(effects, cmd.CancelResponse)] == ["r1"]
    assert sent(effects, cmd.TruncateItem) == []
    effects = talk.tell(ev.Flushed((ev.HeardItem("i1", 412.7),)))
    (cut,) = sent(effects)
    assert isinstance(cut, cmd.TruncateItem)
    assert (cut.item_id, cut.audio_end_ms) == ("i1", 412)
    (said,) = only(effects, fx.ShowSaid)
    assert (said.heard_ms, said.interrupted) == (412, True)


def test_speech_after_the_response_was_done_truncates_without_a_cancel() -> None:
    talk = Talk()
    talk.reply(ms=1000)
    talk.end_reply()
    effects = talk.tell(ev.SpeechStarted("u1"), ev.Flushed((ev.HeardItem("i1", 999.9),)))
    assert [type(c) for c in sent(effects)] == [cmd.TruncateItem]


def test_nothing_is_cut_when_everything_was_heard() -> None:
    talk = Talk()
    talk.reply(ms=1000)
    talk.end_reply()
    effects = talk.tell(ev.SpeechStarted("u1"), ev.Flushed((ev.HeardItem("i1", 1000.0),)))
    assert sent(effects) == []
    assert [said.interrupted for said in only(effects, fx.ShowSaid)] == [False]


def test_speech_after_playback_has_nothing_to_do() -> None:
    talk = Talk()
    talk.reply()
    talk.end_reply()
    talk.tell(ev.PlaybackFinished("i1", 1000.0))
    effects = talk.tell(ev.SpeechStarted("u1"))
    assert sent(effects) == []
    assert only(effects, fx.Flush) == []


def test_an_item_of_which_nothing_was_heard_is_deleted_not_truncated() -> None:
    talk = Talk()
    talk.reply(ms=500)
    talk.tell(ev.AudioDone("r1", "i1"), ev.AudioDelta("r1", "i2", bytes(200 * MS)))
    effects = talk.tell(
        ev.SpeechStarted("u1"),
        ev.Flushed((ev.HeardItem("i1", 100.0), ev.HeardItem("i2", 0.0))),
    )
    assert [type(c) for c in sent(effects)] == [
        cmd.CancelResponse,
        cmd.TruncateItem,
        cmd.DeleteItem,
    ]


def test_the_cut_never_exceeds_what_was_received() -> None:
    talk = Talk()
    talk.reply(ms=300)
    effects = talk.tell(ev.SpeechStarted("u1"), ev.Flushed((ev.HeardItem("i1", 350.0),)))
    (cut,) = sent(effects, cmd.TruncateItem)
    assert cut.audio_end_ms == 300


def test_late_audio_of_an_interrupted_response_is_dropped() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(ev.SpeechStarted("u1"))
    effects = talk.tell(
        ev.AudioDelta("r1", "i1", bytes(480)), ev.AudioDelta("r1", "i2", bytes(480))
    )
    assert only(effects, fx.Play) == []


def test_a_response_created_while_the_user_speaks_is_cancelled_again() -> None:
    """A cancel before ``response.created`` is lost (livekit/agents#6244)."""
    talk = Talk()
    talk.tell(ev.AskRequested("tell me a story"))
    effects = talk.tell(ev.SpeechStarted("u1"))
    assert sent(effects, cmd.CancelResponse) == []
    effects = talk.tell(ev.ResponseCreated("r1", {"satellite": "answer"}))
    assert [c.response_id for c in sent(effects, cmd.CancelResponse)] == ["r1"]
    assert only(talk.tell(ev.AudioDelta("r1", "i1", bytes(480))), fx.Play) == []


def test_a_request_interrupted_before_it_was_created_is_cancelled_even_after_the_turn() -> None:
    talk = Talk()
    talk.tell(ev.AskRequested("tell me a story"))
    talk.tell(ev.SpeechStarted("u1"), ev.SpeechStopped("u1"), ev.InputCommitted("u1"))
    effects = talk.tell(ev.ResponseCreated("r1", {"satellite": "answer"}))
    assert [c.response_id for c in sent(effects, cmd.CancelResponse)] == ["r1"]
    effects = talk.tell(ev.ResponseDone("r1", "cancelled"), ev.ResponseCreated("r2"))
    assert sent(effects, cmd.CancelResponse) == []


def test_with_server_interruption_the_satellite_cuts_memory_but_does_not_cancel() -> None:
    talk = Talk(Manners(interrupt="server"))
    talk.reply()
    effects = talk.tell(
        ev.SpeechStarted("u1"),
        ev.ResponseDone("r1", "cancelled", "turn_detected"),
        ev.Flushed((ev.HeardItem("i1", 40.0),)),
    )
    assert [type(c) for c in sent(effects)] == [cmd.TruncateItem]


def test_a_cancelled_response_that_comes_before_the_speech_is_silenced_once() -> None:
    talk = Talk(Manners(interrupt="server"))
    talk.reply()
    effects = talk.tell(ev.ResponseDone("r1", "cancelled", "turn_detected"), ev.SpeechStarted("u1"))
    assert len(only(effects, fx.Flush)) == 1


def test_a_reply_that_begins_before_the_flush_is_answered_is_not_cut_with_the_old_one() -> None:
    talk = Talk()
    talk.reply("r1", "i1")
    talk.tell(ev.SpeechStarted("u1"), ev.ResponseDone("r1", "cancelled"))
    talk.tell(ev.SpeechStopped("u1"), ev.InputCommitted("u1"))
    talk.reply("r2", "i2")
    effects = talk.tell(ev.Flushed((ev.HeardItem("i1", 10.0),)))
    assert [c.item_id for c in sent(effects)] == ["i1"]
    assert talk.shows(fx.State.SPEAKING)


def test_out_of_band_speech_is_silenced_but_not_cut_from_a_memory_it_is_not_in() -> None:
    talk = Talk()
    talk.tell(ev.SayRequested("Dinner is ready"))
    talk.tell(
        ev.ResponseCreated("r1", {"satellite": "say"}), ev.AudioDelta("r1", "i1", bytes(4800))
    )
    effects = talk.tell(ev.SpeechStarted("u1"), ev.Flushed((ev.HeardItem("i1", 40.0),)))
    assert [type(c) for c in sent(effects)] == [cmd.CancelResponse]


def test_stop_silences_and_nothing_starts_by_itself_afterwards() -> None:
    talk = Talk()
    talk.tell(ev.SpeechStarted("u1"), ev.SpeechStopped("u1"), ev.InputCommitted("u1"))
    assert sent(talk.tell(ev.StopPressed())) == []
    effects = talk.tell(ev.ResponseCreated("r1"))
    assert [type(c) for c in sent(effects)] == [cmd.CancelResponse]
    talk.tell(ev.ResponseDone("r1", "cancelled"))
    assert talk.shows(fx.State.LISTENING)


# --- ducking -------------------------------------------------------------------------------------


def test_a_voice_ducks_the_reply_and_the_volume_returns_when_the_server_hears_nothing() -> None:
    talk = Talk()
    talk.reply()
    assert fx.Duck(on=True) in talk.tell(ev.VoiceOnset())
    assert talk.machine.deadline_s is not None
    assert fx.Duck(on=False) in talk.wait(talk.machine.deadline_s - talk.now_s)


def test_no_ducking_while_nothing_sounds() -> None:
    talk = Talk()
    assert only(talk.tell(ev.VoiceOnset()), fx.Duck) == []


# --- functions -----------------------------------------------------------------------------------


def test_a_complete_call_runs_once_and_is_answered_with_one_response() -> None:
    talk = Talk()
    item = call_item()
    effects = talk.tell(
        ev.ResponseCreated("r1"),
        ev.CallArgumentsDone("r1", item.id, "c1", "{}", "set_power"),
        ev.OutputItemDone("r1", item),
        ev.ResponseDone("r1", "completed", items=(item,)),
    )
    assert [run.call_id for run in only(effects, fx.RunCall)] == ["c1"]
    effects = talk.tell(ev.CallFinished("c1", 1, '{"status":"done"}'))
    assert [type(c) for c in sent(effects)] == [cmd.SendCallOutput, cmd.CreateResponse]
    assert sent(talk.tell(ev.CallFinished("c1", 1, "again"))) == []


def test_several_calls_of_a_response_are_all_answered_before_one_response_is_asked_for() -> None:
    talk = Talk()
    talk.tell(ev.ResponseCreated("r1"))
    talk.tell(ev.OutputItemDone("r1", call_item("c1")))
    effects = talk.tell(ev.CallFinished("c1", 1, "{}"))
    effects += talk.tell(ev.OutputItemDone("r1", call_item("c2")))
    effects += talk.tell(ev.ResponseDone("r1", "completed"))
    assert sent(effects, cmd.CreateResponse) == []
    effects = talk.tell(ev.CallFinished("c2", 1, "{}"))
    assert len(sent(effects, cmd.CreateResponse)) == 1


def test_a_server_that_only_tells_arguments_has_its_calls_run_when_the_response_completed() -> None:
    talk = Talk()
    effects = talk.tell(
        ev.ResponseCreated("r1"),
        ev.OutputItemAdded("r1", ev.Item("i1", kind="function_call", name="set_fan")),
        ev.CallArgumentsDone("r1", "i1", "c1", "{}"),
    )
    assert only(effects, fx.RunCall) == []
    (run,) = only(talk.tell(ev.ResponseDone("r1", "completed")), fx.RunCall)
    assert run.name == "set_fan"


def test_a_call_cut_off_in_the_middle_never_runs() -> None:
    """``function_call_arguments.done`` comes for cancelled responses too, with partial text."""
    talk = Talk()
    effects = talk.tell(
        ev.ResponseCreated("r1"),
        ev.CallArgumentsDone("r1", "item_c1", "c1", '{"devices": ["Fr', "set_power"),
        ev.OutputItemDone("r1", call_item("c1", status="incomplete")),
        ev.ResponseDone("r1", "cancelled", items=(call_item("c1", status="incomplete"),)),
    )
    assert only(effects, fx.RunCall) == []


def test_a_call_that_completes_after_the_interruption_is_not_run_and_the_model_is_told() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(ev.SpeechStarted("u1"))
    effects = talk.tell(ev.OutputItemDone("r1", call_item("c1")))
    assert only(effects, fx.RunCall) == []
    (answer,) = sent(effects, cmd.SendCallOutput)
    assert "not_run" in answer.output


def test_the_user_may_speak_while_a_slow_call_runs_and_gets_its_result_later() -> None:
    talk = Talk()
    talk.tell(ev.ResponseCreated("r1"), ev.OutputItemDone("r1", call_item("c1")))
    talk.tell(ev.ResponseDone("r1", "completed"))
    talk.tell(ev.SpeechStarted("u2"), ev.SpeechStopped("u2"), ev.InputCommitted("u2"))
    talk.tell(ev.ResponseCreated("r2"))
    effects = talk.tell(ev.CallFinished("c1", 1, "{}"))
    assert [type(c) for c in sent(effects)] == [cmd.SendCallOutput]
    effects = talk.tell(ev.ResponseDone("r2", "completed"))
    assert [type(c) for c in sent(effects)] == [cmd.CreateResponse]


def test_an_answer_that_the_response_to_a_new_turn_covers_is_not_asked_for() -> None:
    talk = Talk()
    talk.tell(ev.ResponseCreated("r1"), ev.OutputItemDone("r1", call_item("c1")))
    talk.tell(ev.ResponseDone("r1", "completed"))
    talk.tell(ev.SpeechStarted("u2"))
    talk.tell(ev.CallFinished("c1", 1, "{}"), ev.SpeechStopped("u2"), ev.InputCommitted("u2"))
    effects = talk.tell(ev.ResponseCreated("r2"), ev.ResponseDone("r2", "completed"))
    assert sent(effects, cmd.CreateResponse) == []


def test_results_of_an_old_link_are_dropped() -> None:
    talk = Talk()
    talk.tell(ev.ResponseCreated("r1"), ev.OutputItemDone("r1", call_item("c1")))
    talk.tell(ev.LinkDown(1), ev.LinkUp(2))
    assert talk.tell(ev.CallFinished("c1", 1, "{}")) == []


def test_calls_carry_the_turn_of_the_user_that_led_to_them() -> None:
    talk = Talk()
    turns = []
    for n in (1, 2):
        talk.tell(ev.SpeechStarted(f"u{n}"), ev.InputCommitted(f"u{n}"))
        effects = talk.tell(
            ev.ResponseCreated(f"r{n}"), ev.OutputItemDone(f"r{n}", call_item(f"c{n}"))
        )
        turns += [run.turn for run in only(effects, fx.RunCall)]
        talk.tell(ev.ResponseDone(f"r{n}", "completed"))
    assert turns == [1, 2]


# --- one response at a time ----------------------------------------------------------------------


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


# --- links and states ----------------------------------------------------------------------------


def test_states_of_a_plain_turn() -> None:
    talk = Talk(linked=False)
    talk.tell(ev.Tick())
    talk.tell(ev.LinkDown(0), ev.LinkUp(1), ev.SpeechStarted("u1"), ev.SpeechStopped("u1"))
    talk.reply()
    talk.end_reply()
    talk.tell(ev.PlaybackFinished("i1", 1000.0))
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
    effects = talk.tell(ev.LinkDown(1))
    assert fx.EndItem("i1") in effects
    assert fx.Chime("error") in effects
    effects = talk.tell(ev.LinkUp(2), ev.SpeechStarted("u1"))
    effects += talk.tell(ev.Flushed((ev.HeardItem("i1", 100.0),)))
    assert fx.Flush() in effects
    assert sent(effects) == []


def test_a_down_of_an_older_link_is_ignored() -> None:
    talk = Talk()
    talk.tell(ev.LinkUp(2))
    talk.tell(ev.LinkDown(1))
    assert talk.shows(fx.State.LISTENING)


def test_muting_in_mid_sentence_drops_it() -> None:
    talk = Talk()
    talk.tell(ev.SpeechStarted("u1"))
    effects = talk.tell(ev.MuteSet(True))
    assert [type(c) for c in sent(effects)] == [cmd.ClearInput]
    assert talk.shows(fx.State.MUTED)
    talk.tell(ev.SpeechStarted("u2"))
    assert talk.shows(fx.State.MUTED)
    talk.tell(ev.MuteSet(False))
    assert talk.shows(fx.State.LISTENING)


def test_written_answers_are_shown_without_having_been_heard() -> None:
    talk = Talk()
    effects = talk.tell(
        ev.ResponseCreated("r1"),
        ev.TextDelta("r1", "i1", "It is "),
        ev.TextDone("r1", "i1", "It is warm."),
        ev.ResponseDone("r1", "completed"),
    )
    assert only(effects, fx.ShowSaid) == [fx.ShowSaid("i1", "It is warm.", 0, False)]


def test_a_failed_response_is_heard_as_a_chime() -> None:
    talk = Talk()
    effects = talk.tell(
        ev.ResponseCreated("r1"), ev.ResponseDone("r1", "failed", "rate_limit_exceeded", "slow")
    )
    assert fx.Chime("error") in effects
    assert talk.shows(fx.State.LISTENING)


def test_it_does_not_look_alive_while_a_part_is_broken() -> None:
    talk = Talk()
    assert talk.shows(fx.State.LISTENING)
    effects = talk.tell(ev.Trouble("microphone", "The card is gone"))
    assert fx.Chime("error") in effects
    assert talk.shows(fx.State.ERROR)
    assert only(talk.tell(ev.Trouble("microphone", "The card is still gone")), fx.Chime) == []
    talk.tell(ev.Trouble("microphone"))
    assert talk.shows(fx.State.LISTENING)


def test_parts_that_are_still_being_opened_are_no_error() -> None:
    talk = Talk(linked=False)
    effects = talk.tell(ev.Trouble("microphone", "is being opened"), ev.LinkUp(1))
    assert only(effects, fx.Chime) == []
    assert talk.shows(fx.State.STARTING)
    talk.tell(ev.Trouble("microphone"))
    assert talk.shows(fx.State.LISTENING)
