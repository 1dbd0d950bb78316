"""A provider that nobody has heard of is one entry of ``dialects.DIALECTS``, and nothing else.

The settings, the key, the link, the audio and the conversation are the real ones.
"""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from satellite.app.wiring import link_config
from satellite.conversation import commands
from satellite.conversation import effects as fx
from satellite.conversation.events import BYTES_PER_MS, Event
from satellite.conversation.events.local import (
    CallFinished,
    Flushed,
    HeardItem,
    LinkUp,
    PlaybackStarted,
)
from satellite.conversation.machine import Conversation
from satellite.conversation.profile import ConversationProfile
from satellite.core.errors import SettingsError
from satellite.realtime import dialects
from satellite.realtime.dialect import Dialect
from satellite.settings import load_settings
from tests.realtime.bench import Bench, running
from tests.realtime.scripted_server import Client, ScriptedServer

pytestmark = pytest.mark.usefixtures("no_settings")

ACME = Dialect(
    "acme",
    hosts=("127.0.0.1",),
    shape="beta",
    path="/talk",
    model_query="deployment",
    query=(("edition", "7"),),
    key_header="api-key",
    pcm_in_hz=16_000,
    pcm_out_hz=48_000,
    pcm_in_name="pcm16k",
    pcm_out_name="pcm48k",
    voice="zoe",
    transcription_model="scribe",
    nested_tools=True,
    omit=frozenset({"prefix_padding_ms", "input_audio_noise_reduction"}),
    unsupported=(commands.CancelResponse, commands.TruncateItem),
    update_repeats=("turn_detection",),
)
TOOL = commands.Tool("set_power", "Switch", {"type": "object"})
SENT_MS, REPLY_MS = 500, 400


@pytest.fixture(autouse=True)
def _one_entry_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects, "DIALECTS", {**dialects.DIALECTS, ACME.name: ACME})


def wire_ms(messages: list[dict[str, Any]], rate_hz: int) -> float:
    """How much 16-bit audio the messages carry."""
    return sum(len(base64.b64decode(one["audio"])) for one in messages) / (2 * rate_hz / 1000)


async def acme(client: Client) -> None:
    """A turn that calls a function, the reply to it, and somebody who interrupts the reply."""
    await client.accept()
    while wire_ms(client.received_of("input_audio_buffer.append"), 16_000) < 0.9 * SENT_MS:
        await client.receive("input_audio_buffer.append")
    for stage in ("speech_started", "speech_stopped", "committed"):
        await client.send(type=f"input_audio_buffer.{stage}", item_id="u1")
    await client.send(type="response.created", response={"id": "r1"})
    call = {"id": "f1", "type": "function_call", "call_id": "c1", "name": "set_power"}
    await client.send(
        type="response.output_item.done",
        response_id="r1",
        item={**call, "arguments": '{"on":true}', "status": "completed"},
    )
    await client.send(type="response.done", response={"id": "r1", "status": "completed"})
    await client.receive("response.create")
    await client.send(type="response.created", response={"id": "r2"})
    audio = base64.b64encode(bytes(REPLY_MS * 48 * 2)).decode()
    await client.send(type="response.audio.delta", response_id="r2", item_id="i2", delta=audio)
    await client.send(type="response.audio.done", response_id="r2", item_id="i2")
    await client.send(type="input_audio_buffer.speech_started", item_id="u2")
    await client.listen()


class Satellite:
    """The conversation behind a link, as the application joins them; the home says yes at once."""

    def __init__(self, bench: Bench) -> None:
        self.link = bench.link
        self.effects: list[fx.Effect] = []
        self._conversation = Conversation(
            ConversationProfile(echoes_metadata=bench.link.dialect.echoes_metadata)
        )

    def tell(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        for effect in self._conversation.handle(event, loop.time()):
            self.effects.append(effect)
            match effect:
                case fx.Send(epoch, command):
                    self.link.send(epoch, command)
                case fx.RunCall(call_id, epoch=epoch):
                    loop.call_soon(self.tell, CallFinished(call_id, epoch, '{"status":"done"}'))
                case fx.Play(item_id):
                    loop.call_soon(self.tell, PlaybackStarted(item_id))
                case fx.Flush():
                    heard = Flushed((HeardItem("i2", REPLY_MS / 2),))
                    loop.call_soon(self.tell, heard)

    def of(self, kind: type) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]


def settings_file(folder: Path, url: str) -> Path:
    path = folder / "satellite.toml"
    path.write_text(f'[realtime]\nurl = "{url}"\nmodel = "acme-1"\n')
    return path


def test_a_whole_session_with_a_provider_that_is_one_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SATELLITE_REALTIME__API_KEY", "acme-key")

    async def play() -> None:
        async with ScriptedServer(acme).open() as server:
            settings = load_settings(settings_file(tmp_path, server.url))
            async with running(link_config(settings)) as bench:
                satellite = Satellite(bench)
                taken = 0

                def sent() -> list[fx.Send]:
                    return satellite.of(fx.Send)

                def carried() -> bool:
                    """Hands over the link's events; true once the reply is to be truncated."""
                    nonlocal taken
                    for event in bench.events[taken:]:
                        satellite.tell(event)
                    taken = len(bench.events)
                    return any(isinstance(one.command, commands.TruncateItem) for one in sent())

                await bench.until(lambda: bench.link.ready)
                assert bench.of(LinkUp)
                bench.link.update_session(tools=(TOOL,))
                for _ in range(SENT_MS // 20):
                    assert bench.link.append(bytes(20 * BYTES_PER_MS))
                await bench.until(carried)
                bench.link.send(bench.link.epoch, commands.ClearInput())
                (client,) = server.clients
                await bench.until(lambda: client.received_of("input_audio_buffer.clear"))

            request = server.requests[0]
            assert request.path == "/talk?deployment=acme-1&edition=7"
            assert request.headers["api-key"] == "acme-key"
            first, later = (one["session"] for one in client.received_of("session.update"))
            assert first["input_audio_format"] == "pcm16k"
            assert first["output_audio_format"] == "pcm48k"
            assert first["voice"] == "zoe"
            assert first["input_audio_transcription"]["model"] == "scribe"
            assert "prefix_padding_ms" not in first["turn_detection"]
            assert "input_audio_noise_reduction" not in first
            assert set(later) == {"tools", "turn_detection"}
            assert later["tools"][0]["function"]["name"] == "set_power"

            (run,) = satellite.of(fx.RunCall)
            assert (run.name, json.loads(run.arguments)) == ("set_power", {"on": True})
            played = sum(len(one.audio) for one in satellite.of(fx.Play))
            assert played / BYTES_PER_MS == pytest.approx(REPLY_MS, abs=20)
            known = {"session.update", "input_audio_buffer.append", "input_audio_buffer.clear"}
            known |= {"conversation.item.create", "response.create"}
            assert {one["type"] for one in client.received} == known, "what it lacks is not sent"

    asyncio.run(play())


def test_the_settings_ask_for_its_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no API key for 127\.0\.0\.1"):
        load_settings(settings_file(tmp_path, "ws://127.0.0.1:9"))


def test_its_name_may_be_written_for_another_address(tmp_path: Path) -> None:
    path = tmp_path / "satellite.toml"
    path.write_text('[realtime]\nurl = "wss://acme.example"\ndialect = "acme"\n')
    config = link_config(load_settings(path, key_needed=False))
    assert dialects.dialect_for(config) is ACME
    assert ACME.address(config).startswith("wss://acme.example/talk?")
