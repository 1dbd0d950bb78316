"""When the model is told the time, and how it reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from satellite.conversation import commands
from satellite.conversation.clock import TOLD_FOR_S, text_of
from satellite.conversation.events import local, server
from satellite.conversation.machine import Conversation
from tests.conversation.talk import Talk, sent, turn

BERLIN = ZoneInfo("Europe/Berlin")


class Scene(Talk):
    """A talk whose wall clock runs with the other one, until it is set."""

    def __init__(self, start: datetime) -> None:
        super().__init__(linked=False)
        self.start = start
        self.machine = Conversation(wall=self.wall)
        self.tell(local.LinkUp(1))

    def wall(self) -> datetime:
        passed = timedelta(seconds=self.now_s - 100.0)
        return (self.start.astimezone(UTC) + passed).astimezone(self.start.tzinfo)

    def told(self, item: str) -> list[str]:
        """What the model is told when somebody takes a turn, and finds no answer to it."""
        effects = turn(self, item)
        self.wait(30)
        self.now_s -= 30
        return [command.text for command in sent(effects, commands.SendSystemText)]


def test_it_is_told_once_at_the_beginning_and_again_after_a_while() -> None:
    scene = Scene(datetime(2026, 12, 1, 2, 10, tzinfo=BERLIN))
    assert scene.told("u1") == ["It is Tuesday, 2026-12-01, 02:10 (UTC+01:00, CET)."]
    assert scene.told("u2") == []
    scene.now_s += TOLD_FOR_S
    assert scene.told("u3") == ["It is Tuesday, 2026-12-01, 02:20 (UTC+01:00, CET)."]
    scene.tell(local.LinkDown(1), local.LinkUp(2))
    assert len(scene.told("u4")) == 1, "a new session knows nothing"


def test_it_comes_before_the_turn_and_only_then() -> None:
    scene = Scene(datetime(2026, 12, 1, 2, 10, tzinfo=BERLIN))
    assert not sent(scene.log)
    assert sent(scene.tell(server.SpeechStarted("u1")), commands.SendSystemText)
    assert not sent(scene.tell(server.SpeechStopped("u1")), commands.SendSystemText)


def test_a_typed_question_knows_the_time_too() -> None:
    scene = Scene(datetime(2026, 12, 1, 2, 10, tzinfo=BERLIN))
    first, second, *_ = sent(scene.tell(local.AskRequested("What day is it?")))
    assert isinstance(first, commands.SendSystemText)
    assert isinstance(second, commands.SendUserText)


def test_a_clock_that_was_set_and_the_end_of_summer_time_are_told_at_once() -> None:
    scene = Scene(datetime(2026, 10, 25, 2, 58, tzinfo=BERLIN))
    assert scene.told("u1") == ["It is Sunday, 2026-10-25, 02:58 (UTC+02:00, CEST)."]
    scene.now_s += 180
    assert scene.told("u2") == ["It is Sunday, 2026-10-25, 02:01 (UTC+01:00, CET)."]
    scene.start += timedelta(days=3)
    assert len(scene.told("u3")) == 1


def test_a_clock_that_was_never_set_tells_nothing() -> None:
    scene = Scene(datetime(1970, 1, 1, 0, 3, tzinfo=UTC))
    assert scene.told("u1") == []
    scene.start = datetime(2026, 12, 1, 2, 10, tzinfo=UTC)
    assert len(scene.told("u2")) == 1


def test_zones_without_a_name_and_clocks_without_a_zone() -> None:
    named = datetime(2026, 12, 1, 2, 10, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert text_of(named) == "It is Tuesday, 2026-12-01, 02:10 (UTC-03:30)."
    assert text_of(datetime(2026, 12, 1, 2, 10)) == "It is Tuesday, 2026-12-01, 02:10."
