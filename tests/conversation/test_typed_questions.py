"""What becomes of a typed question is told as it comes, and its end always."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from satellite.conversation import commands
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from satellite.conversation.machine import Conversation
from satellite.conversation.typed_questions import question_id
from tests.conversation.talk import Talk, call_item, only, sent, turn

QUESTION = "Is the kitchen light on?"


def asked(text: str = QUESTION) -> Talk:
    talk = Talk()
    talk.tell(local.AskRequested(text))
    return talk


def replies(talk: Talk) -> list[Any]:
    return only(talk.log, fx.ShowReply)


def answer(talk: Talk, response: str, *pieces: str) -> None:
    talk.tell(server.ResponseCreated(response, {"satellite": "answer"}))
    for piece in pieces:
        talk.now_s += 0.2
        talk.tell(server.TextDelta(response, f"i_{response}", piece))


def test_the_words_are_told_as_they_come() -> None:
    talk = asked()
    answer(talk, "r1", "Yes, ", "it ", "is.")
    assert [reply.text for reply in replies(talk)] == ["Yes,", "Yes, it", "Yes, it is."]
    assert {reply.status for reply in replies(talk)} == {"answering"}
    talk.tell(server.ResponseDone("r1", "completed"))
    assert replies(talk)[-1] == fx.ShowReply(question_id(QUESTION), "Yes, it is.", "answered")
    count = len(replies(talk))
    turn(talk)
    answer(talk, "r2", "Something else.")
    assert len(replies(talk)) == count, "what is said aloud is nobody's at a terminal"


def test_a_picture_goes_with_the_question_and_not_to_a_server_that_takes_none() -> None:
    talk = Talk()
    effects = talk.tell(local.AskRequested(QUESTION, "data:image/png;base64,AA=="))
    (question,) = sent(effects, commands.SendUserText)
    assert (question.text, question.image_url) == (QUESTION, "data:image/png;base64,AA==")
    blind = Talk()
    blind.machine = Conversation(takes_pictures=lambda: False)
    blind.tell(local.LinkUp(1))
    effects = blind.tell(local.AskRequested(QUESTION, "data:image/png;base64,AA=="))
    assert sent(effects) == []
    why = "this server takes no pictures"
    assert replies(blind) == [fx.ShowReply(question_id(QUESTION), "", "not_answered", why)]
    assert sent(blind.tell(local.AskRequested(QUESTION)), commands.SendUserText) != []


def test_many_pieces_at_once_are_told_in_few_messages() -> None:
    talk = asked()
    talk.tell(server.ResponseCreated("r1", {"satellite": "answer"}))
    for word in ["word "] * 200:
        talk.now_s += 0.01
        talk.tell(server.TextDelta("r1", "i1", word))
    assert len(replies(talk)) <= 21
    talk.tell(server.ResponseDone("r1", "completed"))
    assert replies(talk)[-1].text == " ".join(["word"] * 200)


def test_a_function_belongs_to_it_and_so_does_the_reply_about_its_result() -> None:
    talk = asked("Switch on the light")
    answer(talk, "r1", "One moment.")
    talk.tell(server.OutputItemDone("r1", call_item("c1")), server.ResponseDone("r1", "completed"))
    assert replies(talk)[-1].status == "answering"
    talk.wait(1)
    talk.tell(local.CallFinished("c1", 1, "{}"))
    answer(talk, "r2", "Done.")
    talk.tell(server.ResponseDone("r2", "completed"))
    assert (replies(talk)[-1].text, replies(talk)[-1].status) == ("One moment.\nDone.", "answered")


def test_announcements_meanwhile_are_no_part_of_it() -> None:
    talk = asked()
    answer(talk, "r1", "Yes.")
    talk.tell(
        local.SayRequested("Dinner", None, False, False), server.ResponseDone("r1", "completed")
    )
    talk.tell(
        server.ResponseCreated("r2", {"satellite": "say"}), server.TextDelta("r2", "i2", "Di")
    )
    assert "Di" not in replies(talk)[-1].text
    assert replies(talk)[-1].status == "answered"


def test_each_way_to_fail_has_its_reason() -> None:
    ends: dict[str, list[Any]] = {
        "the connection": [local.LinkDown(1, "lost")],
        "cancelled": [server.ResponseDone("r1", "cancelled")],
        "limit": [server.ResponseDone("r1", "failed", "rate_limit_exceeded", "over the limit")],
        "stopped": [local.StopPressed()],
        "spoken over": [server.SpeechStarted("u1")],
        "another": [local.AskRequested("Another question")],
    }
    for name, events in ends.items():
        talk = asked()
        answer(talk, "r1", "Yes, ")
        talk.tell(*events)
        for _ in range(60):
            talk.wait(1)
        mine = [one for one in replies(talk) if one.question == question_id(QUESTION)]
        assert mine[-1].status == "not_answered", name
        assert mine[-1].reason, name
        assert mine[-1].text == "Yes,", "what there was of it is kept"
    assert "over the limit" in _reason(ends["limit"])
    assert "connection" in _reason(ends["the connection"])


def _reason(events: list[Any]) -> str:
    talk = asked()
    answer(talk, "r1", "Yes, ")
    talk.tell(*events)
    return str(replies(talk)[-1].reason)


def test_without_a_server_it_is_told_at_once() -> None:
    talk = Talk(linked=False)
    talk.tell(local.LinkDown(0, "no network"))
    talk.tell(local.AskRequested(QUESTION))
    (reply,) = replies(talk)
    assert (reply.status, reply.reason) == ("not_answered", "there is no server")


def test_a_server_that_never_answers_is_waited_for_and_given_up() -> None:
    talk = asked()
    for _ in range(60):
        talk.wait(1)
    assert replies(talk)[-1].status == "not_answered"


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens, each question has one end, and nothing is told after it."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk()
        self.asked: list[str] = []
        self.count = 0

    @rule()
    def ask(self) -> None:
        self.asked.append(f"question {len(self.asked)}")
        self.talk.tell(local.AskRequested(self.asked[-1]))

    @rule(text=st.text(max_size=5), marked=st.booleans())
    def begin(self, text: str, marked: bool) -> None:
        self.count += 1
        mark = {"satellite": "answer"} if marked else {}
        response = f"r{self.count}"
        self.talk.tell(server.ResponseCreated(response, mark))
        self.talk.tell(server.TextDelta(response, f"i{self.count}", text))

    @rule(status=st.sampled_from(["completed", "cancelled", "incomplete", "failed"]))
    def end(self, status: server.ResponseStatus) -> None:
        self.talk.tell(server.ResponseDone(f"r{self.count}", status))

    @rule(finished=st.booleans())
    def call(self, finished: bool) -> None:
        call_id = f"c{self.count}"
        self.talk.tell(server.OutputItemDone(f"r{self.count}", call_item(call_id)))
        if finished:
            self.talk.tell(local.CallFinished(call_id, self.talk.machine._effects.epoch, "{}"))

    @rule(
        event=st.sampled_from(
            [
                server.SpeechStarted("u"),
                server.SpeechStopped("u"),
                server.InputCommitted("u"),
                local.StopPressed(),
                local.MuteSet(True),
                local.MuteSet(False),
                local.SayRequested("Dinner"),
                local.LinkDown(1, "lost"),
                local.LinkUp(1),
            ]
        )
    )
    def happen(self, event: Any) -> None:  # noqa: ANN401
        self.talk.tell(event)

    @rule(seconds=st.sampled_from([0.05, 1.0, 20.0, 70.0]))
    def wait(self, seconds: float) -> None:
        self.talk.wait(seconds)

    @invariant()
    def one_end_for_each(self) -> None:
        for text in self.asked:
            told = [one for one in replies(self.talk) if one.question == question_id(text)]
            ends = [one for one in told if one.status != "answering"]
            assert len(ends) <= 1
            assert not ends or told[-1] is ends[0]
            if text != self.asked[-1]:
                assert ends, "the next one has ended it"

    def teardown(self) -> None:
        self.talk.tell(local.LinkDown(1, "lost"), server.SpeechStopped("u"))
        for _ in range(12):
            self.talk.wait(30)
            call_id = f"c{self.count}"
            self.talk.tell(local.CallFinished(call_id, 1, "{}"))
        for text in self.asked:
            told = [one for one in replies(self.talk) if one.question == question_id(text)]
            assert told
            assert told[-1].status != "answering"


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
