"""Other satellites in the room: whose turn it was, and what is done about it."""

from __future__ import annotations

import json

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.doubtful_turns import TRANSCRIPT_WITHIN_S
from satellite.conversation.events import local, server
from satellite.conversation.other_satellites import MAX_PAUSE_S
from tests.conversation.talk import MS, Talk, call_item, only, sent

OTHER = "Done, the kitchen light is on."


def turn(talk: Talk, item: str = "u1", text: str | None = None) -> list[fx.Effect]:
    """Somebody or something is heard for a second; the server answers with a call by itself."""
    effects = talk.tell(server.SpeechStarted(item))
    talk.now_s += 1.0
    effects += talk.tell(server.SpeechStopped(item), server.InputCommitted(item))
    effects += talk.tell(server.ResponseCreated(f"r-{item}"))
    effects += talk.tell(server.OutputItemDone(f"r-{item}", call_item(f"c-{item}")))
    effects += talk.tell(server.ResponseDone(f"r-{item}", "completed"))
    if text is not None:
        effects += talk.tell(server.InputTranscript(item, text))
    return effects


def acted(effects: list[fx.Effect]) -> bool:
    return bool(only(effects, fx.RunCall))


def test_what_another_satellite_says_is_neither_answered_nor_done() -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER))
    effects = turn(talk, text="the kitchen light is on")
    assert not acted(effects)
    assert len(sent(effects, cmd.CancelResponse)) == 1
    assert [one.item_id for one in sent(effects, cmd.DeleteItem)] == ["u1"]
    assert only(effects, fx.ShowHeard) == [], "nobody said it"
    assert fx.ShowState(fx.State.HEARING) not in effects
    assert sent(talk.wait(20.0)) == []


def test_a_person_who_speaks_meanwhile_is_told_apart_by_the_words() -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER))
    effects = turn(talk, text="what time is it")
    assert not acted(effects), "not before it is known who spoke"
    assert sent(effects, cmd.DeleteItem) == []
    assert [one.text for one in only(effects, fx.ShowHeard)] == ["what time is it"]
    assert len(sent(effects, cmd.CreateResponse)) == 1
    assert talk.machine._turns.count == 1


def test_words_that_come_before_the_end_of_the_turn_are_known_at_once() -> None:
    for text, answered in (("what time is it", True), ("kitchen light is on", False)):
        talk = Talk()
        talk.tell(local.PeerSpeaks("other", True, OTHER))
        talk.tell(server.SpeechStarted("u1"), server.InputTranscript("u1", text))
        talk.tell(
            server.SpeechStopped("u1"), server.InputCommitted("u1"), server.ResponseCreated("r1")
        )
        assert acted(talk.tell(server.OutputItemDone("r1", call_item()))) is answered


def test_the_transcript_of_another_satellite_is_paid_for_all_the_same() -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER), server.SpeechStarted("u1"))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    usage = server.TranscriptUsage(seconds=1.5)
    effects = talk.tell(server.InputTranscript("u1", "kitchen light is on", usage))
    assert only(effects, fx.Spent) == [fx.Spent(usage)]


@pytest.mark.parametrize("text", [None, "", "  "])
def test_without_words_the_time_alone_decides(text: str | None) -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER))
    effects = turn(talk, text=text)
    effects += talk.wait(TRANSCRIPT_WITHIN_S)
    assert not acted(effects)
    assert [one.item_id for one in sent(effects, cmd.DeleteItem)] == ["u1"]


def test_a_turn_of_which_the_server_tells_late_is_still_known_as_the_others() -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER))
    talk.now_s += 2.0
    talk.tell(local.PeerSpeaks("other", False, OTHER))
    talk.now_s += 0.8
    assert not acted(turn(talk, text="kitchen light is on"))


def test_a_message_that_comes_later_than_the_voice_counts_too() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    talk.now_s += 0.3
    talk.tell(local.PeerSpeaks("other", True, OTHER), server.SpeechStopped("u1"))
    talk.tell(server.InputCommitted("u1"), server.ResponseCreated("r1"))
    assert not acted(talk.tell(server.OutputItemDone("r1", call_item())))


def test_who_spoke_before_the_other_one_is_answered() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    talk.now_s += 2.0
    talk.tell(local.PeerSpeaks("other", True, OTHER), server.SpeechStopped("u1"))
    talk.tell(server.InputCommitted("u1"), server.ResponseCreated("r1"))
    assert acted(talk.tell(server.OutputItemDone("r1", call_item())))


@pytest.mark.parametrize("told_late", [False, True])
def test_the_yes_of_another_satellite_is_no_yes(told_late: bool) -> None:
    talk = Talk()
    speaks = local.PeerSpeaks("other", True, "Yes, I am sure.")
    begins = server.SpeechStarted("u1")
    talk.tell(*((begins, speaks) if told_late else (speaks, begins)))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.tell(server.InputTranscript("u1", "yes I am sure"))
    talk.tell(server.ResponseCreated("r9", {"satellite": "answer"}))
    (call,) = only(talk.tell(server.OutputItemDone("r9", call_item())), fx.RunCall)
    assert call.context.turn == 0
    assert call.turn == 0


def test_the_yes_of_a_person_who_is_known_by_the_words_is_one() -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER), server.SpeechStarted("u1"))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"), server.ResponseCreated("r1"))
    talk.tell(server.ResponseDone("r1", "cancelled"), server.InputTranscript("u1", "yes please do"))
    talk.tell(server.ResponseCreated("r2", {"satellite": "answer"}))
    (call,) = only(talk.tell(server.OutputItemDone("r2", call_item())), fx.RunCall)
    assert (call.context.text, call.turn) == ("yes please do", 1)


def test_who_woke_it_or_pressed_the_button_is_a_person() -> None:
    talk = Talk()
    talk.tell(local.PeerSpeaks("other", True, OTHER), local.Addressed())
    assert acted(turn(talk))


def test_a_reply_goes_on_while_another_one_speaks_as_well() -> None:
    """Both answered the same words: neither takes the other for somebody who cuts in."""
    talk = Talk()
    talk.reply()
    talk.tell(local.PeerSpeaks("other", True, OTHER))
    assert only(talk.tell(server.SpeechStarted("u1")), fx.Flush) == []


def test_what_a_person_asked_before_is_done_and_answered_while_another_one_speaks() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.tell(local.PeerSpeaks("other", True, OTHER), server.SpeechStarted("u2"))
    effects = talk.tell(server.ResponseCreated("r1"), server.OutputItemDone("r1", call_item()))
    assert acted(effects)
    talk.tell(server.ResponseDone("r1", "completed"))
    effects = talk.tell(local.CallFinished("c1", 1, "{}"))
    assert len(sent(effects, cmd.CreateResponse)) == 1
    effects = talk.tell(server.ResponseCreated("r2", {"satellite": "answer"}))
    assert sent(effects, cmd.CancelResponse) == []


def test_the_servers_answer_to_another_satellite_that_collides_with_ours_is_not_asked_for() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(local.PeerSpeaks("other", True, OTHER), server.SpeechStarted("u1"))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.tell(server.ServerError("conversation_already_has_active_response", "busy"))
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 1000.0))
    assert sent(talk.wait(20.0), cmd.CreateResponse) == []


def test_it_tells_what_it_says_while_it_does() -> None:
    talk = Talk()
    talk.tell(server.ResponseCreated("r1"), server.TextDelta("r1", "i1", "It is"))
    talk.tell(
        server.AudioDelta("r1", "i1", bytes(MS * 100)), server.TextDelta("r1", "i1", " warm.")
    )
    talk.end_reply()
    talk.tell(local.PlaybackFinished("i1", 100.0))
    told = only(talk.log, fx.ShowSpeaking)
    assert told == [
        fx.ShowSpeaking(True, "It is"),
        fx.ShowSpeaking(True, "It is warm."),
        fx.ShowSpeaking(False, "It is warm."),
    ]


# --- without a word from the broker ---------------------------------------------------------------


class Pair:
    """A talk in which each turn begins some time after the last answer has ended."""

    def __init__(self) -> None:
        self.talk = Talk()
        self.count = 0

    def exchange(
        self,
        answer: str,
        *,
        pause_s: float = 1.2,
        heard_s: float = 2.0,
        said_s: float = 2.0,
        did: str = "",
    ) -> bool:
        """Whether the turn was answered."""
        talk = self.talk
        self.count += 1
        user, response, item = (f"{kind}{self.count}" for kind in "uri")
        talk.now_s += pause_s
        talk.tell(server.SpeechStarted(user))
        talk.now_s += heard_s
        effects = talk.tell(server.SpeechStopped(user), server.InputCommitted(user))
        if only(effects, fx.PauseListening):
            return False
        talk.tell(server.ResponseCreated(response))
        if did:
            call = call_item(f"c{self.count}")
            talk.tell(server.OutputItemDone(response, call))
            talk.tell(server.ResponseDone(response, "completed"))
            result = json.dumps({"status": did})
            talk.tell(local.CallFinished(f"c{self.count}", 1, result))
            response = f"{response}b"
            talk.tell(server.ResponseCreated(response, {"satellite": "answer"}))
        talk.tell(
            server.TextDone(response, item, answer),
            server.AudioDelta(response, item, bytes(round(said_s * 1000) * MS)),
            server.TextDone(response, item, answer),
            server.AudioDone(response, item),
            server.ResponseDone(response, "completed"),
        )
        talk.now_s += said_s
        talk.tell(local.PlaybackFinished(item, said_s * 1000))
        return True


SORRY = "Sorry, I did not understand that."
CHAT = (
    "That sounds wonderful! What else have you been thinking about today?",
    "I agree completely, and there is so much more to say about it.",
    "Oh, how lovely. Tell me more, I am all ears.",
    "What a thought! I had never looked at it from that side.",
    "You are right, of course. Shall we talk about the weather?",
    "Gladly. It has been a mild autumn, has it not?",
    "It has indeed, and the leaves are a delight.",
)


def test_two_that_do_not_understand_each_other_are_silent_after_three_answers() -> None:
    pair = Pair()
    pair.exchange("Done, the light is on.", pause_s=30.0, did="done")
    assert [pair.exchange(SORRY) for _ in range(4)] == [True, True, True, False]


def test_so_are_two_whose_answers_come_by_turns() -> None:
    pair = Pair()
    pair.exchange("Done, the light is on.", pause_s=30.0, did="done")
    answers = [SORRY, "The kitchen light is on.", SORRY, "The kitchen light is on.", SORRY]
    assert [pair.exchange(one) for one in answers] == [True, True, True, True, False]


def test_two_that_chat_happily_are_silent_after_some_answers() -> None:
    pair = Pair()
    pair.exchange("Done, the light is on.", pause_s=30.0, did="done")
    lengths = (3.0, 2.5, 3.5, 2.8, 3.1, 2.6, 3.0)
    answered = [
        pair.exchange(text, pause_s=1.0 + 0.1 * (at % 4), heard_s=lengths[-at], said_s=lengths[at])
        for at, text in enumerate(CHAT)
    ]
    assert answered.index(False) <= 4


def test_a_function_that_only_reads_is_nothing_that_came_of_it() -> None:
    pair = Pair()
    pair.exchange("Done, the light is on.", pause_s=30.0, did="done")
    for _ in range(3):
        assert pair.exchange("That is so already.", did="already")
    assert not pair.exchange("That is so already.", did="already")


def test_it_rests_until_somebody_asks_for_it_or_a_minute_is_silent() -> None:
    for end in (local.Addressed(), local.RoomSilent(), local.AskRequested("What time is it?")):
        pair = Pair()
        while pair.exchange(SORRY):
            pass
        effects = pair.talk.log[-8:]
        assert fx.PauseListening(True) in effects
        assert fx.Chime("error") in effects
        assert fx.PauseListening(False) in pair.talk.tell(end)
        assert pair.exchange("It is five.", pause_s=20.0)


def test_it_does_not_rest_for_ever_in_a_room_that_is_never_silent() -> None:
    pair = Pair()
    while pair.exchange(SORRY):
        pass
    assert fx.PauseListening(False) in pair.talk.wait(MAX_PAUSE_S)


def test_a_child_that_wants_one_joke_after_the_other_gets_them() -> None:
    pair = Pair()
    jokes = [f"Why did the {beast} cross the road? To get to number {n}." for n, beast in
             enumerate(("hen", "horse", "snail", "cat", "dog", "cow", "goat", "duck"))]  # fmt: skip
    assert all(pair.exchange(joke, pause_s=1.0, heard_s=1.3, said_s=6.0) for joke in jokes)


def test_who_asks_one_thing_after_the_other_is_answered() -> None:
    """Questions in sentences, knowledge in answer, lively: no function is ever called."""
    pair = Pair()
    pauses = (0.8, 2.1, 1.4, 3.2, 0.6, 1.9, 1.1, 2.6, 0.9, 1.7)
    asked = (2.4, 1.9, 3.1, 1.6, 2.2, 2.8, 1.8, 2.0, 2.6, 1.7)
    answers = (8.0, 11.5, 6.2, 14.0, 9.1, 5.8, 7.7, 10.3, 6.6, 12.2)
    for at, (pause_s, heard_s, said_s) in enumerate(zip(pauses, asked, answers, strict=True)):
        text = f"{CHAT[at % 7]} That is fact number {at}, and there are {at * 37} more."
        assert pair.exchange(text, pause_s=pause_s, heard_s=heard_s, said_s=said_s)


def test_a_quiz_with_short_answers_goes_on() -> None:
    pair = Pair()
    for product in ("Fifty-six.", "Sixty-three.", "Forty-two.", "Seventy-two.", "Twenty-one.") * 3:
        number = f"{product} That was number {pair.count}."
        assert pair.exchange(number[: 12 + pair.count % 3], heard_s=1.9, said_s=0.8)


def test_commands_one_after_the_other_with_the_same_answer_are_carried_out() -> None:
    pair = Pair()
    assert all(pair.exchange("Done.", said_s=0.6, did="done") for _ in range(10))


def test_who_takes_their_time_may_be_misunderstood_as_often_as_they_like() -> None:
    pair = Pair()
    assert all(pair.exchange(SORRY, pause_s=5.0) for _ in range(10))
