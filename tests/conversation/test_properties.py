"""What must hold in any order of events: a strict server, a loudspeaker and a home at random."""

from __future__ import annotations

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import BYTES_PER_MS, Event, local, server
from satellite.conversation.machine import Conversation
from satellite.conversation.profile import ConversationProfile

ids = st.sampled_from(["a", "b", "c"])
items = st.builds(
    server.ConversationItem,
    ids,
    kind=st.sampled_from(
        ["message", "function_call", "function_call_output", "mcp_approval_request", "mcp_call"]
    ),
    status=st.sampled_from(["", "completed", "incomplete", "in_progress"]),
    call_id=ids,
    name=st.sampled_from(["", "set_power", "stay_silent"]),
)
anything: st.SearchStrategy[Event] = st.one_of(
    st.builds(local.LinkUp, st.integers(1, 3)),
    st.builds(local.LinkDown, st.integers(0, 3)),
    st.builds(server.SpeechStarted, ids),
    st.builds(server.SpeechStopped, ids),
    st.builds(server.InputCommitted, ids),
    st.builds(server.ItemAdded, items),
    st.builds(server.InputTranscript, ids, st.text(max_size=3)),
    st.builds(server.ResponseCreated, ids, st.sampled_from([{}, {"satellite": "say"}])),
    st.builds(server.OutputItemAdded, ids, items),
    st.builds(server.OutputItemDone, ids, items),
    st.builds(server.AudioDelta, ids, ids, st.sampled_from([b"", bytes(96), bytes(4800)])),
    st.builds(server.AudioDone, ids, ids),
    st.builds(server.McpCallEnded, ids, st.booleans()),
    st.builds(server.McpToolsListed, ids, st.booleans()),
    st.just(local.TurnBegan()),
    st.builds(local.TurnEnded, st.booleans()),
    st.builds(server.TextDone, ids, ids, st.text(max_size=3)),
    st.builds(server.CallArgumentsDone, ids, ids, ids, st.just("{}")),
    st.builds(
        server.ResponseDone,
        ids,
        st.sampled_from(["completed", "cancelled", "failed", "incomplete"]),
        items=st.tuples(items),
    ),
    st.builds(
        server.ServerError,
        st.sampled_from(["conversation_already_has_active_response", "invalid_value"]),
        st.just(""),
        cause=st.sampled_from(["", "sat_1_1", "sat_1_2", "sat_1_3"]),
    ),
    st.builds(local.PlaybackFinished, ids, st.floats(0, 200)),
    st.builds(
        local.Flushed, st.lists(st.builds(local.HeardItem, ids, st.floats(0, 200))).map(tuple)
    ),
    st.builds(local.VoiceOnset, st.sampled_from(local.Certainty)),
    st.just(local.StopPressed()),
    st.sampled_from(
        [local.SpeechCut(), server.InputCleared(), local.Addressed(), local.RoomSilent()]
    ),
    st.builds(local.PeerSpeaks, ids, st.booleans(), st.text(max_size=3)),
    st.builds(local.MuteSet, st.booleans()),
    st.builds(local.ListenModeSet, st.sampled_from(["open", "auto", "wake", "push"]), ids),
    st.builds(local.AskRequested, st.just("hello")),
    st.builds(local.SayRequested, st.just("dinner")),
    st.builds(local.CallFinished, ids, st.integers(0, 3), st.just("{}")),
    st.builds(local.PartFailed, ids | st.just("microphone"), st.sampled_from(["", "broken"])),
    st.just(local.Tick()),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(anything, st.floats(0, 30)), max_size=60))
def test_nonsense_never_breaks_the_rules(story: list[tuple[Event, float]]) -> None:
    machine = Conversation(ConversationProfile(offers_silence=True, fresh_after_s=40.0))
    now_s = 0.0
    epoch = 0
    ran: set[tuple[int, str]] = set()
    received: dict[str, int] = {}
    for event, pause_s in story:
        now_s += pause_s
        if isinstance(event, local.LinkUp):
            epoch = event.epoch
        if isinstance(event, server.AudioDelta):
            received[event.item_id] = received.get(event.item_id, 0) + len(event.audio)
        for effect in machine.handle(event, now_s):
            if isinstance(effect, fx.RunCall):
                assert (0, effect.call_id) not in ran
                ran.add((0, effect.call_id))
            if isinstance(effect, fx.Send):
                assert effect.epoch == epoch
                if isinstance(effect.command, cmd.TruncateItem):
                    longest_ms = received[effect.command.item_id] // BYTES_PER_MS
                    assert 0 < effect.command.audio_end_ms <= longest_ms
        for _ in range(20):  # each may end one thing that is overdue
            machine.handle(local.Tick(), now_s)
        due_s = machine.deadline_s
        assert due_s is None or due_s > now_s, "a clock that rings and rings"
    for _ in range(200):
        now_s += 1
        effects = machine.handle(local.Tick(), now_s)
    assert effects == []
    deadline_s = machine.deadline_s
    assert deadline_s is None or deadline_s > now_s - 1


class Room(RuleBasedStateMachine):
    """A server with the documented order of events, both directions delayed at will."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Conversation()
        self.now_s = 0.0
        self.to_client: deque[Event] = deque()
        self.to_server: deque[cmd.Command] = deque()
        self.count = 0
        self.state = fx.State.STARTING
        # the server
        self.active: str | None = None
        self.active_meta: dict[str, str] = {}
        self.item: str | None = None
        self.user_item: str | None = None
        self.committed_waits = False
        self.audio: dict[str, int] = {}
        # this machine
        self.queued: dict[str, int] = {}
        self.ended: set[str] = set()
        self.flushes = 0
        self.flush_items: deque[dict[str, int]] = deque()
        self.running: list[fx.RunCall] = []
        self.ran: set[str] = set()
        # what the client was told
        self.known_active: str | None = None
        self.requests_open = 0
        self.silenced: set[str] = set()
        self.response_of: dict[str, str] = {}

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def tell(self, event: Event) -> None:
        for effect in self.machine.handle(event, self.now_s):
            self.carry(effect)

    def carry(self, effect: fx.Effect) -> None:
        match effect:
            case fx.ShowState(state):
                self.state = state
            case fx.Play(item_id, audio):
                assert self.response_of[item_id] not in self.silenced, "audio after a flush"
                self.queued[item_id] = self.queued.get(item_id, 0) + len(audio)
            case fx.EndItem(item_id):
                self.ended.add(item_id)
            case fx.Flush():
                self.silenced |= {self.response_of[item_id] for item_id in self.queued}
                self.flush_items.append(self.queued)
                self.queued = {}
            case fx.RunCall():
                assert effect.call_id not in self.ran, "a function ran twice"
                self.ran.add(effect.call_id)
                self.running.append(effect)
            case fx.Send(_, command):
                self.check(command)
                self.to_server.append(command)

    def check(self, command: cmd.Command) -> None:
        match command:
            case cmd.CreateResponse():
                assert self.known_active is None, "asked while a response was active"
                assert self.requests_open == 0, "asked twice"
                self.requests_open += 1
            case cmd.CancelResponse(response_id):
                assert response_id == self.known_active, "cancelled what is not being generated"
                self.silenced.add(response_id)
            case cmd.TruncateItem(item_id, audio_end_ms):
                assert 0 < audio_end_ms * BYTES_PER_MS <= self.audio[item_id]

    @initialize()
    def connect(self) -> None:
        self.tell(local.LinkUp(1))

    # --- the network --------------------------------------------------------------------------

    @precondition(lambda self: self.to_client)
    @rule()
    def deliver(self) -> None:
        event = self.to_client.popleft()
        match event:
            case server.ResponseCreated(response_id, metadata):
                self.known_active = response_id
                if metadata:
                    self.requests_open -= 1
            case server.ResponseDone(response_id):
                if self.known_active == response_id:
                    self.known_active = None
            case server.ServerError():
                self.requests_open -= 1
        self.tell(event)

    @precondition(lambda self: self.to_server)
    @rule()
    def obey(self) -> None:
        command = self.to_server.popleft()
        match command:
            case cmd.CreateResponse():
                if self.active is not None:
                    code = "conversation_already_has_active_response"
                    self.to_client.append(server.ServerError(code, "", cause=command.event_id))
                else:
                    self.begin(dict(command.metadata))
            case cmd.CancelResponse(response_id) if response_id == self.active:
                self.finish("cancelled")
            case cmd.ClearInput():
                self.user_item = None
                self.to_client.append(server.InputCleared())
            case cmd.SendCallOutput(call_id):
                self.to_client.append(
                    server.ItemAdded(
                        server.ConversationItem("o", kind="function_call_output", call_id=call_id)
                    )
                )

    def begin(self, metadata: dict[str, str]) -> None:
        self.active = self.fresh("r")
        self.item = None
        self.to_client.append(server.ResponseCreated(self.active, metadata))

    def finish(self, status: server.ResponseStatus) -> None:
        assert self.active is not None
        if self.item is not None:
            self.to_client.append(server.AudioDone(self.active, self.item))
        self.to_client.append(server.ResponseDone(self.active, status))
        self.active = None
        if self.committed_waits:
            self.committed_waits = False
            self.begin({})

    # --- the server ---------------------------------------------------------------------------

    @precondition(lambda self: self.user_item is None)
    @rule()
    def user_opens_mouth(self) -> None:
        self.user_item = self.fresh("u")
        self.to_client.append(server.SpeechStarted(self.user_item))

    @precondition(lambda self: self.user_item is not None)
    @rule()
    def user_is_done(self) -> None:
        assert self.user_item is not None
        self.to_client.append(server.SpeechStopped(self.user_item))
        self.to_client.append(server.InputCommitted(self.user_item))
        if len(self.user_item) % 2:
            text = "what time is it" if len(self.user_item) % 3 else "the light is on"
            self.to_client.append(server.InputTranscript(self.user_item, text))
        self.user_item = None
        if self.active is None:
            self.begin({})
        else:
            self.committed_waits = True

    @precondition(lambda self: self.active is not None)
    @rule(new_item=st.booleans(), ms=st.integers(1, 300))
    def speak(self, new_item: bool, ms: int) -> None:
        assert self.active is not None
        if self.item is None or new_item:
            self.item = self.fresh("i")
            self.response_of[self.item] = self.active
        self.audio[self.item] = self.audio.get(self.item, 0) + ms * BYTES_PER_MS
        self.to_client.append(server.AudioDelta(self.active, self.item, bytes(ms * BYTES_PER_MS)))

    @precondition(lambda self: self.active is not None and self.active_meta == {})
    @rule(status=st.sampled_from(["completed", "incomplete"]))
    def call_function(self, status: str) -> None:
        assert self.active is not None
        call_id = self.fresh("c")
        item = server.ConversationItem(
            self.fresh("i"), "function_call", "", status, call_id, "set_power", "{}"
        )
        self.to_client.append(server.CallArgumentsDone(self.active, item.id, call_id, "{}"))
        self.to_client.append(server.OutputItemDone(self.active, item))

    @precondition(lambda self: self.active is not None)
    @rule(status=st.sampled_from(["completed", "failed", "incomplete"]))
    def end_response(self, status: server.ResponseStatus) -> None:
        self.finish(status)

    # --- this machine ----------------------------------------------------------------------------

    @precondition(lambda self: self.flush_items)
    @rule(share=st.floats(0, 1))
    def answer_flush(self, share: float) -> None:
        gone = self.flush_items.popleft()
        heard = [local.HeardItem(i, n * share / BYTES_PER_MS) for i, n in gone.items()]
        self.tell(local.Flushed(tuple(heard)))

    @precondition(lambda self: self.queued and next(iter(self.queued)) in self.ended)
    @rule()
    def play_out(self) -> None:
        item_id = next(iter(self.queued))
        length_ms = self.queued.pop(item_id) / BYTES_PER_MS
        self.tell(local.PlaybackFinished(item_id, length_ms))

    @precondition(lambda self: self.running)
    @rule()
    def finish_call(self) -> None:
        call = self.running.pop(0)
        self.tell(local.CallFinished(call.call_id, call.epoch, "{}"))

    @rule()
    def press_stop(self) -> None:
        self.tell(local.StopPressed())

    @rule(speaking=st.booleans())
    def another_satellite(self, speaking: bool) -> None:
        self.tell(local.PeerSpeaks("other", speaking, "the light is on"))

    @rule()
    def cut_the_sentence(self) -> None:
        self.tell(local.SpeechCut())

    @rule()
    def press_listen(self) -> None:
        self.tell(local.Addressed())

    @rule()
    def local_voice(self) -> None:
        self.tell(local.VoiceOnset())

    @rule(text=st.sampled_from(["dinner", "door"]))
    def announce(self, text: str) -> None:
        self.tell(local.SayRequested(text))

    @rule()
    def ask(self) -> None:
        self.tell(local.AskRequested("what time is it"))

    @rule(seconds=st.floats(0.01, 0.2))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.tell(local.Tick())

    @rule()
    def lose_the_link(self) -> None:
        epoch = self.machine._effects.epoch
        self.tell(local.LinkDown(epoch))
        self.to_client.clear()
        self.to_server.clear()
        self.active = self.known_active = self.item = self.user_item = None
        self.committed_waits = False
        self.requests_open = 0
        self.tell(local.LinkUp(epoch + 1))

    @invariant()
    def one_owner_of_the_loudspeaker(self) -> None:
        assert (self.state is fx.State.SPEAKING) == bool(self.queued)

    def teardown(self) -> None:
        """Whatever happened: when everything has come to its end, it listens again."""
        for _ in range(400):
            if self.user_item is not None:
                self.user_is_done()
            elif self.to_server:
                self.obey()
            elif self.to_client:
                self.deliver()
            elif self.active is not None:
                self.end_response("completed")
            elif self.running:
                self.finish_call()
            elif self.flush_items:
                self.answer_flush(0.5)
            elif self.queued and next(iter(self.queued)) in self.ended:
                self.play_out()
            else:
                self.time_passes(5.0)
                if self.state is fx.State.LISTENING:
                    break
        assert self.state in (fx.State.LISTENING, fx.State.STARTING)


Room.TestCase.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
TestRoom = Room.TestCase
