"""Listening mode ``auto``: the wake word is needed while others talk in the room."""

from __future__ import annotations

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.events import local, server
from satellite.conversation.profile import ConversationProfile
from satellite.conversation.wake_word_demand import TURNS
from tests.conversation.talk import MS, Talk, only, sent, sounds, speak, turn
from tests.conversation.test_silent_turns import room, stay_silent


def television(talk: Talk, turns: int = TURNS) -> list[fx.Effect]:
    effects: list[fx.Effect] = []
    for _ in range(turns):
        number = len(talk.log)
        effects += turn(talk, f"u{number}")
        effects += stay_silent(talk, f"r{number}", call_id=f"c{number}")
        talk.now_s += 2
    return effects


def demands(effects: list[fx.Effect]) -> list[bool]:
    return [effect.on for effect in only(effects, fx.RequireWakeWord)]


def test_a_television_has_it_ask_for_its_wake_word_once_and_by_a_sound() -> None:
    talk = room("auto")
    assert demands(television(talk, TURNS - 1)) == []
    effects = television(talk, 1)
    assert demands(effects) == [True]
    assert sounds(effects) == ["wake_word", "I hear others talk. Say hey mycroft when you want me."]
    assert demands(television(talk, 5)) == []


def test_it_is_said_in_words_the_first_time_only() -> None:
    talk = room("auto")
    television(talk)
    talk.tell(local.RoomSilent())
    effects = television(talk)
    assert demands(effects) == [True]
    assert sounds(effects) == ["wake_word"]


def test_it_is_said_in_the_language_of_the_room() -> None:
    talk = Talk(ConversationProfile(offers_silence=True, language="de-AT"))
    talk.tell(local.ListenModeSet("auto", "hey mycroft"))
    words = sounds(television(talk))[1]
    assert words == "Ich höre, dass andere reden. Sag hey mycroft, wenn du mich brauchst."


def test_what_is_being_said_when_the_microphone_closes_is_dropped_without_a_sound() -> None:
    talk = room("auto")
    television(talk, TURNS - 1)
    turn(talk, "u8")
    talk.tell(server.ResponseCreated("r8"))
    talk.tell(server.SpeechStarted("u9"))
    effects = stay_silent(talk, "r8")
    assert demands(effects) == [True]
    assert sent(effects, cmd.ClearInput)
    speak(talk)
    talk.tell(local.PlaybackFinished("local-1", 900))
    effects = talk.tell(server.SpeechStopped("u9"), server.InputCommitted("u9"))
    for _ in range(60):
        effects += talk.wait(0.5)
    assert not sounds(effects)
    assert talk.shows(fx.State.LISTENING)


def test_a_silent_room_opens_it_again_without_a_sound() -> None:
    talk = room("auto")
    television(talk)
    effects = talk.tell(local.RoomSilent())
    assert demands(effects) == [False]
    assert not sounds(effects)
    assert demands(television(talk)) == [True], "the count begins anew"


def test_a_silent_room_between_sentences_to_somebody_else_is_no_talk() -> None:
    talk = room("auto")
    for _ in range(5):
        assert demands(television(talk, TURNS - 1)) == []
        talk.tell(local.RoomSilent())


def test_a_person_who_is_answered_in_between_keeps_it_open() -> None:
    talk = room("auto")
    for number in range(5):
        assert demands(television(talk, TURNS - 1)) == []
        turn(talk, f"p{number}")
        talk.reply(f"a{number}", f"i{number}")
        talk.end_reply(f"a{number}", f"i{number}")
        talk.tell(local.PlaybackFinished(f"i{number}", 1000))


def test_a_person_who_says_the_word_is_answered_and_it_is_still_needed_afterwards() -> None:
    talk = room("auto")
    television(talk)
    effects = talk.tell(local.Addressed())
    effects += turn(talk, "p1")
    assert talk.shows(fx.State.THINKING), "who said the word sees at once that it works"
    talk.reply("a1", "i1")
    talk.end_reply("a1", "i1")
    effects += talk.tell(local.PlaybackFinished("i1", 1000))
    assert demands(effects) == []
    assert demands(talk.tell(local.RoomSilent())) == [False]


def vain(talk: Talk, number: int, text: str, ms: int = 1200) -> None:
    """A turn that is answered, all of which is heard."""
    turn(talk, f"u{number}")
    response, item = f"r{number}", f"i{number}"
    talk.tell(
        server.ResponseCreated(response),
        server.AudioDelta(response, item, bytes(ms * MS)),
        server.TextDone(response, item, text),
    )
    talk.end_reply(response, item)
    talk.tell(local.PlaybackFinished(item, ms))


def test_a_server_that_cannot_stay_silent_and_says_the_same_each_time_is_let_off_too() -> None:
    """As the local server does with a television; a person who is not understood hears why."""
    talk = room("auto")
    for number in range(1, 6):
        assert not demands(talk.log)
        vain(talk, number, "I did not understand that.")
    assert demands(talk.log) == [True]
    assert sounds(talk.log)[0] == "wake_word"
    assert not only(talk.log, fx.PauseListening)


def test_what_the_server_begins_to_answer_all_the_same_lights_up_nothing() -> None:
    talk = room("auto")
    for number in range(1, 5):
        vain(talk, number, "I did not understand that.")
    turn(talk, "u9")
    before = len(talk.log)
    effects = talk.tell(
        server.ResponseCreated("r9"),
        server.OutputItemAdded("r9", server.ConversationItem("i9", role="assistant")),
    )
    assert sent(effects, cmd.CancelResponse)
    told = [talk.machine.quiet]
    talk.tell(server.ResponseDone("r9", "cancelled"))
    assert not only(talk.log[before:], fx.ShowState)
    assert [*told, talk.machine.quiet] == [False, True]


def test_in_open_mode_it_never_asks_for_a_word_that_it_does_not_hear() -> None:
    talk = room("open")
    effects = television(talk, 20)
    assert not demands(effects)
    assert not sounds(effects)


def test_the_voice_of_another_satellite_counts_like_a_television() -> None:
    talk = room("auto")
    for number in range(TURNS):
        item = f"u{number}"
        talk.tell(local.PeerSpeaks("other", True, "it is raining in the whole country"))
        talk.tell(server.SpeechStarted(item), server.SpeechStopped(item))
        talk.tell(server.InputCommitted(item))
        talk.tell(server.InputTranscript(item, "it is raining in the whole country"))
        talk.tell(local.PeerSpeaks("other", False, "it is raining in the whole country"))
        talk.now_s += 3
    assert demands(talk.log) == [True]


def test_a_lost_link_does_not_open_it() -> None:
    talk = room("auto")
    television(talk)
    effects = talk.tell(local.LinkDown(1), local.LinkUp(2))
    assert demands(effects) == []
    assert demands(talk.tell(local.RoomSilent())) == [False]
