"""What somebody on the broker asks for becomes what the conversation is told."""

from __future__ import annotations

from satellite.app.commands import CommandHandler
from satellite.app.control_store import ControlStore
from satellite.audio.capture.gate import Gate
from satellite.conversation.events import Event, local
from satellite.mqtt.own_entities import requests


class Board:
    """The broker's side, and a loudspeaker."""

    def __init__(self) -> None:
        self.volume = 70
        self.shown: list[object] = []

    def show(self, value: object) -> None:
        self.shown.append(value)


class Presenter:
    def __init__(self, board: Board) -> None:
        self._board = board

    def show(self, name: str, value: object) -> None:
        self._board.show(value)


class Scene:
    """A command handler, and what comes of its commands."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.answered = 0
        self.board = Board()
        self.gate = Gate("push", 1.0)
        self.commands = CommandHandler(
            shown=Presenter(self.board),
            gate=self.gate,
            speaker=self.board,
            controls=ControlStore(None, 70),
            clock=lambda: 0.0,
            on_event=self.told.append,
            on_listen=self._listens,
        )

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
    assert scene.board.volume == 70, "it changed what was sounding"


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
