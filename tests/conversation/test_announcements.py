"""An announcement is heard: once, in order, at most ten seconds late, whatever the server does."""

from __future__ import annotations

import pytest

from satellite.conversation import commands as cmd
from satellite.conversation import effects as fx
from satellite.conversation.announcement import MIN_HEARD_MS, SERVER_TIMEOUT_S
from satellite.conversation.announcements import (
    MAX_WAITING,
    MAX_WAITING_CHARS,
    STALE_S,
    STALLED_S,
)
from satellite.conversation.events import local, server
from tests.conversation.talk import MS, Talk, only, sent

SMOKE = "Smoke in the kitchen"
LATE_S = 10.0


def spoken_locally(effects: list[fx.Effect]) -> list[str]:
    return [effect.text for effect in only(effects, fx.SpeakLocally)]


def speak(talk: Talk, ms: int = 900, failure: str = "") -> str:
    """The local voice does what it was asked for last; returns the item."""
    item_id = str(only(talk.log, fx.SpeakLocally)[-1].item_id)
    if ms:
        talk.tell(local.LocalAudio(item_id, bytes(ms * MS)))
    talk.tell(local.LocalSpeechEnded(item_id, failure))
    return item_id


def server_speaks(talk: Talk, response: str, item: str, ms: int = 900) -> list[fx.Effect]:
    effects = talk.tell(
        server.ResponseCreated(response, {"satellite": "say"}),
        server.AudioDelta(response, item, bytes(ms * MS)),
    )
    return effects + talk.tell(
        server.AudioDone(response, item), server.ResponseDone(response, "completed")
    )


def heard(talk: Talk, item_id: str, ms: float = 900) -> list[fx.Effect]:
    return talk.tell(local.PlaybackStarted(item_id), local.PlaybackFinished(item_id, ms))


# --- the server cannot ----------------------------------------------------------------------------


def test_without_a_server_it_is_spoken_at_once_by_the_local_voice() -> None:
    talk = Talk(linked=False)
    assert spoken_locally(talk.tell(local.SayRequested(SMOKE))) == [SMOKE]
    item_id = speak(talk)
    assert only(talk.log, fx.Play) == [fx.Play(item_id, bytes(900 * MS))]
    assert fx.EndItem(item_id) in talk.log
    assert talk.shows(fx.State.SPEAKING)
    assert only(heard(talk, item_id), fx.ShowSaid) == [fx.ShowSaid(item_id, SMOKE, 900, False)]


def test_muted_it_is_spoken_all_the_same() -> None:
    talk = Talk(linked=False)
    talk.tell(local.MuteSet(True))
    assert spoken_locally(talk.tell(local.SayRequested(SMOKE))) == [SMOKE]


def test_while_a_limit_of_money_is_reached_the_local_voice_speaks_for_nothing() -> None:
    talk = Talk()
    talk.tell(local.PartFailed("spending", "the daily limit of 5.00 USD is reached"))
    effects = talk.tell(local.SayRequested(SMOKE))
    assert spoken_locally(effects) == [SMOKE]
    assert sent(effects) == []


def test_with_a_server_the_server_speaks() -> None:
    talk = Talk()
    effects = talk.tell(local.SayRequested(SMOKE))
    assert [command.input_text for command in sent(effects, cmd.CreateResponse)] == [SMOKE]
    server_speaks(talk, "r1", "i1")
    heard(talk, "i1")
    talk.wait(60.0)
    assert spoken_locally(talk.log) == []


# --- the server does not --------------------------------------------------------------------------


def speech_that_never_ends(talk: Talk) -> None:
    talk.tell(server.SpeechStarted("u1"))
    talk.tell(local.SayRequested(SMOKE))


def nothing_comes_back(talk: Talk) -> None:
    talk.tell(local.SayRequested(SMOKE))


def created_and_no_more(talk: Talk) -> None:
    talk.tell(local.SayRequested(SMOKE), server.ResponseCreated("r1", {"satellite": "say"}))


def another_response_never_ends(talk: Talk) -> None:
    talk.tell(server.ResponseCreated("r0"), local.SayRequested(SMOKE))


def ends_without_sound(status: server.ResponseStatus, reason: str = "", text: str = "") -> object:
    def story(talk: Talk) -> None:
        talk.tell(local.SayRequested(SMOKE), server.ResponseCreated("r1", {"satellite": "say"}))
        if text:
            talk.tell(server.TextDone("r1", "i1", text))
        talk.tell(server.ResponseDone("r1", status, reason))

    return story


def is_refused(talk: Talk) -> None:
    (create,) = sent(talk.tell(local.SayRequested(SMOKE)), cmd.CreateResponse)
    talk.tell(server.ServerError("invalid_value", "no", cause=create.event_id))


def its_link_dies(talk: Talk) -> None:
    talk.tell(local.SayRequested(SMOKE), server.ResponseCreated("r1", {"satellite": "say"}))
    talk.tell(local.LinkDown(1))


def the_limit_is_reached_meanwhile(talk: Talk) -> None:
    talk.tell(server.SpeechStarted("u1"), local.SayRequested(SMOKE))
    talk.tell(local.PartFailed("spending", "the daily limit is reached"))


def refused_again_and_again(talk: Talk) -> None:
    effects = talk.tell(local.SayRequested(SMOKE))
    for _ in range(20):
        for create in sent(effects, cmd.CreateResponse):
            code = "conversation_already_has_active_response"
            talk.tell(server.ServerError(code, "", cause=create.event_id))
        effects = talk.wait(0.5)


@pytest.mark.parametrize(
    "story",
    [
        speech_that_never_ends,
        nothing_comes_back,
        created_and_no_more,
        another_response_never_ends,
        ends_without_sound("completed"),
        ends_without_sound("completed", text="I cannot say that."),
        ends_without_sound("failed", "insufficient_quota"),
        ends_without_sound("failed", "rate_limit_exceeded"),
        ends_without_sound("incomplete", "content_filter"),
        ends_without_sound("cancelled", "turn_detected"),
        is_refused,
        its_link_dies,
        the_limit_is_reached_meanwhile,
        refused_again_and_again,
    ],
)
def test_what_the_server_does_not_speak_is_spoken_locally_once_and_in_time(story: object) -> None:
    talk = Talk()
    asked_s = talk.now_s
    assert callable(story)
    story(talk)
    while SMOKE not in spoken_locally(talk.log):
        assert talk.now_s - asked_s < LATE_S - 2, "the synthesiser needs a moment too"
        talk.wait(0.5)
    item_id = speak(talk)
    heard(talk, item_id)
    for _ in range(70):  # whatever the server says of it later is not heard
        talk.wait(1.0)
        if talk.machine._effects.linked:
            talk.tell(server.ResponseCreated("late", {"satellite": "say"}))
            talk.tell(server.AudioDelta("late", "late", bytes(480)))
    assert spoken_locally(talk.log).count(SMOKE) == 1
    assert {effect.item_id for effect in only(talk.log, fx.Play)} == {item_id}


def test_a_deadline_rings_for_it() -> None:
    talk = Talk()
    speech_that_never_ends(talk)
    assert talk.machine.deadline_s == talk.now_s + SERVER_TIMEOUT_S


def test_what_the_server_began_to_speak_is_not_repeated() -> None:
    talk = Talk()
    talk.tell(local.SayRequested(SMOKE), server.ResponseCreated("r1", {"satellite": "say"}))
    talk.tell(server.AudioDelta("r1", "i1", bytes(700 * MS)), local.LinkDown(1))
    heard(talk, "i1", 700)
    talk.wait(30.0)
    assert spoken_locally(talk.log) == []


def test_of_a_cut_off_beginning_without_a_word_in_it_all_is_spoken() -> None:
    talk = Talk()
    talk.tell(local.SayRequested(SMOKE), server.ResponseCreated("r1", {"satellite": "say"}))
    talk.tell(server.AudioDelta("r1", "i1", bytes((MIN_HEARD_MS - 100) * MS)))
    assert spoken_locally(talk.tell(local.LinkDown(1))) == [SMOKE]
    heard(talk, "i1", MIN_HEARD_MS - 100)
    heard(talk, speak(talk))
    talk.wait(30.0)
    assert spoken_locally(talk.log) == [SMOKE]


# --- people ---------------------------------------------------------------------------------------


def test_an_announcement_of_which_nothing_was_heard_is_spoken_after_who_interrupted_it() -> None:
    talk = Talk()
    talk.reply()
    talk.end_reply()
    talk.tell(local.SayRequested(SMOKE))
    server_speaks(talk, "r2", "i2")  # waits behind the reply
    talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 500.0),)))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.reply("r3", "i3")
    (create,) = sent(talk.tell(server.ResponseDone("r3", "completed")), cmd.CreateResponse)
    assert create.input_text == SMOKE


def test_an_announcement_that_was_heard_in_part_is_not_begun_again() -> None:
    talk = Talk()
    talk.tell(local.SayRequested(SMOKE))
    server_speaks(talk, "r1", "i1")
    talk.tell(server.SpeechStarted("u1"), local.Flushed((local.HeardItem("i1", 600.0),)))
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.reply("r2", "i2")
    effects = talk.tell(server.ResponseDone("r2", "completed")) + talk.wait(30.0)
    assert sent(effects, cmd.CreateResponse) == []
    assert spoken_locally(talk.log) == []


def test_somebody_who_speaks_cuts_the_local_voice() -> None:
    talk = Talk()
    speech_that_never_ends(talk)
    talk.wait(SERVER_TIMEOUT_S)
    item_id = str(only(talk.log, fx.SpeakLocally)[-1].item_id)
    talk.tell(local.LocalAudio(item_id, bytes(900 * MS)))
    effects = talk.tell(server.SpeechStarted("u2"))
    assert fx.Flush() in effects
    assert fx.StopLocalSpeech(item_id) in effects
    assert only(talk.tell(local.LocalAudio(item_id, bytes(480))), fx.Play) == []


def test_a_stop_ends_what_sounds_and_what_waits() -> None:
    talk = Talk(linked=False)
    talk.tell(local.SayRequested(SMOKE), local.SayRequested("Dinner is ready"))
    first, second = [effect.item_id for effect in only(talk.log, fx.SpeakLocally)]
    talk.tell(local.LocalAudio(first, bytes(900 * MS)), local.LocalSpeechEnded(first))
    effects = talk.tell(local.StopPressed())
    assert {fx.Flush(), fx.StopLocalSpeech(second)} <= set(effects)
    talk.tell(local.Flushed((local.HeardItem(first, 300.0),)))
    assert talk.tell(local.LocalAudio(second, bytes(480))) == []
    assert talk.wait(60.0) == []


def test_a_stopped_announcement_is_told_as_not_heard() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"), local.SayRequested(SMOKE))
    said = only(talk.tell(local.StopPressed()), fx.ShowSaid)
    assert [(one.text, one.heard_ms, one.interrupted) for one in said] == [(SMOKE, 0, True)]


def test_without_a_loudspeaker_it_waits_for_one() -> None:
    talk = Talk()
    talk.tell(local.PartFailed("speaker", "The loudspeaker is gone."))
    assert sent(talk.tell(local.SayRequested(SMOKE)), cmd.CreateResponse) == []
    talk.wait(60.0)
    assert spoken_locally(talk.log) == []
    (create,) = sent(talk.tell(local.PartFailed("speaker")), cmd.CreateResponse)
    assert create.input_text == SMOKE


def test_what_the_loudspeaker_took_with_it_is_spoken_when_it_is_back() -> None:
    talk = Talk(linked=False)
    talk.tell(local.SayRequested(SMOKE))
    item_id = speak(talk)
    talk.tell(local.PartFailed("speaker", "The loudspeaker is gone."))
    talk.tell(local.PlaybackFinished(item_id, 0.0))
    assert spoken_locally(talk.tell(local.PartFailed("speaker"))) == [SMOKE]


def test_what_waited_for_a_loudspeaker_for_too_long_is_no_news() -> None:
    talk = Talk()
    talk.tell(local.PartFailed("speaker", "The loudspeaker is gone."), local.SayRequested(SMOKE))
    talk.wait(STALE_S + 1)
    effects = talk.tell(local.PartFailed("speaker"))
    assert sent(effects, cmd.CreateResponse) == []
    assert any(SMOKE in note.text for note in only(effects, fx.Note))


# --- order and bounds -----------------------------------------------------------------------------


def test_several_are_spoken_in_order_by_whoever_can() -> None:
    talk = Talk()
    talk.tell(*(local.SayRequested(text) for text in ("one", "two", "three")))
    talk.tell(
        server.ResponseCreated("r1", {"satellite": "say"}), server.ResponseDone("r1", "failed")
    )
    assert spoken_locally(talk.log) == ["one"]
    assert len(sent(talk.log, cmd.CreateResponse)) == 1, "the second waits for the first's sound"
    first = speak(talk)
    assert [one.input_text for one in sent(talk.log, cmd.CreateResponse)] == ["one", "two"]
    server_speaks(talk, "r2", "i2")
    talk.tell(local.LinkDown(1))
    last = speak(talk)
    order = list(dict.fromkeys(effect.item_id for effect in only(talk.log, fx.Play)))
    assert order == [first, "i2", last]
    assert spoken_locally(talk.log) == ["one", "three"]


def test_one_that_the_server_does_not_end_holds_up_no_other() -> None:
    talk = Talk()
    talk.tell(local.SayRequested("one"), local.SayRequested("two"))
    talk.tell(server.ResponseCreated("r1", {"satellite": "say"}))
    talk.tell(server.AudioDelta("r1", "i1", bytes(900 * MS)))
    effects = talk.wait(STALLED_S) + talk.wait(SERVER_TIMEOUT_S)
    assert fx.EndItem("i1") in effects
    assert spoken_locally(effects) == ["two"]


def test_an_answer_whose_sound_stops_coming_holds_it_up_no_longer_than_that() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(local.SayRequested(SMOKE))
    talk.wait(SERVER_TIMEOUT_S)
    speak(talk)
    assert talk.machine.deadline_s is not None
    assert fx.EndItem("i1") in talk.log


def test_an_answer_that_goes_on_is_heard_to_its_end_first() -> None:
    talk = Talk()
    talk.reply()
    talk.tell(local.SayRequested(SMOKE))
    for _ in range(20):
        talk.wait(1.0)
        talk.tell(server.AudioDelta("r1", "i1", bytes(1000 * MS)))
    assert spoken_locally(talk.log) == [SMOKE]
    assert fx.EndItem("i1") not in talk.log


def test_too_many_are_bounded_and_that_is_said() -> None:
    talk = Talk(linked=False)
    talk.tell(local.LinkUp(1), server.SpeechStarted("u1"))
    for number in range(MAX_WAITING + 4):
        talk.tell(local.SayRequested(f"number {number}"))
    notes = [note.text for note in only(talk.log, fx.Note)]
    assert [note for note in notes if "too many" in note and "'number 1'" in note]
    talk.tell(local.LinkDown(1))
    texts = []
    for _ in range(40):
        for effect in only(talk.log, fx.SpeakLocally):
            texts.append(effect.text)
            talk.log.clear()
            talk.tell(local.LocalAudio(effect.item_id, bytes(900 * MS)))
            talk.tell(local.LocalSpeechEnded(effect.item_id))
            heard(talk, effect.item_id)
    assert texts[-1] == "3 announcements were left out: too many came at once."
    assert texts[:-1] == ["number 0", *(f"number {n}" for n in range(4, MAX_WAITING + 4))]


def test_the_length_of_what_waits_is_bounded_too() -> None:
    talk = Talk()
    talk.tell(server.SpeechStarted("u1"))
    for _ in range(8):
        talk.tell(local.SayRequested("x" * 4_000))
    waiting = [one for one in talk.machine._announcements._all if one.stage.name == "WAITING"]
    assert sum(len(one.text) for one in waiting) <= MAX_WAITING_CHARS


# --- volume, chime, answer ------------------------------------------------------------------------


def test_volume_and_chime_come_with_the_first_sound_of_their_own_announcement() -> None:
    talk = Talk()
    talk.tell(
        local.SayRequested("one", volume=20, chime=True), local.SayRequested("two", volume=90)
    )
    assert only(talk.log, fx.Chime) == []
    effects = server_speaks(talk, "r1", "i1")
    sounds = [one for one in effects if isinstance(one, fx.Play | fx.Chime)]
    assert sounds == [fx.Chime("done", 20), fx.Play("i1", bytes(900 * MS), 20)]
    effects = server_speaks(talk, "r2", "i2")
    sounds = [one for one in effects if isinstance(one, fx.Play | fx.Chime)]
    assert sounds == [fx.Play("i2", bytes(900 * MS), 90)]
    talk.tell(server.SpeechStarted("u1"), server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.reply("r3", "i3")
    assert only(talk.log, fx.Play)[-1].volume is None


def test_locally_too() -> None:
    talk = Talk(linked=False)
    talk.tell(local.SayRequested("one", volume=20, chime=True))
    item_id = speak(talk)
    sounds = [one for one in talk.log if isinstance(one, fx.Play | fx.Chime)]
    assert sounds == [fx.Chime("done", 20), fx.Play(item_id, bytes(900 * MS), 20)]


def test_it_listens_after_the_announcement_that_wants_an_answer_and_no_other() -> None:
    talk = Talk()
    talk.tell(local.SayRequested("one"), local.SayRequested("Who is there?", listen=True))
    server_speaks(talk, "r1", "i1")
    server_speaks(talk, "r2", "i2")
    assert fx.OpenMicrophone() not in heard(talk, "i1")
    effects = heard(talk, "i2")
    assert effects[-2:] == [fx.ShowState(fx.State.LISTENING), fx.OpenMicrophone()]
    assert effects.count(fx.OpenMicrophone()) == 1


def test_it_does_not_listen_after_what_nobody_heard() -> None:
    talk = Talk()
    talk.tell(local.SayRequested("Who is there?", listen=True))
    server_speaks(talk, "r1", "i1")
    talk.tell(local.StopPressed(), local.Flushed((local.HeardItem("i1", 0.0),)))
    assert fx.OpenMicrophone() not in talk.log


# --- without a synthesiser ------------------------------------------------------------------------


def test_without_a_local_voice_the_server_may_still_speak_it_later() -> None:
    talk = Talk()
    speech_that_never_ends(talk)
    talk.wait(SERVER_TIMEOUT_S)
    speak(talk, ms=0, failure="espeak-ng is not installed.")
    talk.tell(server.SpeechStopped("u1"), server.InputCommitted("u1"))
    talk.reply("r1", "i1")
    (create,) = sent(talk.tell(server.ResponseDone("r1", "completed")), cmd.CreateResponse)
    assert create.input_text == SMOKE


def test_with_nobody_to_speak_it_there_is_a_chime_and_a_line() -> None:
    talk = Talk(linked=False)
    talk.tell(local.SayRequested(SMOKE))
    speak(talk, ms=0, failure="espeak-ng is not installed.")
    assert only(talk.log, fx.Chime) == [fx.Chime("error")]
    assert any(SMOKE in note.text for note in only(talk.log, fx.Note))


def test_a_local_voice_that_hangs_holds_up_nobody_for_ever() -> None:
    talk = Talk(linked=False)
    talk.tell(local.SayRequested("one"))
    for _ in range(100):
        talk.wait(1.0)
    assert only(talk.log, fx.Chime) == [fx.Chime("error")]
    assert talk.machine.deadline_s is None
