"""What a new session begins with, and what it never holds."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation import commands
from satellite.conversation import effects as fx
from satellite.conversation.events import Event, local, server
from satellite.conversation.memory import ANSWERED, MOST_TOKENS, NOTE, PAST, ConversationMemory
from satellite.conversation.output_items import PlayedItem
from satellite.conversation.profile import ConversationProfile
from tests.conversation.talk import Talk, call_item, only, sent, turn

PAUSE_S = 300.0


def talk() -> Talk:
    return Talk(ConversationProfile(transcribes=True, fresh_after_s=PAUSE_S))


def ask(scene: Talk, number: int, words: str) -> None:
    """A person says something that is written down."""
    turn(scene, f"u{number}")
    if words:
        scene.tell(server.InputTranscript(f"u{number}", words))


def reply(
    scene: Talk, number: int, words: str, *, ms: int = 1000, heard_ms: int | None = None
) -> None:
    response, item = f"r{number}", f"i{number}"
    scene.reply(response, item, ms)
    scene.tell(server.TextDone(response, item, words))
    scene.end_reply(response, item)
    if heard_ms is None:
        scene.tell(local.PlaybackFinished(item, ms))
    else:
        scene.tell(server.SpeechStarted("cutting"))
        scene.tell(local.Flushed((local.HeardItem(item, heard_ms),)))
        scene.tell(server.SpeechStopped("cutting"))


def renewed(scene: Talk, epoch: int = 2) -> list[commands.Command]:
    """What the next session is sent when it begins."""
    scene.tell(local.LinkDown(epoch - 1, "cut"))
    return sent(scene.tell(local.LinkUp(epoch)))


def words(items: list[commands.Command]) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in items if isinstance(one, commands.AddPastMessage)]


def test_a_new_session_begins_with_what_was_said_and_asks_for_nothing() -> None:
    scene = talk()
    ask(scene, 1, "My name is Anna.")
    reply(scene, 1, "Hello Anna.")
    items = renewed(scene)
    assert items[0] == commands.SendSystemText(NOTE, items[0].event_id)
    assert words(items) == [("user", "My name is Anna."), ("assistant", "Hello Anna.")]
    assert not [one for one in items if isinstance(one, commands.CreateResponse)]
    # And the next one with the same.
    assert words(renewed(scene, 3)) == words(items)


def test_without_a_conversation_nothing_is_sent() -> None:
    assert renewed(talk()) == []


def test_only_what_was_heard_of_a_reply_is_remembered() -> None:
    scene = talk()
    ask(scene, 1, "Tell me of the sea")
    reply(scene, 1, "The sea is blue and very deep indeed.", heard_ms=500)
    assert words(renewed(scene))[1] == ("assistant", "The sea is blue …")


def test_a_question_that_nobody_answered_is_not_asked_again() -> None:
    scene = talk()
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    ask(scene, 2, "Turn on the heating")
    assert words(renewed(scene)) == [("user", "Is it cold?"), ("assistant", "Yes.")]


def call(scene: Talk, item: server.ConversationItem, output: str) -> None:
    scene.tell(
        server.ResponseCreated("rc"),
        server.OutputItemAdded("rc", item),
        server.OutputItemDone("rc", item),
        server.ResponseDone("rc", "completed"),
        local.CallFinished(item.call_id, 1, output),
    )


def test_calls_come_with_their_results_in_brief_under_new_ids() -> None:
    scene = talk()
    ask(scene, 1, "Lamp on")
    devices = [{"device": f"Lamp {n}", "status": "done"} for n in range(100)]
    result = {"status": "done", "devices": devices, "message": "All are on."}
    call(scene, call_item("c1", arguments='{"devices": ["Lamp"]}'), json.dumps(result))
    items = renewed(scene)
    (made,) = [one for one in items if isinstance(one, commands.AddPastCall)]
    (output,) = [one for one in items if isinstance(one, commands.AddPastOutput)]
    assert (made.name, made.arguments) == ("set_power", '{"devices": ["Lamp"]}')
    assert made.call_id == output.call_id != "c1"
    assert json.loads(output.output) == {"status": "done", "message": "All are on."}
    # The server's echo of all this means nothing here.
    for one in (made, output):
        item = server.ConversationItem(one.item_id, "function_call_output", call_id=one.call_id)
        assert not sent(scene.tell(server.ItemAdded(item)))


def test_no_pin_is_remembered() -> None:
    scene = talk()
    ask(scene, 1, "Open the door")
    reply(scene, 1, "Please say the code.")
    ask(scene, 2, "Yes, four seven one one")
    item = server.ConversationItem(
        "f", "function_call", status="completed", call_id="c", name="confirm",
        arguments='{"confirmation_id": "c1", "answer": "yes", "pin": "4711"}',
    )  # fmt: skip
    call(scene, item, '{"status": "done"}')
    scene.tell(server.InputTranscript("u2", "Yes, four seven one one"))  # it may come late
    items = renewed(scene)
    assert ("user", ANSWERED) in words(items)
    assert "4711" not in str(items)
    assert "seven" not in str(items)


def test_no_pin_is_remembered_of_an_answer_whose_link_went_down() -> None:
    """Neither before the model could call ``confirm``, nor while that call was running."""
    scene = talk()
    ask(scene, 1, "Open the door")
    reply(scene, 1, "Please say the code.")
    ask(scene, 2, "Yes, four seven one one")
    renewed(scene, 2)
    ask(scene, 3, "Is it cold?")
    reply(scene, 3, "Yes.")
    assert "seven" not in str(renewed(scene, 3))

    ask(scene, 4, "Yes, four seven one one")
    item = server.ConversationItem(
        "f", "function_call", status="completed", call_id="c", name="confirm",
        arguments='{"confirmation_id": "c1", "answer": "yes", "pin": "4711"}',
    )  # fmt: skip
    scene.tell(server.OutputItemDone("r", item))
    reply(scene, 5, "One moment.")
    assert ("user", ANSWERED) in words(items := renewed(scene, 4))
    assert "seven" not in str(items)


def test_a_code_that_led_to_no_confirm_is_not_remembered_either() -> None:
    """The model did not understand it, or called nothing: it may be the PIN all the same."""
    scene = talk()
    ask(scene, 1, "Open the door")
    asks = {"status": "confirmation_required", "confirmation_id": "c1", "message": "The code?"}
    call(scene, call_item("c1"), json.dumps(asks))
    reply(scene, 1, "Please say the code.")
    ask(scene, 2, "vier sieben eins eins")
    reply(scene, 2, "I did not understand.")
    scene.wait(31.0)
    ask(scene, 3, "Never mind.")
    reply(scene, 3, "Fine.")
    said = words(renewed(scene))
    assert ("user", ANSWERED) in said
    assert "sieben" not in str(said)
    assert ("user", "Never mind.") in said


def test_secrets_of_the_settings_are_hidden() -> None:
    scene = talk()
    scene.machine = type(scene.machine)(
        ConversationProfile(transcribes=True), hide=lambda text: text.replace("hunter2", "***")
    )
    scene.tell(local.LinkUp(1))
    ask(scene, 1, "The password is hunter2")
    reply(scene, 1, "I have heard hunter2.")
    assert "hunter2" not in str(renewed(scene))


def test_what_was_taken_back_is_forgotten() -> None:
    """Another satellite's words, or a television's: the server's item was deleted."""
    scene = talk()
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    scene.tell(local.PeerSpeaks("other", True, "The light is on now"))
    ask(scene, 2, "The light is on now")
    assert commands.DeleteItem in {type(one) for one in sent(scene.log)}
    reply(scene, 3, "Fine.")
    assert "light" not in str(renewed(scene))


def test_after_a_pause_it_begins_fresh_in_a_new_session_and_once() -> None:
    scene = talk()
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    assert not only(scene.wait(PAUSE_S - 1), fx.RenewSession)
    assert scene.machine.deadline_s is not None
    assert len(only(scene.wait(1.1), fx.RenewSession)) == 1
    assert renewed(scene) == []
    assert not only(scene.wait(10 * PAUSE_S), fx.RenewSession), "nobody has spoken since"


def test_who_goes_on_in_time_keeps_the_conversation() -> None:
    scene = talk()
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    scene.wait(PAUSE_S - 10)
    ask(scene, 2, "And tomorrow?")
    reply(scene, 2, "Too.")
    assert not only(scene.wait(PAUSE_S - 10), fx.RenewSession)
    assert len(words(renewed(scene))) == 4


def test_nothing_ends_while_something_is_under_way() -> None:
    scene = talk()
    ask(scene, 1, "Lamp on")
    item = call_item("c1")
    scene.tell(
        server.ResponseCreated("rc"), server.OutputItemAdded("rc", item),
        server.OutputItemDone("rc", item), server.ResponseDone("rc", "completed"),
    )  # fmt: skip
    assert not only(scene.wait(PAUSE_S + 1), fx.RenewSession)
    assert scene.shows(fx.State.THINKING)


def test_a_reply_that_is_longer_than_the_pause_keeps_no_clock_running() -> None:
    """The deadline lay in the past for as long as it spoke, so the loop never slept."""
    scene = talk()
    ask(scene, 1, "Tell me a long story")
    scene.reply("r1", "i1", 600_000)
    scene.tell(server.TextDone("r1", "i1", "Once upon a time."))
    scene.end_reply("r1", "i1")
    scene.wait(PAUSE_S + 1)
    due_s = scene.machine.deadline_s
    assert due_s is None or due_s > scene.now_s
    scene.tell(local.PlaybackFinished("i1", 600_000))
    due_s = scene.machine.deadline_s
    assert due_s is not None
    assert due_s > scene.now_s


def test_zero_is_never() -> None:
    scene = Talk(ConversationProfile(transcribes=True))
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    assert not only(scene.wait(100 * PAUSE_S), fx.RenewSession)
    assert len(words(renewed(scene))) == 2


def test_a_renewal_is_not_seen_in_the_state() -> None:
    scene = talk()
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    scene.wait(20.0)
    effects = scene.tell(local.LinkDown(1, "the session was renewed", renewed=True))
    effects += scene.tell(local.LinkUp(2))
    assert not only(effects, fx.ShowState)
    # A cut is.
    assert only(scene.tell(local.LinkDown(2, "cut")), fx.ShowState)


def test_a_server_that_takes_no_history_is_no_trouble() -> None:
    scene = talk()
    ask(scene, 1, "Is it cold?")
    reply(scene, 1, "Yes.")
    effects = []
    for one in renewed(scene):
        effects += scene.tell(server.ServerError("unknown", "no such item", cause=one.event_id))
    loud = [note for note in only(effects, fx.Note) if note.level == "warning"]
    assert len(loud) <= 1
    assert not only(effects, fx.Chime)


TEXTS = st.text(max_size=40) | st.text("äß漢字🙂", max_size=3_000)
EVENTS = st.one_of(
    st.builds(server.SpeechStarted, st.sampled_from(["a", "b"])),
    st.builds(server.InputCommitted, st.sampled_from(["a", "b", "c"])),
    st.builds(server.InputTranscript, st.sampled_from(["a", "b"]), TEXTS),
    st.builds(
        server.OutputItemDone,
        st.just("r"),
        st.builds(
            server.ConversationItem,
            st.just("f"),
            st.just("function_call"),
            call_id=st.sampled_from(["c1", "c2"]),
            name=st.sampled_from(["set_power", "confirm"]),
            arguments=TEXTS,
        ),
    ),
    st.builds(local.CallFinished, st.sampled_from(["c1", "c2"]), st.just(1), TEXTS),
    st.builds(local.LinkDown, st.just(1)),
)


@given(
    st.lists(
        EVENTS
        | st.builds(
            PlayedItem,
            st.sampled_from(["i", "j"]),
            st.integers(0, 2_000),
            st.booleans(),
            TEXTS,
            st.integers(0, 2_000),
        ),
        max_size=120,
    )
)
def test_whatever_happens_it_is_bounded_and_whole(happenings: list[Event | PlayedItem]) -> None:
    from satellite.conversation.memory import ConversationMemory

    memory = ConversationMemory(PAUSE_S)
    for now_s, one in enumerate(happenings):
        if isinstance(one, PlayedItem):
            memory.played(one, float(now_s))
        else:
            memory.observe(one, float(now_s))
    items = memory.items()
    size = 0
    for item in items[1:]:
        match item:
            case commands.AddPastMessage(item_id, _, text):
                assert text
                size += len(text.encode(errors="replace"))
            case commands.AddPastCall(item_id, call_id):
                output = items[items.index(item) + 1]
                assert isinstance(output, commands.AddPastOutput)
                assert output.call_id == call_id
            case commands.AddPastOutput(item_id):
                pass
        assert item_id.startswith(PAST)
        assert len(item_id) <= 32
    assert size <= MOST_TOKENS * 4
    if items:
        last = items[-1]
        assert not (isinstance(last, commands.AddPastMessage) and last.role == "user")


def test_every_part_of_the_answer_to_a_question_is_hidden() -> None:
    scene = talk()
    ask(scene, 1, "Unlock the door.")
    reply(scene, 1, "Please say the code.")
    ask(scene, 2, "Eleven twelve.")
    ask(scene, 3, "Please.")  # said before the model had called confirm for the code
    item = server.ConversationItem(
        "item_c", kind="function_call", status="completed", call_id="c", name="confirm"
    )
    scene.tell(server.ResponseCreated("r3"), server.OutputItemDone("r3", item))
    scene.tell(server.InputTranscript("u2", "Eleven twelve."))
    scene.tell(server.ResponseDone("r3", "completed"))
    scene.tell(local.CallFinished("c", 1, '{"status": "done"}'))
    said = [text for role, text in words(renewed(scene)) if role == "user"]
    assert said == ["Unlock the door.", ANSWERED, ANSWERED]


def test_an_item_is_forgotten_of_the_session_that_deletes_it() -> None:
    """A server may count its items anew in each session."""
    memory = ConversationMemory(PAUSE_S)
    for text in ("kept", "not meant for us"):
        memory.observe(server.InputCommitted("item_1"), 1.0)
        memory.observe(server.InputTranscript("item_1", text), 1.0)
    memory.forget_item("item_1")
    memory.played(PlayedItem("i", 100, whole=True, text="Yes."), 2.0)
    assert words(memory.items()) == [("user", "kept"), ("assistant", "Yes.")]


def test_a_code_for_a_tool_of_an_mcp_server_is_not_kept_either() -> None:
    """Its approval is asked for under the id of an item, which is no call of a function."""
    scene = talk()
    ask(scene, 1, "Send the mail.")
    scene.tell(local.CallFinished("q1", 1, '{"confirmation_id": "c1"}'))
    reply(scene, 1, "Please say the code.")
    ask(scene, 2, "Eleven twelve.")
    reply(scene, 2, "I did not understand you.")
    said = [text for role, text in words(renewed(scene)) if role == "user"]
    assert said == ["Send the mail.", ANSWERED]


def test_a_reply_that_is_only_written_is_kept_too() -> None:
    scene = Talk(ConversationProfile(transcribes=True, output="text"))
    ask(scene, 1, "My name is Anna.")
    scene.tell(server.ResponseCreated("r1"))
    for text in ("Hello", "Hello Anna."):  # a server may tell it twice
        scene.tell(server.TextDone("r1", "i1", text))
    scene.tell(server.ResponseDone("r1", "completed"))
    assert words(renewed(scene)) == [("user", "My name is Anna."), ("assistant", "Hello Anna.")]
