"""``conversation_already_has_active_response``: what the running response knows is not asked for
twice, and what it does not know is asked for when it is over."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import Event, local, server
from satellite.conversation.machine import Conversation
from satellite.conversation.profile import ConversationProfile
from tests.conversation.talk import Talk, call_item, sent

CODE = "conversation_already_has_active_response"
ECHO = server.ItemAdded(server.ConversationItem("o1", kind="function_call_output", call_id="c1"))
BY_ITSELF = server.ResponseCreated("r2")
DONE = server.ResponseDone("r2", "completed")


def called(profile: ConversationProfile | None = None) -> tuple[Talk, cmd.CreateResponse]:
    """A function has run, and its result is to be spoken about."""
    talk = Talk(profile)
    talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item("c1")))
    talk.tell(server.ResponseDone("r1", "completed"))
    (create,) = sent(talk.tell(local.CallFinished("c1", 1, "{}")), cmd.CreateResponse)
    return talk, create


def asked_again(talk: Talk, *events: Event) -> int:
    effects = talk.tell(*events)
    for _ in range(30):
        effects += talk.wait(1.0)
    return len(sent(effects, cmd.CreateResponse))


@pytest.mark.parametrize("cause", [True, False], ids=["names its cause", "names none"])
@pytest.mark.parametrize(
    ("before", "again"),
    [
        ((ECHO, BY_ITSELF), 0),
        ((BY_ITSELF, ECHO), 1),
        ((BY_ITSELF,), 0),
        ((server.SpeechStopped("u0"), BY_ITSELF), 0),
        ((server.InputCommitted("u0"), BY_ITSELF), 1),
        ((server.InputCommitted("u0"), ECHO, BY_ITSELF), 0),
    ],
    ids=[
        "it has the result",
        "the result came later",
        "a server without echoes began because of the result",
        "and after an end of speech that had no beginning",
        "a server without echoes answers a turn",
        "a server with echoes answers a turn that came after the result",
    ],
)
def test_a_result(before: tuple[Event, ...], again: int, cause: bool) -> None:
    talk, create = called()
    refusal = server.ServerError(CODE, "busy", cause=create.event_id if cause else "")
    assert sent(talk.tell(*before, refusal), cmd.CreateResponse) == []
    assert asked_again(talk, DONE) == again


@pytest.mark.parametrize("cause", [True, False])
def test_a_refusal_that_comes_before_its_reason(cause: bool) -> None:
    talk, create = called()
    talk.tell(server.ServerError(CODE, "busy", cause=create.event_id if cause else ""))
    assert asked_again(talk, BY_ITSELF, DONE) == 0


def test_a_server_that_marks_nothing() -> None:
    """Its own response is taken for the one that was asked for, and is then said not to be."""
    talk, _ = called(ConversationProfile(echoes_metadata=False))
    talk.tell(BY_ITSELF, server.ServerError(CODE, "busy"))
    assert asked_again(talk, DONE) == 0


def test_a_server_that_marks_nothing_and_began_too_early() -> None:
    talk, _ = called(ConversationProfile(echoes_metadata=False))
    talk.tell(BY_ITSELF, ECHO, server.ServerError(CODE, "busy"))
    assert asked_again(talk, DONE) == 1


def test_two_results_of_which_it_has_one() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"))
    talk.tell(*(server.OutputItemDone("r1", call_item(call)) for call in ("c1", "c2")))
    talk.tell(server.ResponseDone("r1", "completed"))
    talk.tell(local.CallFinished("c1", 1, "{}"), local.CallFinished("c2", 1, "{}"))
    second = server.ItemAdded(
        server.ConversationItem("o2", kind="function_call_output", call_id="c2")
    )
    talk.tell(ECHO, BY_ITSELF, second, server.ServerError(CODE, "busy"))
    assert asked_again(talk, DONE) == 1


def test_an_announcement_is_asked_for_again_whatever_is_running() -> None:
    talk = Talk()
    (create,) = sent(talk.tell(local.SayRequested("Dinner is ready")), cmd.CreateResponse)
    talk.tell(BY_ITSELF, server.ServerError(CODE, "busy", cause=create.event_id))
    (again,) = sent(talk.tell(DONE), cmd.CreateResponse)
    assert again.input_text == "Dinner is ready"


@pytest.mark.parametrize(("late", "again"), [(False, 0), (True, 1)])
def test_a_typed_question(late: bool, again: int) -> None:
    talk = Talk()
    (create,) = sent(talk.tell(local.AskRequested("What time is it?")), cmd.CreateResponse)
    echo = server.ItemDone(server.ConversationItem("t1", role="user"))
    talk.tell(*((BY_ITSELF, echo) if late else (echo, BY_ITSELF)))
    talk.tell(server.ServerError(CODE, "busy", cause=create.event_id))
    assert asked_again(talk, DONE) == again


def test_the_servers_own_answer_that_collided_is_asked_for() -> None:
    """Nothing of ours was on its way: the answer to a turn has no other chance."""
    talk = Talk()
    talk.reply()
    talk.tell(server.InputCommitted("u1"), server.ServerError(CODE, "busy"))
    talk.wait(10.0)
    effects = talk.tell(server.AudioDone("r1", "i1"), server.ResponseDone("r1", "completed"))
    assert len(sent(effects, cmd.CreateResponse)) == 1


class Prompt(RuleBasedStateMachine):
    """A server that begins responses by itself when it gets a result, or (if it echoes) whenever
    it likes; nobody speaks. Both directions are delayed at will, each in its order."""

    @initialize(echoes=st.booleans(), names=st.booleans(), goes_on=st.booleans())
    def begin_link(self, echoes: bool, names: bool, goes_on: bool) -> None:
        self.echoes, self.names, self.goes_on = echoes, names, goes_on
        self.machine = Conversation()
        self.now_s = 0.0
        self.to_client: deque[Event] = deque()
        self.to_server: deque[cmd.Command] = deque()
        self.count = 0
        self.active = ""
        self.unknown: set[str] = set()
        """Results that no response has begun with."""
        self.needless = False
        """The last refusal was in favour of a response that had everything."""
        self.tell(local.LinkUp(1))

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def tell(self, event: Event) -> None:
        for effect in self.machine.handle(event, self.now_s):
            if isinstance(effect, fx.Send):
                self.to_server.append(effect.command)

    def create(self, metadata: dict[str, str]) -> None:
        self.active = self.fresh("r")
        self.unknown.clear()
        self.to_client.append(server.ResponseCreated(self.active, metadata))

    @precondition(lambda self: self.to_client)
    @rule()
    def deliver(self) -> None:
        self.tell(self.to_client.popleft())

    @precondition(lambda self: self.to_server)
    @rule()
    def obey(self) -> None:
        command = self.to_server.popleft()
        if isinstance(command, cmd.SendCallOutput):
            self.unknown.add(command.call_id)
            self.needless = False
            if self.echoes:
                item = server.ConversationItem(
                    "o", kind="function_call_output", call_id=command.call_id
                )
                self.to_client.append(server.ItemAdded(item))
            if self.goes_on and not self.active:
                self.create({})
        elif isinstance(command, cmd.CreateResponse):
            if not self.active:
                assert not self.needless, "spoken and paid twice"
                self.create(dict(command.metadata))
                return
            self.needless = not self.unknown
            cause = command.event_id if self.names else ""
            self.to_client.append(server.ServerError(CODE, "busy", cause=cause))

    @precondition(lambda self: self.active)
    @rule()
    def end(self) -> None:
        self.to_client.append(server.ResponseDone(self.active, "completed"))
        self.active = ""

    @precondition(lambda self: not self.active and self.echoes)
    @rule()
    def begin_for_no_reason(self) -> None:
        self.create({})

    @precondition(lambda self: self.active)
    @rule()
    def call(self) -> None:
        """The running response calls a function, which has run at once."""
        call_id = self.fresh("c")
        self.to_client.append(server.OutputItemDone(self.active, call_item(call_id)))
        self.end()
        while self.to_client:
            self.deliver()
        self.tell(local.CallFinished(call_id, 1, "{}"))

    @rule()
    def time_passes(self) -> None:
        self.now_s += 0.01
        self.tell(local.Tick())

    def teardown(self) -> None:
        for _ in range(200):
            if self.to_server:
                self.obey()
            elif self.to_client:
                self.deliver()
            elif self.active:
                self.end()
            else:
                self.now_s += 1.0
                self.tell(local.Tick())
        assert not self.unknown, "a result that nobody ever spoke about"


Prompt.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestPrompt = Prompt.TestCase
