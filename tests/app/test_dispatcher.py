"""Effects are carried out in order, also when a part reports an event from within one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from satellite.app.dispatcher import EffectDispatcher
from satellite.conversation import effects as fx
from satellite.conversation.commands import Command, TruncateItem
from satellite.conversation.events import local, server
from satellite.conversation.machine import Conversation


class Parts:
    """Every part at once; the loudspeaker answers a flush at once, from within the effect."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.dispatcher: EffectDispatcher | None = None

    def play(self, item_id: str, audio: bytes, volume: int | None = None) -> None:
        loud = "" if volume is None else f" at {volume}"
        self.log.append(f"play {item_id} {len(audio)}{loud}")

    def end(self, item_id: str) -> None:
        self.log.append(f"end {item_id}")

    def flush(self) -> None:
        assert self.dispatcher is not None
        self.dispatcher.handle(local.Flushed((local.HeardItem("i1", 7.0),)))
        self.log.append("flush")

    def duck(self, gain: float) -> None:
        self.log.append(f"duck {gain}")

    def expect(self) -> None:
        self.log.append("expect")

    def send(self, epoch: int, command: Command) -> bool:
        cut = f" {command.audio_end_ms}" if isinstance(command, TruncateItem) else ""
        self.log.append(f"send {epoch} {type(command).__name__}{cut}")
        return True

    def run(self, call: fx.RunCall) -> None:
        self.log.append(f"run {call.name}")

    def state(self, state: fx.State) -> None:
        self.log.append(state.value)

    def heard(self, heard: fx.ShowHeard) -> None:
        self.log.append(f"heard {heard.text}")

    def said(self, said: fx.ShowSaid) -> None:
        self.log.append(f"said {said.heard_ms}")

    def event(self, kind: str, facts: Mapping[str, Any]) -> None:
        self.log.append(f"event {kind}")

    def speaking(self, on: bool, text: str) -> None:
        """Told to other satellites."""

    def recycle(self) -> None:
        self.log.append("new session")

    def reply(self, reply: fx.ShowReply) -> None:
        self.log.append(f"reply {reply.status}")

    def call(self, call: fx.ShowCall) -> None:
        self.log.append(f"call {call.name}")

    def pause_listening(self, on: bool) -> None:
        self.log.append(f"pause listening {on}")

    def require_wake_word(self, on: bool) -> None:
        self.log.append(f"require wake word {on}")

    def spent(self, usage: server.AnyUsage) -> None:
        self.log.append("spent")

    def chime(self, name: fx.ChimeName, volume: int | None = None) -> None:
        self.log.append(f"chime {name}" if volume is None else f"chime {name} at {volume}")

    def problem(self, source: str, reason: str) -> None:
        self.log.append(f"problem {source} {bool(reason)}")

    def open_microphone(self) -> None:
        self.log.append("open microphone")

    def follow_up(self, follow_up: fx.FollowUp) -> None:
        self.log.append(f"follow up {follow_up.how}")

    def speak(self, item_id: str, text: str) -> None:
        self.log.append(f"speak {item_id} {text}")

    def stop(self, item_id: str) -> None:
        self.log.append(f"stop {item_id}")


def directed(loop: asyncio.AbstractEventLoop) -> tuple[EffectDispatcher, Parts]:
    parts = Parts()
    dispatcher = EffectDispatcher(
        Conversation(),
        playback=parts,
        link=parts,
        tools=parts,
        status=parts,
        local_voice=parts,
        chime=parts.chime,
        spent=parts.spent,
        loop=loop,
    )
    parts.dispatcher = dispatcher
    return dispatcher, parts


def test_an_answer_from_within_an_effect_waits_until_the_step_is_complete() -> None:
    async def scene() -> list[str]:
        dispatcher, parts = directed(asyncio.get_running_loop())
        dispatcher.handle(local.LinkUp(1))
        dispatcher.handle(server.AudioDelta("r1", "i1", bytes(960)))
        parts.log.clear()
        dispatcher.handle(server.SpeechStarted("u1"))
        dispatcher.close()
        return parts.log

    assert asyncio.run(scene()) == [
        "flush",
        "send 1 CancelResponse",
        "expect",
        "hearing",
        "send 1 TruncateItem 7",
        "said 7",
    ]


def test_an_announcement_without_a_server_goes_to_the_synthesiser_and_back() -> None:
    async def scene() -> list[str]:
        dispatcher, parts = directed(asyncio.get_running_loop())
        dispatcher.handle(local.SayRequested("Smoke", volume=20, chime=True, listen=True))
        dispatcher.handle(local.LocalAudio("local-1", bytes(960)))
        dispatcher.handle(local.LocalSpeechEnded("local-1"))
        dispatcher.handle(local.PlaybackFinished("local-1", 20.0))
        dispatcher.handle(local.SayRequested("Fire"))
        dispatcher.handle(local.StopPressed())
        dispatcher.close()
        return parts.log

    assert [line for line in asyncio.run(scene()) if line != "expect"] == [
        "speak local-1 Smoke",
        "starting",
        "chime done at 20",
        "play local-1 960 at 20",
        "speaking",
        "end local-1",
        "said 20",
        "starting",
        "open microphone",
        "speak local-2 Fire",
        "said 0",
        "stop local-2",
    ]


def test_deadlines_ring_by_themselves() -> None:
    async def scene() -> list[str]:
        dispatcher, parts = directed(asyncio.get_running_loop())
        dispatcher.handle(local.LinkUp(1))
        dispatcher.handle(server.AudioDelta("r1", "i1", bytes(960)))
        dispatcher.handle(local.VoiceOnset())
        async with asyncio.timeout(10):
            while "duck 1.0" not in parts.log:
                await asyncio.sleep(0.05)
        dispatcher.close()
        return parts.log

    assert "duck 0.5" in asyncio.run(scene())
