"""Whoever spoke hears something: an answer, or a sound that says that none will come."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satellite.conversation import effects as fx
from satellite.conversation.events import Event, local, server
from satellite.conversation.local_speech import LONGEST_SILENCE_S
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.unanswered import THINKING_S
from satellite.conversation.user_turns import LONGEST_SPEECH_S, REPLY_EXPECTED_S
from tests.conversation.talk import MS, Talk, call_item, later, only, sounds, speak, turn

NO_ANSWER = fx.Chime("no_answer")
ERROR = fx.Chime("error")


# --- no answer ------------------------------------------------------------------------------------


def test_a_turn_to_which_nothing_comes_back_ends_in_a_sound() -> None:
    talk = Talk()
    turn(talk)
    assert sounds(talk.wait(REPLY_EXPECTED_S - 0.1)) == []
    assert sounds(talk.wait(0.1)) == ["no_answer"]
    assert sounds(later(talk)) == []


def test_also_when_only_its_transcript_comes() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(server.InputTranscript("u1", "What time is it?"))
    assert sounds(later(talk)) == ["no_answer"]


def test_a_typed_question_to_which_nothing_comes_back_does_so_too() -> None:
    talk = Talk()
    talk.tell(local.AskRequested("What time is it?"))
    assert sounds(later(talk)) == ["no_answer"]


def test_an_answer_that_begins_and_stays_away() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"))
    assert sounds(talk.wait(REPLY_EXPECTED_S + 1)) == []
    assert sounds(talk.wait(THINKING_S - REPLY_EXPECTED_S)) == ["no_answer"]
    assert sounds(later(talk)) == []


def test_a_long_thought_of_which_something_comes_is_waited_for() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"))
    for _ in range(6):
        assert sounds(talk.wait(THINKING_S / 2)) == []
        talk.tell(server.OutputItemAdded("r1", server.ConversationItem("i1")))
    talk.tell(server.AudioDelta("r1", "i1", bytes(480)), local.PlaybackStarted("i1"))
    assert sounds(later(talk)) == []


@pytest.mark.parametrize("status", ["completed", "incomplete"])
@pytest.mark.parametrize("reason", ["", "max_output_tokens", "content_filter"])
def test_an_answer_without_anything_in_it(status: server.ResponseStatus, reason: str) -> None:
    talk = Talk()
    turn(talk)
    effects = talk.tell(server.ResponseCreated("r1"), server.ResponseDone("r1", status, reason))
    assert sounds(effects) == ["no_answer"]
    assert any(reason in note.text for note in only(effects, fx.Note))
    assert sounds(later(talk)) == []


def test_a_call_that_was_broken_off_is_no_answer() -> None:
    talk = Talk()
    turn(talk)
    item = call_item("c1", status="incomplete")
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", item))
    effects = talk.tell(server.ResponseDone("r1", "incomplete", "max_output_tokens", items=(item,)))
    assert sounds(effects) == ["no_answer"]


def test_an_answer_that_the_server_itself_takes_back() -> None:
    talk = Talk()
    turn(talk)
    talk.reply()
    talk.tell(server.ResponseDone("r1", "cancelled", "turn_detected"))
    talk.tell(local.Flushed((local.HeardItem("i1", 0.0),)))
    assert sounds(later(talk)) == ["no_answer"]


def test_speech_of_which_the_end_was_lost() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    assert sounds(talk.wait(LONGEST_SPEECH_S)) == ["no_answer"]


# --- answers --------------------------------------------------------------------------------------


def test_an_answer_that_is_heard_needs_no_sound() -> None:
    talk = Talk()
    turn(talk)
    talk.reply()
    talk.end_reply()
    talk.tell(local.PlaybackStarted("i1"), local.PlaybackFinished("i1", 1000.0))
    assert sounds(later(talk)) == []


def test_an_answer_in_writing_is_spoken_by_the_local_voice() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.TextDone("r1", "i1", "I cannot help with that."))
    effects = talk.tell(server.ResponseDone("r1", "completed"))
    assert sounds(effects) == ["I cannot help with that."]
    assert only(effects, fx.ShowSaid) == []
    item_id = speak(talk)
    (said,) = only(talk.tell(local.PlaybackFinished(item_id, 900.0)), fx.ShowSaid)
    assert (said.text, said.heard_ms) == ("I cannot help with that.", 900)
    assert sounds(later(talk)) == []


def test_what_cannot_be_read_out_ends_in_a_sound() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.TextDone("r1", "i1", "I cannot help with that."))
    talk.tell(server.ResponseDone("r1", "completed"))
    speak(talk, failure="espeak-ng is not installed.")
    assert sounds(talk.log) == ["I cannot help with that.", "no_answer"]


def test_where_writing_was_asked_for_nothing_is_read_out() -> None:
    talk = Talk(ConversationProfile(output="text"))
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.TextDone("r1", "i1", "It is warm."))
    talk.tell(server.ResponseDone("r1", "completed"))
    assert sounds(talk.log) == []
    assert sounds(later(talk)) == []


def test_while_a_function_runs_nobody_is_told_that_no_answer_comes() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    assert sounds(later(talk, 60.0)) == []
    talk.tell(local.CallFinished("c1", 1, "{}"))
    assert sounds(later(talk)) == ["no_answer"], "and then the server says nothing about it"


def let_me_see(talk: Talk) -> None:
    """A turn that is answered with a few words and a call, which ends."""
    turn(talk)
    talk.reply("r1", "i1")
    talk.tell(local.PlaybackStarted("i1"), server.OutputItemDone("r1", call_item("c1")))
    talk.end_reply("r1", "i1")
    talk.tell(local.PlaybackFinished("i1", 1000.0), local.CallFinished("c1", 1, "{}"))


def test_who_heard_let_me_see_hears_also_that_nothing_followed() -> None:
    talk = Talk()
    let_me_see(talk)
    assert sounds(later(talk)) == ["no_answer"]
    talk = Talk()
    let_me_see(talk)
    effects = talk.tell(server.ResponseCreated("r2"), server.ResponseDone("r2", "incomplete"))
    assert sounds(effects) == ["no_answer"]


def test_a_model_may_have_nothing_to_add_to_what_it_announced() -> None:
    talk = Talk()
    let_me_see(talk)
    talk.tell(server.ResponseCreated("r2"), server.ResponseDone("r2", "completed"))
    assert sounds(later(talk)) == []


# --- nobody waits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event", [local.StopPressed(), local.MuteSet(True), server.SpeechStarted("u2")], ids=str
)
def test_whoever_wants_silence_or_speaks_again_waits_for_nothing(event: Event) -> None:
    talk = Talk()
    turn(talk)
    talk.tell(event)
    assert sounds(later(talk, 30.0)) == []


def test_an_answer_that_was_called_off_is_not_missed() -> None:
    talk = Talk()
    turn(talk)
    talk.tell(
        server.ResponseCreated("r1"), local.StopPressed(), server.ResponseDone("r1", "cancelled")
    )
    assert sounds(later(talk)) == []


def test_the_end_of_an_answer_that_was_called_off_does_not_pay_for_a_newer_question() -> None:
    talk = Talk()
    talk.tell(server.InputCommitted("u1"), local.StopPressed(), server.InputCommitted("u2"))
    talk.tell(server.ResponseCreated("r1"), server.ResponseDone("r1", "cancelled"))
    assert sounds(later(talk)) == ["no_answer"]


def test_the_end_of_an_older_answer_does_not_pay_for_the_newer_question() -> None:
    talk = Talk()
    turn(talk, "u1")
    talk.reply()
    turn(talk, "u2")
    talk.tell(
        local.Flushed((local.HeardItem("i1", 100.0),)), server.ResponseDone("r1", "cancelled")
    )
    assert sounds(later(talk)) == ["no_answer"]


# --- in any order ---------------------------------------------------------------------------------

ids = st.sampled_from(["a", "b"])
server_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(server.SpeechStarted, ids),
    st.builds(server.SpeechStopped, ids),
    st.builds(server.InputCommitted, ids),
    st.builds(server.ResponseCreated, ids, st.sampled_from([{}, {"satellite": "answer"}])),
    st.builds(server.AudioDelta, ids, ids, st.just(bytes(2 * MS))),
    st.builds(server.AudioDone, ids, ids),
    st.builds(server.TextDone, ids, ids, st.sampled_from(["", "Hello."])),
    st.builds(
        server.ResponseDone,
        ids,
        st.sampled_from(["completed", "cancelled", "failed", "incomplete"]),
        st.sampled_from(["", "insufficient_quota", "content_filter"]),
    ),
    st.builds(server.OutputItemDone, ids, st.just(call_item("c1"))),
    st.builds(server.InputTranscript, ids, st.just("hello")),
    st.just(server.ServerError("server_error", "")),
)
house_events: st.SearchStrategy[Event] = st.one_of(
    st.just(local.StopPressed()),
    st.builds(local.MuteSet, st.booleans()),
    st.just(local.AskRequested("hello")),
    st.just(local.SayRequested("dinner")),
    st.just(local.RoomVoice()),
    st.just(local.AddressedWhileUnavailable("button")),
    st.builds(local.LinkDown, st.just(1)),
    st.builds(local.PartFailed, st.just("spending"), st.sampled_from(["", "limit"])),
)

BOUND_S = LONGEST_SPEECH_S + LONGEST_SILENCE_S + THINKING_S + 60.0 + REPLY_EXPECTED_S
"""The longest of what may hold up an answer, one after the other."""


class Listener:
    """A loudspeaker, a synthesiser and a home; notes whether who waits has heard something."""

    def __init__(self, *, synthesiser: bool) -> None:
        self.talk = Talk()
        self.synthesiser = synthesiser
        self.queue: dict[str, bool] = {}
        self.started: set[str] = set()
        self.waits = False

    def tell(self, event: Event) -> None:
        machine = self.talk.machine
        count, before = machine._turns.count, machine._turns.answer_due_s
        effects = self.talk.tell(event)
        due = machine._turns.answer_due_s
        if machine._turns.count > count or (due is not None and due != before):
            self.waits = due is not None or isinstance(event, local.AskRequested)
        if isinstance(event, local.StopPressed | server.SpeechStarted):
            self.waits = False
        if isinstance(event, local.MuteSet) and event.muted:
            self.waits = False
        for effect in effects:
            self.carry(effect)

    def carry(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Chime("error" | "no_answer"):
                self.waits = False
            case fx.Play(item_id):
                self.queue.setdefault(item_id, False)
            case fx.EndItem(item_id) if item_id in self.queue:
                self.queue[item_id] = True
            case fx.Flush():
                gone = [local.HeardItem(i, 1.0 if i in self.started else 0.0) for i in self.queue]
                self.queue.clear()
                self.tell(local.Flushed(tuple(gone)))
            case fx.SpeakLocally(item_id):
                if self.synthesiser:
                    self.tell(local.LocalAudio(item_id, bytes(2 * MS)))
                self.tell(local.LocalSpeechEnded(item_id, "" if self.synthesiser else "none"))
            case fx.RunCall(call_id):
                self.tell(local.CallFinished(call_id, effect.epoch, "{}"))

    def pass_time(self, seconds: float) -> None:
        self.talk.now_s += seconds
        for item_id in list(self.queue)[:1]:
            if item_id not in self.started:
                self.started.add(item_id)
                self.tell(local.PlaybackStarted(item_id))
                self.waits = False
            elif self.queue.get(item_id):
                del self.queue[item_id]
                self.tell(local.PlaybackFinished(item_id, 2.0))
        self.tell(local.Tick())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(server_events, server_events, house_events), st.floats(0, 4)),
        max_size=40,
    ),
    st.booleans(),
)
def test_every_turn_ends_in_something_heard(
    story: list[tuple[Event, float]], synthesiser: bool
) -> None:
    listener = Listener(synthesiser=synthesiser)
    for event, pause_s in story:
        listener.pass_time(pause_s)
        listener.tell(event)
    for _ in range(int(BOUND_S / 3)):
        listener.pass_time(3.0)
    assert not listener.waits
    assert listener.talk.machine._unanswered._waiting_turn is None
