"""A conversation for tests, with short names for what is told to it and what it does."""

from __future__ import annotations

from typing import Any

from satellite.conversation import effects as fx
from satellite.conversation.events import BYTES_PER_MS, Event, local, server
from satellite.conversation.machine import Conversation
from satellite.conversation.profile import ConversationProfile

MS = BYTES_PER_MS


class Talk:
    """A conversation with a clock of its own and short names for what is asked of it."""

    def __init__(self, profile: ConversationProfile | None = None, *, linked: bool = True) -> None:
        self.machine = Conversation(profile)
        self.now_s = 100.0
        self.log: list[fx.Effect] = []
        if linked:
            self.tell(local.LinkUp(1))

    def tell(self, *events: Event) -> list[fx.Effect]:
        effects: list[fx.Effect] = []
        for event in events:
            effects += self.machine.handle(event, self.now_s)
        self.log += effects
        return effects

    def wait(self, seconds: float) -> list[fx.Effect]:
        self.now_s += seconds
        return self.tell(local.Tick())

    def reply(self, response: str = "r1", item: str = "i1", ms: int = 1000) -> None:
        """A response that is being generated and has sent ``ms`` of audio."""
        self.tell(
            server.ResponseCreated(response),
            server.OutputItemAdded(response, server.ConversationItem(item, role="assistant")),
            server.AudioDelta(response, item, bytes(ms * MS)),
        )

    def end_reply(self, response: str = "r1", item: str = "i1") -> None:
        self.tell(server.AudioDone(response, item), server.ResponseDone(response, "completed"))

    def shows(self, state: fx.State) -> bool:
        """Whether this is the state that was shown last."""
        shown = [effect.state for effect in self.log if isinstance(effect, fx.ShowState)]
        return state is shown[-1]


def sent(effects: list[fx.Effect], kind: type[Any] | None = None) -> list[Any]:
    commands = [effect.command for effect in effects if isinstance(effect, fx.Send)]
    return [c for c in commands if kind is None or isinstance(c, kind)]


def only(effects: list[fx.Effect], kind: type[Any]) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


def call_item(
    call_id: str = "c1", status: str = "completed", arguments: str = "{}"
) -> server.ConversationItem:
    return server.ConversationItem(
        f"item_{call_id}",
        kind="function_call",
        status=status,
        call_id=call_id,
        name="set_power",
        arguments=arguments,
    )


def turn(talk: Talk, item: str = "u1") -> list[fx.Effect]:
    """Somebody says a sentence."""
    return talk.tell(
        server.SpeechStarted(item), server.SpeechStopped(item), server.InputCommitted(item)
    )


def sounds(effects: list[fx.Effect]) -> list[object]:
    """Chimes, and texts of the local voice."""
    heard: list[object] = []
    for effect in effects:
        if isinstance(effect, fx.Chime):
            heard.append(effect.name)
        if isinstance(effect, fx.SpeakLocally):
            heard.append(effect.text)
    return heard


def later(talk: Talk, seconds: float = 90.0) -> list[fx.Effect]:
    return [effect for _ in range(int(seconds * 2)) for effect in talk.wait(0.5)]


def speak(talk: Talk, failure: str = "") -> str:
    """The local voice does what it was asked for last."""
    item_id = str(only(talk.log, fx.SpeakLocally)[-1].item_id)
    if not failure:
        talk.tell(local.LocalAudio(item_id, bytes(900 * MS)))
    talk.tell(local.LocalSpeechEnded(item_id, failure))
    return item_id
