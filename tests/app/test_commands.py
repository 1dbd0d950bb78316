"""What somebody on the broker asks for becomes what the conversation is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from satellite.app.commands import CommandHandler
from satellite.app.control_store import ControlStore
from satellite.audio.capture.gate import Gate
from satellite.audio.capture.push_to_talk import PushToTalk
from satellite.conversation.events import Event, local
from satellite.mqtt.own_entities import requests


class Speaker:
    volume = 70


class Scene:
    """A command handler, and what comes of its commands."""

    def __init__(self, folder: Path | None = None, push_to_talk: PushToTalk | None = None) -> None:
        self.told: list[Event] = []
        self.shown: list[tuple[str, object]] = []
        self.answered = 0
        self.speaker = Speaker()
        self.gate = Gate("push", 1.0)
        self.folder = folder
        self.commands = CommandHandler(
            shown=self,
            gate=self.gate,
            speaker=self.speaker,
            controls=ControlStore(folder, 70),
            clock=lambda: 0.0,
            on_event=self.told.append,
            on_mute=self._mute,
            on_listen=self._listens,
            push_to_talk=push_to_talk,
        )

    def show(self, name: str, value: object) -> None:
        if self.folder is not None:
            kept = ControlStore(self.folder, 70)
            self.shown.append((name, value == getattr(kept, "muted" if name == "mute" else name)))
        else:
            self.shown.append((name, value))

    def _mute(self, muted: bool) -> None:
        self.gate.muted = muted

    def _listens(self) -> None:
        self.answered += 1


def test_an_announcement_takes_its_volume_its_chime_and_its_answer_with_it() -> None:
    scene = Scene()
    scene.commands.handle(requests.Say("Smoke", 20, chime=True, listen=True))
    scene.commands.handle(requests.Say("Dinner"))
    assert scene.told == [
        local.SayRequested("Smoke", volume=20, chime=True, listen=True),
        local.SayRequested("Dinner"),
    ]
    assert scene.speaker.volume == 70, "it changed what was sounding"


def test_at_the_spending_limit_it_is_the_conversation_that_decides() -> None:
    scene = Scene()
    scene.gate.locked = "the daily limit is reached"
    scene.commands.handle(requests.Say("Smoke"))
    scene.commands.handle(requests.Ask("Is it cold?"))
    assert scene.told == [local.SayRequested("Smoke"), local.AskRequested("Is it cold?")]


def test_the_button_is_answered_whether_or_not_it_may_listen() -> None:
    scene = Scene()
    scene.commands.handle(requests.Listen())
    assert (scene.answered, scene.gate.passes(1.0)) == (1, True)
    scene.gate.muted = True
    scene.commands.handle(requests.Listen())
    assert (scene.answered, scene.gate.passes(1.0)) == (2, False)


def test_mute_and_volume_are_shown_as_they_were_left() -> None:
    assert Scene().shown == [("mute", False), ("volume", 70)]


@pytest.mark.parametrize("muted", [True, False])
def test_a_mute_closes_the_gate_and_is_shown_and_told(muted: bool) -> None:
    scene = Scene()
    scene.gate.muted = not muted
    scene.commands.handle(requests.Mute(muted))
    assert scene.gate.muted is muted
    assert scene.shown[-1] == ("mute", muted)
    assert scene.told == [local.MuteSet(muted)]


def test_a_mute_is_on_the_disk_before_it_is_shown(tmp_path: Path) -> None:
    """Whoever saw that it is muted may pull the plug in the next moment."""
    scene = Scene(tmp_path)
    scene.shown.clear()
    scene.commands.handle(requests.Mute(muted=True))
    assert scene.shown == [("mute", True)]


def test_a_volume_is_set_shown_and_kept(tmp_path: Path) -> None:
    scene = Scene()
    scene.commands.handle(requests.Volume(30))
    assert scene.speaker.volume == 30
    assert scene.shown[-1] == ("volume", 30)
    assert scene.told == []
    Scene(tmp_path).commands.handle(requests.Volume(30))
    assert ControlStore(tmp_path, 70).volume == 30


def test_stop_is_told() -> None:
    scene = Scene()
    scene.commands.handle(requests.Stop())
    assert scene.told == [local.StopPressed()]


def test_the_button_counts_as_a_word_to_it_but_does_not_unmute() -> None:
    scene = Scene()
    scene.commands.handle(requests.Listen())
    assert scene.told == [local.Addressed()]
    scene.gate.muted = True
    scene.commands.handle(requests.Listen())
    assert scene.told == [local.Addressed()]
    assert scene.gate.muted


def test_a_button_that_was_held_when_it_was_muted_opens_nothing_after_it() -> None:
    turns: list[str] = []
    detector = PushToTalk(
        silence_ms=500, on_begin=lambda: turns.append("begin"), on_end=lambda _: None
    )
    scene = Scene(push_to_talk=detector)
    scene.commands.handle(requests.Listen(held=True))
    detector.hear(passes=True, sounds=True, speaking=False)
    scene.commands.handle(requests.Mute(muted=True))
    detector.cancel()  # as the capture pipeline does; the release is lost
    scene.commands.handle(requests.Mute(muted=False))
    detector.hear(passes=True, sounds=False, speaking=False)
    assert not detector.active
    assert turns == ["begin"]
