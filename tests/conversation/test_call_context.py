"""What goes with a call of what the person heard and said.

``tests/app/test_confirmation.py`` has what a home makes of it.
"""

from __future__ import annotations

from satellite.conversation import effects as fx
from satellite.conversation.call_context import CallContext
from satellite.conversation.events import local, server
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.tool_calls import TRANSCRIPT_TIMEOUT_S
from tests.conversation.talk import MS, Talk, call_item, only


def context_of(talk: Talk, response: str, call_id: str) -> CallContext:
    effects = talk.tell(
        server.ResponseCreated(response), server.OutputItemDone(response, call_item(call_id))
    )
    talk.tell(server.ResponseDone(response, "completed"))
    (run,) = only(effects, fx.RunCall)
    found: CallContext = run.context
    return found


def says(talk: Talk, response: str, item: str, ms: int, text: str) -> None:
    talk.tell(
        server.ResponseCreated(response, {"satellite": "answer"}),
        server.AudioDelta(response, item, bytes(ms * MS)),
        server.TextDone(response, item, text),
        server.AudioDone(response, item),
        server.ResponseDone(response, "completed"),
    )


def speaks(talk: Talk, item: str) -> None:
    talk.tell(server.SpeechStarted(item), server.SpeechStopped(item), server.InputCommitted(item))


def asked() -> Talk:
    """Somebody wanted something, and its result has just been spoken about."""
    talk = Talk()
    speaks(talk, "u1")
    context_of(talk, "r1", "c1")
    talk.tell(local.CallFinished("c1", 1, "{}"))
    says(talk, "r2", "i2", 1_000, "Shall I?")
    return talk


def test_speech_that_was_heard_before_the_turn_is_told_with_the_results_it_follows() -> None:
    talk = asked()
    talk.tell(local.PlaybackFinished("i2", 1_000))
    speaks(talk, "u2")
    context = context_of(talk, "r3", "c2")
    (heard,) = context.heard
    assert (heard.text, heard.heard_ms, heard.whole) == ("Shall I?", 1_000, True)
    assert heard.after == heard.first_after == ("c1",)
    assert context.turn == 2
    assert context.text is None


def test_what_was_cut_is_told_as_far_as_it_was_heard() -> None:
    talk = asked()
    talk.tell(server.SpeechStarted("u2"), local.Flushed((local.HeardItem("i2", 400),)))
    talk.tell(server.SpeechStopped("u2"), server.InputCommitted("u2"))
    (heard,) = context_of(talk, "r3", "c2").heard
    assert (heard.heard_ms, heard.received_ms, heard.whole) == (400, 1_000, False)


def test_what_comes_after_the_turn_began_is_no_part_of_it() -> None:
    talk = Talk()
    speaks(talk, "u1")
    context_of(talk, "r1", "c1")
    talk.tell(local.CallFinished("c1", 1, "{}"))
    talk.tell(server.SpeechStarted("u2"), server.SpeechStopped("u2"), server.InputCommitted("u2"))
    says(talk, "r2", "i2", 1_000, "Shall I?")
    talk.tell(local.PlaybackFinished("i2", 1_000))
    assert context_of(talk, "r3", "c2").heard == ()


def test_an_answer_that_began_without_the_result_is_not_about_it() -> None:
    """The server answers a new turn before it has the result of the old one."""
    talk = Talk()
    speaks(talk, "u1")
    context_of(talk, "r1", "c1")
    speaks(talk, "u2")
    talk.tell(local.CallFinished("c1", 1, "{}"))
    talk.tell(
        server.ResponseCreated("r2"),
        server.AudioDelta("r2", "i2", bytes(1_000 * MS)),
        server.AudioDone("r2", "i2"),
        server.ResponseDone("r2", "completed"),
        local.PlaybackFinished("i2", 1_000),
    )
    speaks(talk, "u3")
    (heard,) = context_of(talk, "r3", "c2").heard
    assert heard.after == ()


def test_a_later_response_is_not_the_first_after_the_result() -> None:
    talk = asked()
    talk.tell(local.PlaybackFinished("i2", 1_000))
    speaks(talk, "u2")
    talk.tell(
        server.ResponseCreated("r3"),
        server.AudioDelta("r3", "i3", bytes(500 * MS)),
        server.AudioDone("r3", "i3"),
        server.ResponseDone("r3", "completed"),
        local.PlaybackFinished("i3", 500),
    )
    speaks(talk, "u3")
    first, later = context_of(talk, "r4", "c2").heard
    assert (first.first_after, later.first_after) == (("c1",), ())
    assert later.after == ("c1",)


def confirm(talk: Talk) -> list[fx.RunCall]:
    item = server.ConversationItem("i9", "function_call", "", "completed", "c9", "confirm", "{}")
    effects = talk.tell(server.ResponseCreated("r9"), server.OutputItemDone("r9", item))
    effects += talk.tell(server.ResponseDone("r9", "completed"))
    return only(effects, fx.RunCall)


def test_a_call_that_is_judged_by_words_waits_for_them() -> None:
    talk = Talk(ConversationProfile(transcribes=True))
    speaks(talk, "u1")
    assert confirm(talk) == []
    deadline_s = talk.machine.deadline_s
    assert deadline_s is not None
    assert deadline_s <= talk.now_s + TRANSCRIPT_TIMEOUT_S
    (run,) = only(talk.tell(server.InputTranscript("u1", "Yes")), fx.RunCall)
    assert run.context.text == "Yes"
    assert only(talk.wait(TRANSCRIPT_TIMEOUT_S), fx.RunCall) == []


def test_words_that_do_not_come_are_waited_for_only_a_while() -> None:
    talk = Talk(ConversationProfile(transcribes=True))
    speaks(talk, "u1")
    assert confirm(talk) == []
    (run,) = only(talk.wait(TRANSCRIPT_TIMEOUT_S), fx.RunCall)
    assert run.context.text is None
    talk = Talk(ConversationProfile(transcribes=True))
    speaks(talk, "u1")
    talk.tell(server.InputTranscript("u1", "Unlock the door"))
    speaks(talk, "u2")
    assert confirm(talk) == []
    (run,) = only(talk.wait(TRANSCRIPT_TIMEOUT_S), fx.RunCall)
    assert run.context.text == "", "others were written down"


def test_a_server_that_writes_nothing_down_is_not_waited_for() -> None:
    talk = Talk()
    speaks(talk, "u1")
    (run,) = confirm(talk)
    assert run.context.text is None


def test_a_typed_turn_says_so() -> None:
    talk = Talk()
    talk.tell(local.AskRequested("yes"))
    context = context_of(talk, "r1", "c1")
    assert (context.typed, context.text) == (True, "yes")
