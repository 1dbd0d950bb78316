"""What the room hears when somebody says the wake word or presses the listen button."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from satellite.app.activation import Activation, wake_word_of
from satellite.audio.wake.detector import WakeWordModel
from satellite.conversation.events import Event, local

WORD = WakeWordModel("hey mycroft", Path("hey_mycroft.json"))
CHUNK = bytes(960)


@dataclass
class Scene:
    """A wake word that is heard in every chunk, if any, and what becomes of it."""

    ready: bool = True
    shut: bool = False
    sounding: bool = False
    word: WakeWordModel | None = WORD
    chimes: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    retries: int = 0

    @property
    def words(self) -> tuple[WakeWordModel, ...]:
        return (WORD,)

    def load(self) -> None:
        """The models are there."""

    def process(self, _chunk: bytes) -> WakeWordModel | None:
        return self.word

    def retry_now(self) -> None:
        self.retries += 1

    @property
    def activation(self) -> Activation:
        return Activation(
            self,
            link=cast("Any", self),
            speaker=cast("Any", SimpleNamespace(sounding=self.sounding)),
            shut=lambda: self.shut,
            on_event=self.events.append,
            chime=self.chimes.append,
        )


def test_the_wake_word_is_passed_on_without_a_sound_that_would_fall_into_the_command() -> None:
    scene = Scene()
    assert scene.activation.detect(CHUNK) is WORD.lag
    assert scene.events == [local.Addressed()]
    assert scene.chimes == []


def test_a_chunk_without_the_wake_word_is_nothing() -> None:
    scene = Scene(word=None)
    assert scene.activation.detect(CHUNK) is None
    assert scene.events == []


def test_whoever_waits_after_the_wake_word_hears_that_it_listens() -> None:
    scene = Scene()
    scene.activation.waiting()
    assert scene.chimes == ["listening"]


def test_the_wake_word_lowers_an_announcement() -> None:
    scene = Scene(sounding=True)
    scene.activation.detect(CHUNK)
    scene.activation.waiting()
    assert scene.events == [local.Addressed(), local.VoiceOnset(local.Certainty.SURE)]
    assert scene.chimes == []


@pytest.mark.parametrize("why", ["ready", "shut"])
def test_whoever_speaks_in_vain_is_told_and_the_server_tried_at_once(why: str) -> None:
    scene = Scene(ready=why != "ready", shut=why == "shut")
    scene.activation.detect(CHUNK)
    assert scene.events == [local.Addressed(), local.AddressedWhileUnavailable("wake word")]
    assert (scene.chimes, scene.retries) == ([], 1)
    scene.activation.waiting()
    assert len(scene.events) == 2, "it was said already"


def test_the_button_is_answered_in_the_same_way() -> None:
    scene = Scene()
    scene.activation.respond("button")
    assert (scene.chimes, scene.events) == (["listening"], [])
    scene.shut = True
    scene.activation.respond("button")
    assert scene.events == [local.AddressedWhileUnavailable("button")]


def test_only_the_mode_wake_has_a_wake_word() -> None:
    assert wake_word_of("open", ("alexa",)) is None
    assert wake_word_of("push", ("alexa",)) is None
    assert wake_word_of("wake", ("alexa",)) is not None
