"""The times that people feel, and nothing else that happens to sound."""

from __future__ import annotations

import pytest

from satellite.app.response_times import ResponseTimes
from satellite.conversation.events import Event, local, server

SOUND = bytes(960)
Story = list[tuple[float, Event]]


def seen(*story: tuple[float, Event]) -> dict[str, float]:
    times = ResponseTimes()
    for at_s, event in story:
        times.observe(event, at_s)
    return times.figures()


def test_from_the_end_of_the_words_to_the_first_sound_of_the_reply() -> None:
    assert seen(
        (1.0, server.SpeechStarted("u1")),
        (2.0, server.SpeechStopped("u1")),
        (2.5, server.ResponseCreated("r1")),
        (2.6, server.AudioDelta("r1", "i1", SOUND)),
        (2.7, server.AudioDelta("r1", "i2", SOUND)),
        (2.75, local.PlaybackStarted("i1")),
        (9.0, local.PlaybackStarted("i2")),
    ) == {"reply": 750.0}


@pytest.mark.parametrize("item", ["chime-1", "local-1", "fatal-error"])
def test_what_this_machine_sounds_by_itself_is_no_reply(item: str) -> None:
    story: Story = [
        (2.0, server.SpeechStopped("u1")),
        (2.1, local.PlaybackStarted(item)),
        (2.2, local.PlaybackFinished(item, 100.0)),
    ]
    assert seen(*story) == {}
    reply: Story = [(2.9, server.AudioDelta("r1", "i1", SOUND)), (3.0, local.PlaybackStarted("i1"))]
    assert seen(*story, *reply) == {"reply": 1000.0}


def test_an_announcement_answers_nobody() -> None:
    announced = server.ResponseCreated("r0", {"satellite": "say"})
    assert seen(
        (2.0, server.SpeechStopped("u1")),
        (2.1, announced),
        (2.2, server.AudioDelta("r0", "i0", SOUND)),
        (2.3, local.PlaybackStarted("i0")),
        (2.8, server.AudioDelta("r1", "i1", SOUND)),
        (4.0, local.PlaybackStarted("i1")),
    ) == {"reply": 2000.0}


def test_a_turn_that_is_taken_up_again_counts_from_its_last_end() -> None:
    assert seen(
        (2.0, server.SpeechStopped("u1")),
        (2.1, server.AudioDelta("r1", "i1", SOUND)),
        (2.2, server.SpeechStarted("u2")),
        (2.25, local.Flushed()),
        (2.3, local.PlaybackStarted("i1")),
        (5.0, server.SpeechStopped("u2")),
        (5.5, server.AudioDelta("r2", "i2", SOUND)),
        (5.6, local.PlaybackStarted("i2")),
    ) == {"reply": 600.0, "silence": 50.0}
