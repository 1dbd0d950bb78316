"""How long the microphone stays open for who goes on talking, and that a television does not."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.capture.gate import Gate
from satellite.conversation import effects as fx
from satellite.conversation.events import Event, local, server
from satellite.conversation.follow_up import IDLE_TURNS
from tests.conversation.talk import MS, Talk, call_item

FOLLOW_UP_S = 8.0
BUSY = (fx.State.HEARING, fx.State.THINKING, fx.State.SPEAKING)


class Evening:
    """A satellite behind a wake word, and what is said in its room."""

    def __init__(self) -> None:
        self.talk = Talk()
        self.gate = Gate("wake", FOLLOW_UP_S)
        self.told: list[str] = []
        self.count = 0

    def is_open(self) -> bool:
        return self.gate.passes(self.talk.now_s)

    def tell(self, *events: Event) -> None:
        for event in events:
            for effect in self.talk.tell(event):
                self._carry(effect)

    def _carry(self, effect: fx.Effect) -> None:
        match effect:
            case fx.FollowUp(how):
                self.told.append(how)
                self.gate.follow_up = how
            case fx.ShowState(state):
                hearing = state is fx.State.HEARING
                self.gate.conversation(busy=state in BUSY, hearing=hearing, now_s=self.talk.now_s)
            case fx.OpenMicrophone():
                self.gate.open(self.talk.now_s)
            case fx.RunCall(call_id, epoch=epoch):
                self.tell(local.CallFinished(call_id, epoch, '{"status": "done"}', respond=False))

    def wait(self, seconds: float) -> None:
        self.talk.now_s += seconds
        self.tell(local.Tick())

    def wake(self) -> None:
        self.tell(local.Addressed())
        self.gate.open(self.talk.now_s)

    def says(self, seconds: float = 2.0) -> str:
        """Somebody, or something, in the room; returns the turn's name."""
        self.count += 1
        item = f"u{self.count}"
        self.tell(server.SpeechStarted(item))
        self.wait(seconds)
        self.tell(server.SpeechStopped(item), server.InputCommitted(item))
        return item

    def answers(self, text: str, ms: int = 1200, heard_ms: int | None = None) -> None:
        """The server answers; all of it is heard, or so much until somebody speaks."""
        response, item = f"r{self.count}", f"i{self.count}"
        self.tell(
            server.ResponseCreated(response),
            server.TextDone(response, item, text),
            server.AudioDelta(response, item, bytes(ms * MS)),
            server.TextDone(response, item, text),
            server.AudioDone(response, item),
            server.ResponseDone(response, "completed"),
            local.PlaybackStarted(item),
        )
        if heard_ms is None:
            self.wait(ms / 1000)
            self.tell(local.PlaybackFinished(item, float(ms)))
            return
        self.wait(heard_ms / 1000)
        self.count += 1
        self.tell(server.SpeechStarted(f"u{self.count}"))
        self.tell(local.Flushed((local.HeardItem(item, float(heard_ms)),)))
        self.wait(1.0)
        self.tell(server.SpeechStopped(f"u{self.count}"), server.InputCommitted(f"u{self.count}"))

    def calls(self) -> None:
        response = f"r{self.count}"
        self.tell(
            server.ResponseCreated(response),
            server.OutputItemDone(response, call_item(f"c{self.count}")),
            server.ResponseDone(response, "completed"),
        )

    def is_silent(self) -> None:
        """The server answers with nothing at all."""
        response = f"r{self.count}"
        self.tell(server.ResponseCreated(response), server.ResponseDone(response, "completed"))


def after_a_command() -> Evening:
    """Somebody has woken it and had something done."""
    evening = Evening()
    evening.wake()
    evening.says()
    evening.calls()
    assert evening.is_open()
    return evening


def test_who_is_answered_may_go_on_without_the_word() -> None:
    evening = after_a_command()
    for number in range(20):
        evening.wait(FOLLOW_UP_S - 1)
        assert evening.is_open()
        evening.says()
        evening.answers(another(number))
    evening.wait(FOLLOW_UP_S - 0.1)
    assert evening.is_open()
    evening.wait(0.2)
    assert not evening.is_open()


def test_what_is_done_without_a_word_counts_as_well() -> None:
    evening = after_a_command()
    for _ in range(5):
        evening.wait(FOLLOW_UP_S - 1)
        evening.says()
        evening.calls()
    assert evening.is_open()


@pytest.mark.parametrize("text", ["Okay.", ""])
def test_talk_that_is_answered_with_a_word_renews_nothing(text: str) -> None:
    evening = after_a_command()
    evening.wait(5.0)
    evening.says()
    evening.answers(text, 600)
    assert evening.is_open(), "what was left of the time when it began"
    evening.wait(2.9)
    assert evening.is_open()
    evening.wait(0.2)
    assert not evening.is_open()


def test_two_turns_of_which_nothing_came_end_the_talk() -> None:
    evening = after_a_command()
    evening.says()
    evening.is_silent()
    assert evening.is_open()
    evening.says()
    evening.is_silent()
    assert not evening.is_open()
    assert evening.told == ["keep", "end"]


def test_after_the_end_only_the_word_opens_it() -> None:
    evening = after_a_command()
    for _ in range(IDLE_TURNS):
        evening.says()
        evening.is_silent()
    evening.says()  # what the server heard of the silence behind it
    evening.answers("It is a quarter past nine in the evening.")
    assert not evening.is_open()
    evening.wake()
    assert evening.is_open()
    evening.says()
    evening.is_silent()
    assert evening.is_open(), "who said the word is meant, whatever came of it"


def test_the_same_answer_again_is_no_further_one() -> None:
    evening = after_a_command()
    for number in range(1, 4):
        assert evening.is_open()
        evening.says()
        evening.answers("Sorry, I did not understand that.", 1800)
        assert evening.is_open() is (number < 3)


def test_an_answer_into_which_somebody_spoke_at_once_was_not_for_them() -> None:
    evening = after_a_command()
    evening.says()
    evening.answers("The capital of Spain is Madrid.", 3000, heard_ms=400)
    evening.answers("The weather is fine today, it seems.", 3000, heard_ms=400)
    assert not evening.is_open(), "closed in their midst: it never comes to rest"


def test_who_cuts_in_after_listening_for_a_while_goes_on() -> None:
    evening = after_a_command()
    for number in range(6):
        evening.says()
        evening.answers(f"Story number {number * 7919} begins so.", 9000, heard_ms=2500)
    assert evening.is_open()


def test_a_question_that_is_added_to_before_its_answer_is_not_lost() -> None:
    evening = after_a_command()
    evening.says()
    evening.is_silent()
    evening.says()
    evening.tell(server.ResponseCreated("early"))
    evening.says(0.5)
    assert not evening.is_open()
    evening.answers("It is a quarter past nine in the evening.")
    said = [one for one in evening.talk.log if isinstance(one, fx.ShowSaid)]
    assert said[-1].heard_ms == 1200, "what was asked last is answered"


def test_a_sentence_that_was_cut_and_a_lost_link_count_for_nothing() -> None:
    evening = after_a_command()
    for _ in range(3):
        evening.tell(server.SpeechStarted("cut"), local.SpeechCut())
        evening.wait(2.0)
        evening.tell(server.SpeechStarted("lost"), local.LinkDown(1, "gone"), local.LinkUp(1))
    assert "end" not in evening.told
    assert "keep" not in evening.told


def test_another_satellite_neither_holds_it_open_nor_closes_it() -> None:
    evening = after_a_command()
    for number in range(4):
        evening.tell(local.PeerSpeaks("other", True, "Done, the light is on."))
        item = evening.says(1.0)
        evening.tell(server.InputTranscript(item, "done the light is on"))
        evening.tell(local.PeerSpeaks("other", False, ""))
        evening.wait(1.0 + number)
    assert evening.told == []


def test_an_announcement_that_asks_something_begins_a_new_talk() -> None:
    evening = after_a_command()
    for _ in range(IDLE_TURNS):
        evening.says()
        evening.is_silent()
    evening.tell(local.LinkDown(1, "gone"), local.SayRequested("Who rang?", listen=True))
    evening.tell(local.LocalAudio("local-1", bytes(96)), local.LocalSpeechEnded("local-1"))
    evening.tell(local.PlaybackFinished("local-1", 2.0))
    assert evening.told[-1] == "renew"
    assert evening.is_open()


def another(number: int) -> str:
    """An answer that is like no other."""
    return " ".join(random.Random(number).choices(string.ascii_lowercase * 3, k=40))


# --- a television ---------------------------------------------------------------------------------

LINES = st.tuples(
    st.floats(0.3, 20.0),
    st.floats(0.0, 12.0),
    st.sampled_from(["nothing", "a word", "the same", "cut", "never"]),
)


@given(heard_before=st.integers(0, 3), lines=st.lists(LINES, min_size=4, max_size=12))
def test_a_television_is_heard_for_a_few_turns_at_most(
    heard_before: int, lines: list[tuple[float, float, str]]
) -> None:
    """However long it talks and pauses, and whatever a server makes of it that is no answer."""
    evening = after_a_command()
    for number in range(heard_before):
        evening.says()
        evening.answers(another(number))
    opened = 0
    for seconds, pause_s, outcome in lines:
        opened += evening.is_open()
        if evening.is_open():
            evening.says(seconds)
            if outcome == "nothing":
                evening.is_silent()
            elif outcome == "a word":
                evening.answers("Okay.", 700)
            elif outcome == "the same":
                evening.answers("Sorry, I did not understand that.", 1800)
            elif outcome == "cut":
                evening.answers("That is a long story.", 5000, heard_ms=300)
        evening.wait(pause_s)
    # The first refusal in words may have been for a person; and what a server never answers is
    # known for idle only when the next turn is complete.
    assert opened <= 2 * IDLE_TURNS + 1
    evening.wait(10.0)
    evening.wait(FOLLOW_UP_S)
    assert not evening.is_open()


@given(st.lists(st.sampled_from(["came", "nothing", "wake"]), max_size=15))
def test_it_ends_exactly_after_so_many_turns_in_a_row(outcomes: list[str]) -> None:
    evening = after_a_command()
    idle, addressed, ended = 0, False, False
    for number, outcome in enumerate(outcomes):
        if outcome == "wake":
            evening.wake()
            idle, addressed, ended = 0, True, False
        else:
            evening.says()
            if outcome == "came":
                evening.answers(another(number))
            else:
                evening.is_silent()
            idle = 0 if outcome == "came" or addressed else idle + 1
            addressed = False
            ended = ended or idle >= IDLE_TURNS
        assert evening.is_open() is not ended
