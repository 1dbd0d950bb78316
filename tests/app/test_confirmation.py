"""A yes that opens a door: the conversation and the home together, and a model that wants it open.

The model here claims whatever serves it: it confirms at once, for others, and twice. What counts is
what was heard of the question, and what somebody said then.
"""

from __future__ import annotations

import itertools
import json
from typing import Any, TypeAlias

import pytest

from satellite.app.home_process import turn_context
from satellite.app.tool_runner import ToolRunner
from satellite.conversation import effects as fx
from satellite.conversation.commands import CreateResponse, SendCallOutput
from satellite.conversation.events import BYTES_PER_MS, Event, local, server
from satellite.conversation.machine import Conversation
from satellite.conversation.profile import ConversationProfile
from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.homeassistant.effects import Publish
from satellite.tools.effects import CallDone
from satellite.tools.policy.rules import Rules

Json: TypeAlias = Any

MS = BYTES_PER_MS
QUESTION = "You want me to unlock the Front door. Are you sure?"


class Living:
    """Turns, sounds and calls in virtual time; the loudspeaker plays as fast as it is fed."""

    def __init__(self, rules: Rules | None = None, *, transcribes: bool = True) -> None:
        self.now_s = 100.0
        self.machine = Conversation(ConversationProfile(transcribes=transcribes))
        self.home = Home(rules or Rules())
        self.tool_runner = ToolRunner(self.tell)
        self.tool_runner.attach(self)
        self.published: list[tuple[str, str]] = []
        self.results: dict[str, Any] = {}
        self.ids = itertools.count(1)
        self.flushed = False
        self.wanted = 0
        """Responses that the server was asked for and has not begun."""
        self.sounding: dict[str, int] = {}
        self._take(self.home.on_broker(True, self.now_s))
        for name in ("Front door", "Back door"):
            self._announce(name)
        self.wait(4)
        self.tell(local.LinkUp(1))

    def _announce(self, name: str) -> None:
        at = name.lower().replace(" ", "_")
        config = {
            "name": None,
            "unique_id": at,
            "device": {"identifiers": [at], "name": name},
            "command_topic": f"{at}/set",
            "state_topic": at,
        }
        for topic, payload in ((f"homeassistant/lock/{at}/config", config), (at, "LOCKED")):
            text = payload if isinstance(payload, str) else json.dumps(payload)
            self._take(self.home.on_message(topic, text.encode(), True, self.now_s))

    # The parts -----------------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        for effect in self.machine.handle(event, self.now_s):
            match effect:
                case fx.RunCall():
                    self.tool_runner.run(effect)
                case fx.Flush():
                    self.flushed = True
                case fx.Send(_, CreateResponse()):
                    self.wanted += 1
                case fx.Send(_, SendCallOutput(call_id, output)):
                    self.results[call_id] = json.loads(output)
                    item = server.ConversationItem(
                        "o", kind="function_call_output", call_id=call_id
                    )
                    self.tell(server.ItemAdded(item))

    def call(self, call: fx.RunCall) -> bool:
        """The home process."""
        exchange = turn_context(call.context)
        effects = self.home.call(
            call.call_id, call.name, call.arguments, call.turn, self.now_s, exchange=exchange
        )
        self._take(effects)
        return True

    def _take(self, effects: list[HomeEffect]) -> None:
        for effect in effects:
            match effect:
                case Publish():
                    self.published.append((effect.topic, effect.payload.decode()))
                    state = effect.payload + b"ED"
                    at = effect.topic.removesuffix("/set")
                    self._take(self.home.on_message(at, state, False, self.now_s))
                case CallDone():
                    self.tool_runner.done(effect.call_id, json.dumps(effect.result))

    def wait(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while (due_s := self.home.deadline_s) is not None and due_s <= end_s:
            self.now_s = max(self.now_s, due_s)
            self._take(self.home.tick(self.now_s))
        self.now_s = end_s
        self.tell(local.Tick())

    # What happens --------------------------------------------------------------------------------

    def turn(self, text: str | None = "", *, heard_ms: float = 0) -> str:
        """Somebody says something; ``text`` is what a recogniser makes of it, None for no word of
        it at all. Cuts what is sounding, of which ``heard_ms`` were heard."""
        if self.wanted:
            self.says("", ms=0)  # nothing at all, as when it only thinks
        item = f"u{next(self.ids)}"
        self.flushed = False
        self.tell(server.SpeechStarted(item))
        if self.flushed:
            heard = [local.HeardItem(one, min(heard_ms, ms)) for one, ms in self.sounding.items()]
            self.sounding.clear()
            self.tell(local.Flushed(tuple(heard)))
        self.wait(0.5)
        self.tell(server.SpeechStopped(item))
        self.tell(server.InputCommitted(item))
        if text is not None:
            self.tell(server.InputTranscript(item, text))
        return item

    def model(self, name: str, **arguments: Json) -> Json:
        """The model calls a function in a response of its own; the result, if it came at once."""
        call_id, response = f"c{next(self.ids)}", f"r{next(self.ids)}"
        item = server.ConversationItem(
            f"i{call_id}", "function_call", "", "completed", call_id, name, json.dumps(arguments)
        )
        self.tell(server.ResponseCreated(response))
        self.tell(server.OutputItemDone(response, item))
        self.tell(server.ResponseDone(response, "completed"))
        return self.results.get(call_id)

    def says(
        self,
        text: str = QUESTION,
        *,
        ms: int = 3_000,
        played: bool = True,
        status: server.ResponseStatus = "completed",
    ) -> None:
        """The model speaks; ``played``: to the end before anything else happens."""
        response, item = f"r{next(self.ids)}", f"s{next(self.ids)}"
        marks = {"satellite": "answer"} if self.wanted else {}
        self.wanted = max(0, self.wanted - 1)
        self.tell(server.ResponseCreated(response, marks))
        self.tell(server.AudioDelta(response, item, bytes(ms * MS)))
        if text:
            self.tell(server.TextDone(response, item, text))
        self.tell(server.AudioDone(response, item))
        self.tell(server.ResponseDone(response, status))
        if played and ms:
            self.wait(ms / 1000)
            self.tell(local.PlaybackFinished(item, ms))
        elif ms:
            self.sounding[item] = ms

    def asks_to_unlock(self, device: str = "Front door") -> str:
        """Somebody wants a door open; the id of the question, not a word of which was said yet."""
        self.turn(f"Unlock the {device.lower()}")
        asked = self.model("set_lock", devices=[device], action="unlock")
        assert asked["status"] == "confirmation_required", asked
        id_: str = asked["confirmation_id"]
        return id_

    def confirms(self, id_: str, **more: str) -> Json:
        return self.model("confirm", confirmation_id=id_, answer="yes", **more)


UNLOCKED = [("front_door/set", "UNLOCK")]


def test_a_question_that_was_heard_and_a_yes_open_the_door_once() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    room.turn("Yes, please.")
    assert room.confirms(id_)["status"] == "done"
    assert room.published == UNLOCKED
    assert room.confirms(id_)["status"] == "refused"
    assert room.published == UNLOCKED


def test_a_cough_before_the_question_opens_nothing() -> None:
    """The season's finding: unlock, a cough, ``confirm yes``, and no question ever played."""
    for cough in ("", None, "Hm."):
        room = Living()
        id_ = room.asks_to_unlock()
        room.turn(cough)
        room.wait(3)
        result = room.confirms(id_)
        room.wait(3)
        assert room.published == []
        assert result is None or "was not heard" in result["message"]


def test_a_yes_before_the_question_opens_nothing() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.turn("Yes yes yes")
    assert "Front door" in room.confirms(id_)["message"]
    room.says(played=False)
    room.turn("Yes", heard_ms=0)  # it was on its way and nothing of it was heard
    assert room.confirms(id_)["status"] == "refused"
    assert room.published == []


def test_a_cough_after_the_question_opens_nothing() -> None:
    for cough in ("", "Hm.", "What?", "Turn on the kitchen light"):
        room = Living()
        id_ = room.asks_to_unlock()
        room.says()
        room.turn(cough)
        result = room.confirms(id_)
        assert result["status"] == "refused"
        assert result["confirmation_id"] == id_, "it is still open"
        assert room.published == []
        room.turn("Yes")
        assert room.confirms(id_)["status"] == "done"


@pytest.mark.parametrize("no", ["No.", "Yes, but not now", "Nein!", "不要", "don't"])
def test_a_refusal_closes_the_question_whatever_the_model_makes_of_it(no: str) -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    room.turn(no)
    assert room.confirms(id_)["status"] == "refused"
    room.turn("Yes")
    assert room.confirms(id_)["status"] == "refused"
    assert room.published == []


def test_who_cuts_in_after_the_name_has_answered() -> None:
    for heard_ms, opened in ((2_400, True), (900, False)):
        room = Living()
        id_ = room.asks_to_unlock()
        room.says(played=False)
        room.turn("Yes", heard_ms=heard_ms)
        assert (room.confirms(id_)["status"] == "done") is opened, heard_ms


def test_words_about_something_else_are_no_question() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says("Okay.", ms=600)
    room.turn("Yes")
    assert room.confirms(id_)["status"] == "refused"
    room.turn("Turn on the light")
    room.says("The kitchen light is on. Anything else?")
    room.turn("Yes")
    assert room.confirms(id_)["status"] == "refused"
    assert room.published == []


def test_a_question_in_another_language_need_not_name_the_device() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says("Soll ich die Haustür wirklich aufschließen?")
    room.turn("Ja, bitte.")
    assert room.confirms(id_)["status"] == "done"


def test_a_question_of_which_the_end_is_missing_was_not_asked() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says("You want me to", status="incomplete")
    room.turn("Yes")
    assert room.confirms(id_)["status"] == "refused"


def test_an_announcement_is_no_question() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.tell(server.ResponseCreated("r", {"satellite": "say"}))
    room.tell(server.AudioDelta("r", "s", bytes(3_000 * MS)))
    room.tell(server.TextDone("r", "s", QUESTION))
    room.tell(server.AudioDone("r", "s"))
    room.tell(server.ResponseDone("r", "completed"))
    room.tell(local.PlaybackFinished("s", 3_000))
    room.turn("Yes")
    assert room.confirms(id_)["status"] == "refused"


def test_the_words_are_waited_for_a_while() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    item = room.turn(None)
    assert room.confirms(id_) is None
    room.wait(1)
    assert room.published == []
    room.tell(server.InputTranscript(item, "Yes"))
    assert room.published == UNLOCKED


def test_words_that_never_come_where_others_did_are_none() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    room.turn(None)
    assert room.confirms(id_) is None
    room.wait(2.1)
    assert room.published == []


def test_where_nobody_writes_down_the_model_is_believed() -> None:
    room = Living(transcribes=False)
    room.turn(None)
    id_ = room.model("set_lock", devices=["Front door"], action="unlock")["confirmation_id"]
    room.says("")
    room.turn(None)
    assert room.confirms(id_)["status"] == "done"
    assert room.published == UNLOCKED


def test_its_own_question_in_the_microphone_is_no_answer() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    room.turn("are you sure")
    assert room.confirms(id_)["status"] == "refused"
    assert room.published == []


def test_who_presses_stop_wants_nothing_opened() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    item = room.turn(None)
    assert room.confirms(id_) is None  # it waits for the words
    room.tell(local.StopPressed())
    room.tell(server.InputTranscript(item, "Yes"))
    room.wait(3)
    assert room.published == []


def test_who_speaks_again_has_not_answered() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    item = room.turn(None)
    assert room.confirms(id_) is None  # it waits for the words
    room.turn("No, wait!")
    room.tell(server.InputTranscript(item, "Yes"))
    room.wait(3)
    assert room.published == []


def test_one_yes_opens_one_question_and_the_newest() -> None:
    room = Living()
    front = room.asks_to_unlock("Front door")
    room.says("Shall I unlock the Front door?")
    back = room.asks_to_unlock("Back door")
    room.says("Shall I unlock the Back door, or the Front door?")
    room.turn("Yes")
    assert room.confirms(front)["status"] == "refused"
    assert room.confirms(back)["status"] == "done"
    assert room.confirms(front)["status"] == "refused"
    assert room.published == [("back_door/set", "UNLOCK")]
    room.turn("Yes")  # to nothing: the other one has to be asked anew
    assert room.confirms(front)["status"] == "refused"
    room.says("And the Front door?")
    room.turn("Yes")
    assert room.confirms(front)["status"] == "done"


def test_a_typed_answer_opens_nothing_unless_the_settings_say_so() -> None:
    for allowed in (False, True):
        room = Living(Rules(confirm_typed=allowed))
        id_ = room.asks_to_unlock()
        room.says()
        room.tell(local.AskRequested("Yes"))
        assert (room.confirms(id_)["status"] == "done") is allowed
    room = Living(Rules(confirm_typed=True))
    id_ = room.asks_to_unlock()
    room.tell(local.AskRequested("Yes"))
    assert room.confirms(id_)["status"] == "refused", "nobody heard the question"


def test_a_question_is_gone_with_its_session() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    room.tell(local.LinkDown(1))
    room.tell(local.LinkUp(2))
    room.turn("Yes")
    assert room.confirms(id_)["status"] == "refused"
    assert room.published == []


def test_a_sentence_that_is_muted_answers_nothing() -> None:
    room = Living()
    id_ = room.asks_to_unlock()
    room.says()
    room.tell(server.SpeechStarted("u"))
    room.tell(local.MuteSet(True))
    room.tell(server.InputCommitted("u"))
    assert room.confirms(id_)["status"] != "done"
    assert room.published == []


def test_a_code_is_as_good_as_a_yes_and_has_to_be_said_in_that_turn() -> None:
    room = Living(Rules(pin="4711"))
    id_ = room.asks_to_unlock()
    room.says("Shall I unlock the Front door? Please say the code.")
    room.turn("Yes")  # and the model remembers the code from this morning
    assert room.confirms(id_, pin="4711")["status"] == "refused"
    room.turn("")
    assert room.confirms(id_, pin="4711")["status"] == "refused"
    room.turn("Four seven, one one")
    assert room.confirms(id_, pin="4711")["status"] == "done"
    assert room.published == UNLOCKED


@pytest.mark.parametrize(
    ("language", "said", "taken"),
    [
        ("en", "Yes, unlock that door", False),
        ("en", "Yes, forty-seven eleven", True),
        ("en", "Yes, 4 7 1 1", True),
        ("fr", "Oui, quatre sept un un", True),  # no table says that these are numbers
        ("fr", "Oui", False),
    ],
)
def test_a_code_that_the_model_remembers_is_not_the_persons(
    language: str, said: str, taken: bool
) -> None:
    room = Living(Rules(pin="4711", language=language))
    id_ = room.asks_to_unlock()
    room.says("Shall I unlock the Front door? Please say the code.")
    room.turn(said)
    assert (room.confirms(id_, pin="4711")["status"] == "done") is taken


def test_several_codes_in_one_sentence_are_as_many_wrong_ones() -> None:
    room = Living(Rules(pin="4711"))
    id_ = room.asks_to_unlock()
    room.says("Shall I unlock the Front door? Please say the code.")
    room.turn("Yes, is it 1111 or 4711 or 3333?")
    assert room.confirms(id_, pin="4711")["status"] == "refused"
    again = room.asks_to_unlock()
    room.says("Shall I unlock the Front door? Please say the code.")
    room.turn("Yes, 4711")
    assert "Too many" in room.confirms(again, pin="4711")["message"]
    assert room.published == []
